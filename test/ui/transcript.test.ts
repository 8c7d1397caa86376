import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { UsableItem } from '../../src/item/item.ts';
import { createPages, type Pages } from '../../src/ui/server/pages.ts';
import { FakeFeed } from '../client/fake-feed.ts';
import { itemAt, itemFrame, removal, resumed, snapshot } from '../client/frames.ts';
import { site } from '../resources/site.ts';
import { countFrames, visit } from './browser.ts';
import { useBuiltPages } from './built-pages.ts';
import { hostPage } from './host-page.ts';
import { linesOf } from './lines.ts';
import { noNews } from './no-news.ts';

const built = useBuiltPages();
let pages: Pages;

beforeAll(() => {
  pages = createPages({ publicDir: built.publicDir, site, news: noNews, onError: () => {} });
});

const start = Date.parse('2026-03-01T12:00:00Z');

/** Writes down what the live regions say, and the button for what waits, with the second at which they say it. */
function listen(page: Page): Promise<void> {
  return page.evaluate((from) => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    const root = document.querySelector('breaking-ticker')?.shadowRoot;
    for (const node of root?.querySelectorAll<HTMLElement>('[aria-live], .waiting') ?? []) {
      let shown = '';
      new MutationObserver(() => {
        const region = node.getAttribute('aria-live');
        const text = node.checkVisibility() ? node.textContent : '';
        const isNew = text !== '' && (region !== null || text !== shown);
        shown = text;
        const seconds = String(Math.round((Date.now() - from) / 1000)).padStart(3);
        if (isNew) heard.push(`${seconds} s  ${region ?? 'button'}  ${text}`);
      }).observe(node, { childList: true, characterData: true, subtree: true });
    }
  }, start);
}

/** Five arrivals, the third a flash and the last two at once; a refile, a correction, a retraction; a minute offline. */
class Story {
  readonly #feed: FakeFeed;
  readonly #page: Page;
  readonly #lines: readonly UsableItem[];
  #seq = 10;

  constructor(feed: FakeFeed, page: Page, lines: readonly UsableItem[]) {
    this.#feed = feed;
    this.#page = page;
    this.#lines = lines;
  }

  async arrive(line: number, urgency: UsableItem['urgency'] = 'urgent'): Promise<void> {
    const seq = ++this.#seq;
    this.#send(itemFrame(seq, seq - 1, this.#item(seq, line, { urgency })));
    await this.#drawn(seq, 1);
  }

  async change(place: number, line: number, version: number, change: 'refile' | 'corrected'): Promise<void> {
    const seq = ++this.#seq;
    const correction = { kind: change, ...(change === 'corrected' && { note: '3.25 → 3.5' }) } as const;
    this.#send(itemFrame(seq, seq - 1, this.#item(place, line, { version, correction }), change));
    await this.#drawn(place, version);
  }

  async retract(place: number, version: number, notice: string): Promise<void> {
    const seq = ++this.#seq;
    this.#send(removal(seq, seq - 1, `item-${place}`, version, { notice }));
    await this.#page.locator(`breaking-ticker .withdrawn[data-id=item-${place}]`).waitFor({ state: 'attached' });
  }

  /** Three lines and a withdrawal come meanwhile. */
  async beAwayForAMinute(notice: string): Promise<void> {
    const known = this.#feed.readers.length;
    this.#feed.readers.at(-1)?.socket.terminate();
    await this.#page.locator('.ticker[data-state=offline]').waitFor({ state: 'attached' });
    await this.#page.clock.fastForward(60_000);
    const back = await this.#feed.reader(known);
    back.send(resumed(this.#seq, 4));
    for (const line of [0, 1, 2]) await this.arrive(line);
    await this.retract(this.#seq - 2, 2, notice);
  }

  #send(frame: object): void {
    this.#feed.readers.at(-1)?.send(frame);
  }

  #item(place: number, line: number, more: Partial<UsableItem>): UsableItem {
    const { id, ...item } = this.#lines[line] ?? itemAt(1);
    return { ...item, ...more, id: `item-${place}`, place };
  }

  async #drawn(place: number, version: number): Promise<void> {
    const drawn = `breaking-ticker [data-id=item-${place}][data-version="${version}"]`;
    await this.#page.locator(drawn).waitFor({ state: 'attached' });
  }
}

describe('a screen reader', () => {
  test.each([
    ['en', 'A line about the rate was withdrawn.'],
    ['ar', 'سُحب خبر عن سعر الفائدة.'],
    ['es', 'Se ha retirado una línea sobre el tipo.'],
  ])('a screen reader in %s speaks the recorded transcript of two busy minutes', async (edition, notice) => {
    const tag = `<breaking-ticker edition="${edition}" time-zone="UTC" open></breaking-ticker>`;
    await using feed = await FakeFeed.start(
      hostPage(tag, (request, response) => {
        if (!pages.handleRequest(request, response)) response.writeHead(404).end();
      }),
    );
    feed.welcomeWith((query) =>
      query.has('since') ? null : snapshot(10, [], { retry: { afterMs: 0, withinMs: 50 }, beatMs: 600_000 }),
    );
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    // It runs until it is paused: from a minute before.
    await page.clock.install({ time: new Date(new Date(start).getTime() - 60_000) });
    await page.clock.pauseAt(start);
    await page.goto(`${feed.url}/host`);
    await page.locator('.ticker[data-state=live]').waitFor({ state: 'attached' });
    await listen(page);
    const story = new Story(feed, page, linesOf(edition));
    await page.clock.runFor(1_000);
    await story.arrive(0);
    await page.clock.runFor(1_000);
    await story.arrive(1);
    await page.clock.runFor(1_000);
    await story.arrive(2, 'flash');
    await page.clock.runFor(7_000);
    await story.arrive(3);
    await story.arrive(0);
    await page.clock.runFor(10_000);
    await story.change(14, 3, 2, 'refile');
    await page.clock.runFor(5_000);
    await story.change(11, 0, 2, 'corrected');
    await page.clock.runFor(5_000);
    await story.retract(12, 2, notice);
    await page.clock.runFor(10_000);
    await story.beAwayForAMinute(notice);
    await page.clock.runFor(10_000);
    const heard = await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);
    await expect(`${heard.join('\n')}\n`).toMatchFileSnapshot(`transcripts/${edition}.txt`);
    expect(visited.faults).toEqual([]);
  });

  test('a screen reader speaks the recorded transcript while a paused ticker holds a line', async () => {
    await using feed = await FakeFeed.start(
      hostPage('<breaking-ticker edition="en" time-zone="UTC"></breaking-ticker>', (request, response) => {
        if (!pages.handleRequest(request, response)) response.writeHead(404).end();
      }),
    );
    const line = (place: number, more: Partial<UsableItem> = {}) =>
      itemAt(place, { publishedAt: new Date(start).toISOString(), updatedAt: new Date(start).toISOString(), ...more });
    feed.welcomeWith(() => snapshot(10, [line(1)], { beatMs: 600_000 }));
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    const taken = await countFrames(page);
    await page.clock.install({ time: start - 60_000 });
    await page.clock.pauseAt(start);
    await page.goto(`${feed.url}/host`);
    const ticker = page.locator('breaking-ticker');
    await ticker.locator('.current').waitFor();
    await listen(page);
    const send = (frame: object) => feed.readers.at(-1)?.send(frame);
    const frames: readonly [frame: object, drawn: string][] = [
      [itemFrame(11, 10, line(11, { urgency: 'update' })), '.current[data-id=item-11]'],
      [itemFrame(12, 11, line(12, { urgency: 'flash' })), '.waiting:text("1 flash")'],
      [itemFrame(13, 12, line(13)), '.waiting:text("1 flash")'],
      [
        itemFrame(
          14,
          13,
          line(11, { version: 2, urgency: 'update', headline: 'Put right', correction: { kind: 'corrected' } }),
          'corrected',
        ),
        '.current[data-version="2"]',
      ],
      [removal(15, 14, 'item-12', 2, { notice: 'The report of a flash was wrong.' }), '.waiting:text("1 new")'],
      [removal(16, 15, 'item-11', 3, { notice: 'A report was wrong.' }), '.current.withdrawn'],
    ];
    for (const [index, [frame, drawn]] of frames.entries()) {
      await page.clock.runFor(5_000);
      send(frame);
      // A line that waits behind a flash changes nothing to see.
      await expect.poll(taken).toBe(index + 2);
      await ticker.locator(drawn).waitFor();
      if (index === 0) await page.getByRole('button', { name: 'Pause', exact: true }).click();
    }
    await page.clock.runFor(10_000);
    const heard = await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);
    await expect(`${heard.join('\n')}\n`).toMatchFileSnapshot('transcripts/paused.txt');
    expect(visited.faults).toEqual([]);
  });
});
