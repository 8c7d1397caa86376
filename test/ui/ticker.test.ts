import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lineOf } from '../../src/item/item.ts';
import { createPages, type Pages } from '../../src/ui/server/pages.ts';
import { FakeFeed } from '../client/fake-feed.ts';
import { itemAt, itemFrame, removal, resumed, snapshot } from '../client/frames.ts';
import { startBrowser, visit } from './browser.ts';
import { buildPages } from './build.ts';
import { linesOf } from './lines.ts';
import { site } from './site.ts';

let browser: Browser;
let publicDir: string;
let pages: Pages;

beforeAll(async () => {
  publicDir = await mkdtemp(join(tmpdir(), 'flashwire-ui-'));
  [browser] = await Promise.all([startBrowser(), buildPages(publicDir)]);
  pages = createPages({ publicDir, site });
}, 60_000);

afterAll(async () => {
  await browser.close();
  await rm(publicDir, { recursive: true });
});

function serve(req: IncomingMessage, res: ServerResponse): void {
  if (!pages.handleRequest(req, res)) res.writeHead(404).end();
}

/** The front page on a feed that starts every edition with these invented lines. */
async function frontWith(lines = linesOf) {
  const feed = await FakeFeed.start(serve);
  feed.welcomeWith((query) => {
    const items = lines(query.get('edition') ?? '');
    return query.has('since') ? null : snapshot(10, items, { retry: { afterMs: 0, withinMs: 50 } });
  });
  return feed;
}

function readerOf(feed: FakeFeed, edition: string) {
  const reader = feed.readers.findLast((candidate) => candidate.query.get('edition') === edition);
  if (!reader) throw new Error(`nobody reads ${edition}`);
  return reader;
}

const linesIn = (page: Page, edition = 'en') => page.locator(`breaking-ticker[edition=${edition}] .line`);
const poll = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 5_000, interval: 20 });

describe('the ticker', () => {
  it('shows the lines exactly as they are, newest place first, in three editions', async () => {
    await using feed = await frontWith();
    await using visited = await visit(browser, feed.url);
    for (const edition of ['en', 'ar', 'es']) {
      await poll(() => linesIn(visited.page, edition).allTextContents()).toEqual(linesOf(edition).map(lineOf));
    }
    expect(visited.faults).toEqual([]);
  });

  it('applies a new line, a correction and a retraction without a reload', async () => {
    await using feed = await frontWith();
    await using visited = await visit(browser, feed.url);
    const { page } = visited;
    await poll(() => linesIn(page).count()).toBe(10);
    const peer = readerOf(feed, 'en');
    const before = linesOf('en');
    peer.send(itemFrame(11, 10, itemAt(11, { headline: 'A new first line' })));
    const correction = {
      kind: 'corrected',
      note: 'It is eleven minutes, not eleven seconds.',
      at: '2026-03-01T10:05:00.000Z',
    } as const;
    peer.send(
      itemFrame(12, 11, itemAt(7, { version: 2, attribution: 'AFP', headline: 'Put right', correction }), 'corrected'),
    );
    peer.send(removal(13, 12, 'item-6', 2, { notice: 'A line about hospitals was withdrawn.' }));
    peer.send(removal(14, 13, 'item-5', 2));
    const expected = before.map(lineOf).with(3, 'AFP: Put right').toSpliced(4, 2);
    await poll(() => linesIn(page).allTextContents()).toEqual(['Agency: A new first line', ...expected]);
    const corrected = page.locator('breaking-ticker[edition=en] [data-id=item-7]');
    expect(await corrected.locator('.corrected').textContent()).toBe('Corrected');
    expect(await corrected.locator('.note').textContent()).toBe(correction.note);
    const notice = page.locator('breaking-ticker[edition=en] .withdrawn');
    expect(await notice.textContent()).toContain('Withdrawn');
    expect(await notice.locator('.notice').textContent()).toBe('A line about hospitals was withdrawn.');
    await poll(() => page.locator('breaking-ticker[edition=en] .announcer').textContent()).toContain(
      'Agency: A new first line',
    );
    expect(visited.faults).toEqual([]);
  });

  it('sets text only as text', async () => {
    const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script>&amp;"\'';
    await using feed = await frontWith(() => [
      itemAt(2, {
        attribution: '<b>Agency</b>',
        headline: hostile,
        url: 'javascript:alert(3)',
        correction: { kind: 'corrected', note: hostile },
      }),
      itemAt(1, { url: 'https://news.example/a?b=1&c=2' }),
    ]);
    await using visited = await visit(browser, feed.url);
    await poll(() => linesIn(visited.page).first().textContent()).toBe(`<b>Agency</b>: ${hostile}`);
    const ticker = visited.page.locator('breaking-ticker[edition=en]');
    expect(await ticker.locator('.note').textContent()).toBe(hostile);
    expect(await ticker.locator('img, script, b').count()).toBe(0);
    expect(
      await ticker.locator('.line a').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
    ).toEqual(['https://news.example/a?b=1&c=2']);
    expect(visited.faults).toEqual([]);
  });

  it('sets Arabic right to left, an agency in Latin letters included', async () => {
    await using feed = await frontWith();
    await using visited = await visit(browser, `${feed.url}/?edition=ar`);
    const { page } = visited;
    const first = linesIn(page, 'ar').first();
    await first.waitFor();
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    expect(await first.evaluate((line) => getComputedStyle(line).direction)).toBe('rtl');
    const [agency, headline, line] = await Promise.all([
      first.locator('.attribution').boundingBox(),
      first.locator('.headline').boundingBox(),
      first.boundingBox(),
    ]);
    if (!agency || !headline || !line) throw new Error('the line is not drawn');
    expect(agency.x + agency.width).toBeCloseTo(line.x + line.width, 0);
    expect(agency.x).toBeGreaterThan(headline.x);
    const english = linesIn(page, 'en').first();
    expect(await english.evaluate((element) => getComputedStyle(element).direction)).toBe('ltr');
    expect(visited.faults).toEqual([]);
  });

  it('says when it was cut off, and goes on where it stopped', async () => {
    await using feed = await frontWith();
    await using visited = await visit(browser, feed.url);
    const { page } = visited;
    const state = page.locator('breaking-ticker[edition=en] .state');
    await poll(() => state.textContent()).toBe('Live');
    const known = feed.readers.length;
    const lost = readerOf(feed, 'en');
    lost.socket.terminate();
    const back = await feed.reader(known);
    expect(back.query.get('since')).toBe('abcd1234:10');
    expect(await state.textContent()).toMatch(/^Offline since \d\d:\d\d$/);
    back.send(resumed(10, 1));
    back.send(itemFrame(11, 10, itemAt(11, { headline: 'Missed meanwhile' })));
    await poll(() => state.textContent()).toBe('Live');
    expect(await linesIn(page).first().textContent()).toBe('Agency: Missed meanwhile');
  });

  it('runs on the page of another site, one script and one tag', async () => {
    await using feed = await frontWith();
    const other = createServer((_req, res) => {
      res.setHeader('Content-Type', 'text/html');
      res.end(
        `<!doctype html><title>x</title><script type="module" src="${feed.url}/ticker.js"></script><breaking-ticker edition="es" section="sports" limit="2"></breaking-ticker>`,
      );
    }).listen(0, '127.0.0.1');
    try {
      await expect.poll(() => other.address()).not.toBeNull();
      const address = other.address();
      await using visited = await visit(
        browser,
        `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
      );
      await poll(() => linesIn(visited.page, 'es').allTextContents()).toEqual(linesOf('es').slice(0, 2).map(lineOf));
      expect(readerOf(feed, 'es').query.getAll('section')).toEqual(['sports']);
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  it('fits a phone without scrolling sideways', async () => {
    await using feed = await frontWith();
    await using visited = await visit(browser, `${feed.url}/?edition=ar`, { viewport: { width: 320, height: 640 } });
    await linesIn(visited.page, 'ar').first().waitFor();
    expect(await visited.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });
});
