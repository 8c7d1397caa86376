import type { Page } from 'playwright-core';
import { BenchError } from '../process/bench-error.ts';

/** What every browser's own controls take, so no page has to show it. */
export type ControlKey = 'Tab' | 'Shift+Tab' | 'ArrowLeft' | 'ArrowRight' | 'ArrowDown' | 'Enter';

/** A person without a mouse, who presses only keys that are on the screen, and those of the browser's own controls. */
export class Hands {
  readonly #page: Page;
  #pressed: string[] = [];
  #beganAt = 0;

  constructor(page: Page) {
    this.#page = page;
  }

  /** When the first of these keys was pressed, ms since 1970. */
  get beganAt(): number {
    return this.#beganAt;
  }

  /** The keys since the last call. */
  take(): readonly string[] {
    const pressed = this.#pressed;
    this.#pressed = [];
    return pressed;
  }

  /** Types text, which is not counted. */
  type(text: string): Promise<void> {
    return this.#page.keyboard.type(text);
  }

  /** Waits until the screen shows the key, and presses it. */
  async press(key: string): Promise<void> {
    await this.#page.waitForFunction(isOnScreen, key, { timeout: 5_000 }).catch(() => {
      throw new BenchError(`the screen does not show the key ${key}`);
    });
    await this.#send(key);
  }

  async control(key: ControlKey): Promise<void> {
    const isControl = await this.#page.evaluate(() =>
      document.activeElement?.matches('button, summary, a, input, select, textarea'),
    );
    if (key === 'Enter' && !isControl) throw new BenchError('Enter is for a focused control');
    await this.#send(key);
  }

  /** Moves the focus with Tab or Shift+Tab until it is there. */
  async tabTo(selector: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    for (let presses = 0; presses < 20; presses++) {
      await this.control(key);
      if (await this.isAt(selector)) return;
    }
    throw new BenchError(`20 times ${key} do not lead to ${selector}`);
  }

  isAt(selector: string): Promise<boolean> {
    return this.#page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
  }

  async untilAt(selector: string): Promise<void> {
    await this.#page.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector, { timeout: 5_000 });
  }

  async #send(key: string): Promise<void> {
    if (this.#pressed.length === 0) this.#beganAt = Date.now();
    this.#pressed.push(key);
    await this.#page.keyboard.press(key.replace('Ctrl', 'Control').replace('Esc', 'Escape'));
  }
}

/** Whether a text in the window names the key: not as a part of another one, as Enter is of Ctrl+Enter. */
function isOnScreen(key: string): boolean {
  const named = new RegExp(`(?<![\\w+])${key.replaceAll('+', '\\+')}(?![\\w+])`);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const { currentNode } = texts;
    // A key may be spread over several texts: "Alt+" and "1".
    const parent = currentNode.parentElement;
    if (!parent || !named.test(parent.textContent ?? '')) continue;
    range.selectNodeContents(currentNode);
    const { width, height, top, bottom, left, right } = range.getBoundingClientRect();
    const isInWindow = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
    if (width > 1 && height > 1 && isInWindow && parent.checkVisibility({ visibilityProperty: true })) return true;
  }
  return false;
}
