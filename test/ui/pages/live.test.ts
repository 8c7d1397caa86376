import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { facets } from '../../resources/memory-log.ts';
import { type ServedPages, servePages } from '../../resources/served-pages.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';

const built = useBuiltPages();

const idOf = (number: number) => `01J0000000000000000000${String(number).padStart(4, '0')}`;
const poll = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 15_000 });
const linesIn = (page: Page) => page.locator('.updates .line').allTextContents();
const correction = { kind: 'corrected', note: 'One word was wrong.', at: '2026-01-01T00:00:00.000Z' } as const;

async function pagesWith(lines: number, hostBody = ''): Promise<ServedPages> {
  const served = await servePages(built.publicDir, undefined, hostBody);
  for (let number = 1; number <= lines; number++) publish(served, number);
  return served;
}

function publish({ en }: ServedPages, number: number): void {
  const urgency = number % 10 === 0 ? 'flash' : 'urgent';
  en.publish(idOf(number), facets(['politics'], { urgency, topics: ['talks'] }), `Line ${number}`);
}

const newest = (from: number, count: number) => Array.from({ length: count }, (_, index) => `Line ${from - index}`);

/** Until the page has heard of it: its scroll event comes with the next frame. */
async function scrollDown(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        addEventListener('scroll', () => setTimeout(resolve), { once: true });
        scrollTo(0, 900);
      }),
  );
  expect(await page.evaluate(() => scrollY)).toBe(900);
}

describe('a live page in the browser', () => {
  test('a live page in the browser goes on from what the server has rendered: nothing missing, nothing twice', async () => {
    await using served = await pagesWith(5);
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    await page.route('**/pages.js', async (route) => {
      publish(served, 6); // after the page was rendered, before it has come alive
      await route.continue();
    });
    await page.goto(`${served.url}/live/en`);
    await poll(() => linesIn(page)).toEqual(newest(6, 6));
    publish(served, 7);
    await poll(() => linesIn(page)).toEqual(newest(7, 7));
    expect(await page.locator('.state').first().textContent()).toBe('Live');
    expect(visited.faults).toEqual([]);
  });

  test('a live page in the browser lets new lines wait while the reader is further down, counts them, and moves nothing', async () => {
    await using served = await pagesWith(20);
    await using visited = await visit(built.browser, `${served.url}/live/en`, {
      viewport: { width: 900, height: 600 },
    });
    const { page } = visited;
    await poll(() => page.locator('.state.live').count()).toBe(1);
    await scrollDown(page);
    const read = page.locator(`[id="${idOf(12)}"]`);
    const before = await read.boundingBox();
    publish(served, 21);
    publish(served, 22);
    served.en.correct(
      idOf(20),
      facets(),
      'Line 20, put right, with many more words so that it takes more room',
      correction,
    );
    served.en.withhold(idOf(19));
    await poll(() => page.locator('.waiting button').textContent()).toBe('2 new');
    await poll(() => page.title()).toBe('(2) Live: breaking news · Demonstration newsroom');
    await poll(() => page.getByText('Line 20, put right').first().count()).toBe(1);
    await poll(() => page.locator(`[id="${idOf(19)}"]`).count()).toBe(0);
    expect(await linesIn(page)).not.toContain('Line 22');
    await poll(async () => Math.abs(((await read.boundingBox())?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(2);
    await page.locator('.waiting button').click();
    await poll(async () => (await linesIn(page)).slice(0, 2)).toEqual(['Line 22', 'Line 21']);
    await poll(() => page.evaluate(() => scrollY)).toBe(0);
    await poll(() => page.title()).toBe('Live: breaking news · Demonstration newsroom');
    expect(await page.locator('.entry .new').count()).toBe(0);
    expect(visited.faults).toEqual([]);
  });

  test('a live page in the browser lists flashes that lead to their update, and keeps an anchor through a correction', async () => {
    await using served = await pagesWith(20);
    await using visited = await visit(built.browser, `${served.url}/live/en#${idOf(10)}`, {
      viewport: { width: 900, height: 600 },
    });
    const { page } = visited;
    const keys = page.locator('.key a');
    await poll(() => keys.allTextContents()).toEqual(['Line 20', 'Line 10']);
    expect(await keys.first().getAttribute('href')).toBe(`#${idOf(20)}`);
    served.en.correct(idOf(10), facets([], { urgency: 'flash' }), 'Line 10, put right', correction);
    await poll(() => page.locator(':target .line').textContent()).toBe('Line 10, put right');
    served.en.retract(idOf(20), 'A line was withdrawn.');
    await poll(() => keys.allTextContents()).toEqual(['Line 10, put right']);
    await page.goto(`${served.url}/live/en?x#01J00000000000000000009999`);
    await page.waitForURL('**/item/01J00000000000000000009999');
  });

  test('a live page in the browser shows older updates below, which are corrected too', async () => {
    await using served = await pagesWith(75);
    await using visited = await visit(built.browser, `${served.url}/live/en`);
    const { page } = visited;
    await poll(() => page.locator('.state.live').count()).toBe(1);
    await page.locator('a.older').click();
    await poll(async () => (await linesIn(page)).length).toBe(70);
    served.en.correct(idOf(10), facets(), 'Line 10, put right', correction);
    await poll(async () => (await linesIn(page)).includes('Line 10, put right')).toBe(true);
    await page.locator('a.older').click();
    await poll(async () => (await linesIn(page)).length).toBe(75);
    expect(await page.locator('a.older').count()).toBe(0);
    expect(visited.faults).toEqual([]);
  });

  test('a live page in the browser is complete without script', async () => {
    await using served = await pagesWith(30);
    await using visited = await visit(built.browser, `${served.url}/live/en`, { javaScriptEnabled: false });
    const { page } = visited;
    expect(await linesIn(page)).toEqual(newest(30, 20));
    expect(await page.getByRole('button').count()).toBe(0);
    await page.locator('a.older').click();
    await poll(() => linesIn(page)).toEqual(newest(10, 10));
    await page.goto(served.url);
    expect(await page.locator('breaking-ticker a').textContent()).toBe('Breaking');
  });

  test('a live page in the browser is offline for a minute, by the tools of the browser, and then misses nothing and has nothing twice', async () => {
    await using served = await pagesWith(10);
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    await page.clock.install();
    await page.goto(`${served.url}/live/en`);
    await poll(() => page.locator('.state.live').count()).toBe(1);
    await page.context().setOffline(true);
    await poll(() => page.locator('.state').first().textContent()).toMatch(/^Offline since/);
    for (const number of [11, 12, 13]) publish(served, number);
    served.en.correct(idOf(9), facets(), 'Line 9, put right', correction);
    served.en.retract(idOf(8), 'A line was withdrawn.');
    await page.clock.runFor(60_000);
    await page.context().setOffline(false);
    const expected = [...newest(13, 4), 'Line 9, put right', ...newest(7, 7)];
    /** Time goes on for as long as it takes: an attempt that is under way fails when it fails. */
    const goOn = async () => {
      await page.clock.runFor(1_000);
      return linesIn(page);
    };
    await poll(goOn).toEqual(expected);
    await poll(() => page.locator('.state.live').count()).toBe(1);
    expect(await page.locator('.notice').allTextContents()).toEqual(['A line was withdrawn.']);
  });

  test('a live page in the browser comes over events where no WebSocket gets through, and over polls where no stream does, without a gap', async () => {
    await using served = await pagesWith(3);
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    await page.addInitScript(() => {
      Math.random = () => 0.1; // of the window in which it comes back; with real luck that takes seconds
      Object.assign(globalThis, {
        WebSocket: class {
          constructor() {
            throw new DOMException('blocked', 'SecurityError');
          }
        },
      });
    });
    await page.goto(`${served.url}/live/en?debug`);
    const transport = () => page.locator('[data-reading=transport]').textContent();
    await poll(transport).toBe('sse');
    publish(served, 4);
    await poll(() => linesIn(page)).toEqual(newest(4, 4));
    await page.route('**/v1/feed.sse*', (route) => route.fulfill({ status: 403, body: 'a proxy says no' }));
    await page.reload();
    await poll(transport).toBe('poll');
    publish(served, 5);
    served.en.withhold(idOf(2));
    await poll(() => linesIn(page)).toEqual(['Line 5', 'Line 4', 'Line 3', 'Line 1']);
  });

  test('a live page in the browser says with ?debug how the news comes, and how long it took from the post to the screen', async () => {
    await using served = await pagesWith(1);
    await using visited = await visit(built.browser, `${served.url}/live/en?debug`);
    const { page } = visited;
    const reading = (name: string) => page.locator(`[data-reading="${name}"]`).textContent();
    await poll(() => reading('transport')).toBe('websocket');
    await poll(() => reading('position')).toMatch(/^epochone:1:[0-9a-f]{8}$/);
    served.en.publish(idOf(2), facets(), 'Line 2', { publishedAt: new Date().toISOString() });
    await poll(() => reading('samples')).toBe('1');
    const ms = Number((await reading('posted to painted'))?.replace(' ms', ''));
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(ms).toBeLessThan(15_000);
    expect(await reading('reconnects')).toBe('0');
  });
});

describe('every open surface', () => {
  test('every open page shows a correction, a hide, a release and a retraction, without a reload', async () => {
    const ticker = '<breaking-ticker edition="en" open></breaking-ticker>';
    await using served = await pagesWith(5, ticker);
    const context = await built.browser.newContext();
    const paths = ['/host', '/live/en', '/section/en/politics', '/topic/en/talks', '/?edition=en', `/item/${idOf(3)}`];
    const open: Page[] = [];
    for (const path of paths) {
      const page = await context.newPage();
      await page.goto(served.url + path);
      await page.locator(path === '/host' ? '.ticker[data-state=live]' : 'html.has-script').waitFor();
      open.push(page);
    }
    const feeds = ['rss', 'atom', 'json'].map((format) => `/feeds/en.${format}`);
    /** Everything that a reader, a machine or a search engine reads in a page, its JSON-LD included. */
    const seen = async () => [
      ...(await Promise.all(
        open.map((page) =>
          page.evaluate(() => {
            const shadow = [...document.querySelectorAll('breaking-ticker')].map(
              (found) => found.shadowRoot?.textContent,
            );
            const posting = document.getElementById('json-ld')?.textContent ?? '';
            return `${document.getElementById('news')?.textContent ?? ''} ${posting} ${shadow.join(' ')}`;
          }),
        ),
      )),
      ...(await Promise.all(feeds.map(async (path) => (await fetch(served.url + path)).text()))),
    ];
    const reaches = async (text: string, isThere: boolean, act: () => void) => {
      act();
      const expected = [...paths, ...feeds].map(() => isThere);
      const read = async () => (await seen()).map((surface) => surface.includes(text));
      await poll(read).toEqual(expected);
    };
    await reaches('Line 3, put right', true, () =>
      served.en.correct(idOf(3), facets(['politics'], { topics: ['talks'] }), 'Line 3, put right', correction),
    );
    await reaches('Line 3, put right', false, () => served.en.withhold(idOf(3)));
    await reaches('Line 3, put right', true, () => served.en.release(idOf(3)));
    await reaches('Line 3, put right', false, () => served.en.retract(idOf(3), 'A line was withdrawn.'));
    await poll(async () => (await seen()).filter((surface) => surface.includes('A line was withdrawn.'))).toHaveLength(
      9,
    );
    await context.close();
  });
});
