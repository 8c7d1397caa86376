import type { Browser, Page } from 'playwright-core';

interface Sight {
  shownAt?: number;
  goneAt?: number;
}

/** A reader with the front page of an edition open, and when its ticker showed a line and lost it. */
export class ReaderScreen {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(browser: Browser, feedUrl: string, edition: string): Promise<ReaderScreen> {
    const page = await browser.newPage();
    await page.goto(`${feedUrl}/?edition=${encodeURIComponent(edition)}`);
    // A ticker without a line is not visible.
    await page.locator('.ticker[data-state=live]').first().waitFor({ state: 'attached' });
    await page.evaluate(() => {
      const sights: Record<string, Sight> = {};
      Object.assign(globalThis, { sights });
      const look = () => {
        const text = document.querySelector('breaking-ticker')?.shadowRoot?.textContent ?? '';
        const now = performance.timeOrigin + performance.now();
        for (const [line, sight] of Object.entries(sights))
          if (text.includes(line)) {
            sight.shownAt ??= now;
            delete sight.goneAt;
          } else if (sight.shownAt !== undefined) sight.goneAt ??= now;
        requestAnimationFrame(look);
      };
      look();
    });
    return new ReaderScreen(page);
  }

  /** Begins to watch for a line, and forgets when it was seen before. */
  watch(line: string): Promise<void> {
    return this.#page.evaluate((text) => {
      (globalThis as unknown as { sights: Record<string, Sight> }).sights[text] = {};
    }, line);
  }

  /** When the ticker showed the line, ms since 1970. */
  shown(line: string, timeoutMs = 15_000): Promise<number> {
    return this.#when(line, 'shownAt', timeoutMs);
  }

  /** When the ticker had lost the line, ms since 1970. */
  gone(line: string): Promise<number> {
    return this.#when(line, 'goneAt', 15_000);
  }

  async hasShown(line: string): Promise<boolean> {
    return this.#page.evaluate(
      (text) => (globalThis as unknown as { sights: Record<string, Sight> }).sights[text]?.shownAt !== undefined,
      line,
    );
  }

  close(): Promise<void> {
    return this.#page.close();
  }

  async #when(line: string, what: 'shownAt' | 'goneAt', timeout: number): Promise<number> {
    const handle = await this.#page.waitForFunction(
      ([text = '', at]) =>
        (globalThis as unknown as { sights: Record<string, Sight> }).sights[text]?.[at === 'goneAt' ? at : 'shownAt'],
      [line, what],
      { timeout },
    );
    return Number(await handle.jsonValue());
  }
}
