import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { UsableItem } from '../../../src/item/item.ts';
import { createPages, type Pages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { itemAt, itemFrame, removal, snapshot } from '../../client/frames.ts';
import { site, siteEdition } from '../../resources/site.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { hostPage } from '../host-page.ts';
import { noNews } from '../no-news.ts';

const built = useBuiltPages();
let pages: Pages;

const noon = '2026-03-01T12:00:00.000Z';

beforeAll(() => {
  const edition = siteEdition('en', { timeZone: 'Asia/Tokyo', maxAgeHours: 6, flashMinutes: 10 });
  const own = { ...site, editions: [edition], site: { ...site.site, colors: { flash: '#ffd400' } } };
  pages = createPages({ publicDir: built.publicDir, site: own, news: noNews, onError: () => {} });
});

/** A line of noon, by Reuters, without an article. */
const line = (place: number, more: Partial<UsableItem> = {}) =>
  itemAt(place, { publishedAt: noon, updatedAt: noon, ...more });
const flash = (place: number) => line(place, { urgency: 'flash', publishedAt: noon });

/** The tickers of `body` in a browser whose clock is stopped at noon, on a feed that starts with these lines. */
async function open(body: string, items: readonly UsableItem[], options: BrowserContextOptions = {}) {
  const feed = await FakeFeed.start(
    hostPage(body, (request, response) => {
      if (!pages.handleRequest(request, response)) response.writeHead(404).end();
    }),
  );
  feed.welcomeWith(() => snapshot(10, items, { retry: { afterMs: 0, withinMs: 50 }, beatMs: 9_000_000 }));
  const visited = await visit(built.browser, 'about:blank', options);
  const { page } = visited;
  await page.clock.install({ time: Date.parse(noon) - 60_000 });
  await page.clock.pauseAt(noon);
  await page.goto(`${feed.url}/host`);
  await page.locator('breaking-ticker .ticker[data-state=live]').first().waitFor({ state: 'attached' });
  const send = (frame: object) => feed.readers.at(-1)?.send(frame);
  return {
    feed,
    page,
    visited,
    send,
    [Symbol.asyncDispose]: async () => {
      await visited[Symbol.asyncDispose]();
      await feed[Symbol.asyncDispose]();
    },
  };
}

const ticker = '<breaking-ticker edition="en"><a href="/live">Live</a></breaking-ticker>';
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const poll = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 15_000 });
const idIn = (page: Page, place: 'top' | 'current') => () =>
  page
    .locator(`breaking-ticker .${place}`)
    .evaluateAll((found) => found.map((entry) => (entry as HTMLElement).dataset['id']).join());

describe('a line that is read', () => {
  test('a new line waits for the pointer, and a flash waits behind a button that says so (E4)', async () => {
    await using opened = await open(ticker, [line(2), line(1)]);
    const { page, send } = opened;
    await page.locator('breaking-ticker .current a').hover();
    send(itemFrame(11, 10, line(11)));
    await button(page, '1 new').waitFor();
    send(itemFrame(12, 11, line(12)));
    await button(page, '2 new').waitFor();
    expect(await idIn(page, 'current')()).toBe('item-2');
    send(itemFrame(13, 12, flash(13)));
    await button(page, '1 flash').waitFor();
    await poll(() => page.locator('breaking-ticker [aria-live=assertive]').textContent()).toBe(
      'Flash: Agency: Headline number 13',
    );
    const better = line(2, { version: 2, headline: 'Put right' });
    send(itemFrame(14, 13, better, 'corrected'));
    await poll(() => page.locator('breaking-ticker .current .headline').textContent()).toBe('Put right');
    send(removal(15, 14, 'item-2', 3));
    await poll(idIn(page, 'current')).toBe('item-1');
    expect(await idIn(page, 'top')()).toBe('');
    await button(page, '1 flash').click();
    expect([await idIn(page, 'top')(), await idIn(page, 'current')()]).toEqual(['item-13', 'item-12']);
    const focused = () =>
      page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.closest('li')?.dataset['id']);
    expect(await focused()).toBe('item-13');
    expect(opened.visited.faults).toEqual([]);
  });

  test('new lines wait for a reader who wants no motion', async () => {
    await using opened = await open(ticker, [line(1)], { reducedMotion: 'reduce' });
    const { page, send } = opened;
    send(itemFrame(11, 10, line(11)));
    await button(page, '1 new').click();
    expect(await idIn(page, 'current')()).toBe('item-11');
    expect(await page.locator('breaking-ticker .pause').isVisible()).toBe(false);
  });

  test('a finger holds the line while it is down, even if it scrolls', async () => {
    await using opened = await open(ticker, [line(2), line(1)], { hasTouch: true });
    const { page, send } = opened;
    const shown = page.locator('breaking-ticker .ticker');
    await shown.dispatchEvent('touchstart');
    await shown.dispatchEvent('pointerleave');
    send(itemFrame(11, 10, line(11)));
    await button(page, '1 new').waitFor();
    await page.clock.runFor(30_000);
    expect(await idIn(page, 'current')()).toBe('item-2');
    await shown.dispatchEvent('touchend');
    expect(await idIn(page, 'current')()).toBe('item-11');
  });
});

describe('a flash', () => {
  test('a flash is a full band in the colour of the site, above the lines, for ten minutes', async () => {
    await using opened = await open(ticker, [line(1)], { viewport: { width: 768, height: 700 } });
    const { page, send } = opened;
    send(itemFrame(11, 10, flash(11)));
    await poll(idIn(page, 'top')).toBe('item-11');
    send(itemFrame(12, 11, line(12)));
    await poll(idIn(page, 'current')).toBe('item-12');
    const look = await page.locator('breaking-ticker .top').evaluate((entry) => {
      const { width } = entry.getBoundingClientRect();
      const { backgroundColor, color } = getComputedStyle(entry);
      const size = getComputedStyle(entry.querySelector('.line') as Element).fontSize;
      const { borderColor: edge } = getComputedStyle(entry.querySelector('.urgency') as Element);
      return { width, backgroundColor, color, edge, size: Number.parseFloat(size) };
    });
    expect(look).toMatchObject({ backgroundColor: 'rgb(255, 212, 0)', color: 'rgb(0, 0, 0)', edge: 'rgb(0, 0, 0)' });
    const { width = 0 } = (await page.locator('breaking-ticker').boundingBox()) ?? {};
    expect(look.width).toBeGreaterThan(width - 3);
    expect(look.size >= 20 && look.size <= 24).toBe(true);
    await page.clock.runFor(11 * 60_000);
    expect(await idIn(page, 'top')()).toBe('');
  });

  test.each([320, 768, 1000, 1280])('a line below a flash has room for words in a banner of %i px', async (width) => {
    await using opened = await open(ticker, [flash(3), line(2), line(1)], { viewport: { width, height: 700 } });
    const share = await opened.page.locator('breaking-ticker').evaluate((element) => {
      const { width } = element.getBoundingClientRect();
      const entry = element.shadowRoot?.querySelector('.current')?.getBoundingClientRect();
      return (entry?.width ?? 0) / width;
    });
    expect(share).toBeGreaterThan(0.4);
  });

  test.each([9, -9])('a new flash is on top for ten minutes on a clock that is wrong by %i hours', async (hours) => {
    await using opened = await open(ticker, [line(1)]);
    const { page, send } = opened;
    await page.clock.setSystemTime(Date.parse(noon) + hours * 3_600_000);
    send(itemFrame(11, 10, flash(11)));
    await poll(idIn(page, 'top')).toBe('item-11');
    await page.clock.runFor(590_000);
    expect(await idIn(page, 'top')()).toBe('item-11');
    await page.clock.runFor(20_000);
    expect(await idIn(page, 'top')()).toBe('');
  });
});

describe('a ticker without news', () => {
  test('the ticker folds away when its last line is too old, and opens above the reader without moving the page (E7, E8)', async () => {
    const body = `<div style="height:10px"></div>${ticker}<div id="below">A page to read</div>`;
    await using opened = await open(body, [line(1)], { viewport: { width: 390, height: 400 } });
    const { page, send } = opened;
    const height = () => page.locator('breaking-ticker').evaluate((element) => element.getBoundingClientRect().height);
    await poll(height).toBeGreaterThan(50);
    await page.clock.fastForward(6 * 3_600_000);
    await page.clock.runFor(10_000);
    await poll(height).toBe(0);
    await page.locator('#below').evaluate((below) => {
      Object.assign((below as HTMLElement).style, { blockSize: '3000px' });
      below.append(
        ...Array.from({ length: 100 }, () => Object.assign(document.createElement('p'), { textContent: 'Text' })),
      );
      scrollTo(0, 600);
    });
    const place = () =>
      page
        .locator('#below p')
        .nth(30)
        .evaluate((text) => Math.round(text.getBoundingClientRect().y));
    const before = await place();
    send(itemFrame(11, 10, line(11, { publishedAt: '2026-03-01T18:00:00.000Z' })));
    await poll(height).toBeGreaterThan(50);
    await poll(place).toBe(before);
  });
});

describe('the ways on', () => {
  test('every line leads to its article or its page on the server, and the ticker to the live page (E9)', async () => {
    await using opened = await open(ticker, [line(2, { url: 'https://news.example/2' }), line(1)]);
    const hrefs = (selector: string) =>
      opened.page
        .locator(`breaking-ticker ${selector}`)
        .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href));
    expect(await hrefs('.line a')).toEqual(['https://news.example/2', `${opened.feed.url}/item/item-1`]);
    expect(await hrefs('.all')).toEqual([`${opened.feed.url}/live/en`]);
  });

  test('the time since which the ticker is offline is the reader’s own (E12)', async () => {
    await using opened = await open(ticker, [line(1)], { timezoneId: 'Asia/Beirut' });
    await opened.page.route('**/v1/**', (route) => route.abort());
    await opened.page.evaluate(() => dispatchEvent(new Event('offline')));
    opened.feed.readers.at(-1)?.socket.terminate();
    const state = opened.page.locator('breaking-ticker .state');
    await poll(() => state.textContent()).toBe('Offline since 14:00');
  });
});

describe('what a reader puts away', () => {
  const two = `${ticker}<breaking-ticker edition="en" id="preview"></breaking-ticker>`;

  test('a dismissed line stays away for the session, until it is corrected, and the focus goes to the next', async () => {
    await using opened = await open(ticker, [line(3), line(2), line(1)]);
    const { page, send } = opened;
    await page.locator('breaking-ticker .current .dismiss').click();
    expect(await idIn(page, 'current')()).toBe('item-2');
    const focused = () =>
      page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.closest('li')?.dataset['id']);
    expect(await focused()).toBe('item-2');
    await page.reload();
    await poll(idIn(page, 'current')).toBe('item-2');
    const correction = { kind: 'corrected', note: 'Put right.', at: noon } as const;
    send(itemFrame(11, 10, line(3, { version: 2, correction }), 'corrected'));
    await poll(idIn(page, 'current')).toBe('item-3');
    for (const _ of [3, 2, 1]) await page.locator('breaking-ticker .current .dismiss').click();
    expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.localName)).toBe('section');
  });

  test('a hidden ticker is hidden for the session, and no other one with it (E16)', async () => {
    await using opened = await open(two, [line(1)]);
    const { page } = opened;
    await page.locator('#preview .hide').click();
    await page.locator('#preview .show').waitFor();
    await page.reload();
    await page.locator('#preview .show').waitFor();
    await poll(() => page.locator('breaking-ticker .current').count()).toBe(1);
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('hidden');
  });
});
