import type { Page } from 'playwright-core';

/**
 * Notes for every element that a page adds when the frame that shows it has been handed to the screen, in ms since 1970: in the
 * global `paints`, by the value of its attribute `name`.
 */
export function watchPaints(page: Page, name: 'id' | 'data-id'): Promise<void> {
  return page.evaluate((name) => {
    const paints: Record<string, number> = {};
    Object.assign(globalThis, { paints });
    const note = (id: string) =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          paints[id] ??= performance.timeOrigin + performance.now();
        };
        port2.postMessage(null);
      });
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const node of addedNodes) {
          const id = node instanceof HTMLElement && node.getAttribute(name);
          if (id) note(id);
        }
    }).observe(document.body, { childList: true, subtree: true });
  }, name);
}
