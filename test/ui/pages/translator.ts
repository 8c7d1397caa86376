import type { Page } from 'playwright-core';

/**
 * Translates a page as browsers do: each text node gives way to `<font><font>..</font></font>` and is detached, now and
 * whenever text comes in, in shadow roots too. What stands translated is in « ».
 */
export function translate(page: Page): Promise<void> {
  return page.evaluate(() => {
    const skipped = 'script, style, textarea, font';
    const observer = new MutationObserver((records) => {
      for (const { type, target, addedNodes } of records)
        for (const node of type === 'childList' ? addedNodes : [target]) all(node);
    });
    const one = (text: Text) => {
      if (!text.isConnected || text.data === '' || text.parentElement?.closest(skipped)) return;
      const [outer, inner] = [document.createElement('font'), document.createElement('font')];
      inner.append(text.data.trim() === '' ? text.data : `«${text.data}»`);
      outer.append(inner);
      text.replaceWith(outer);
    };
    const all = (node: Node) => {
      if (node instanceof Text) return one(node);
      const root = node instanceof Element && node.shadowRoot;
      if (root) watch(root);
      for (const child of [...node.childNodes]) all(child);
    };
    const watch = (root: Node) => {
      observer.observe(root, { subtree: true, childList: true, characterData: true });
      all(root);
    };
    const { attachShadow } = Element.prototype;
    Element.prototype.attachShadow = function (init) {
      const root = attachShadow.call(this, init);
      watch(root);
      return root;
    };
    watch(document.body);
  });
}
