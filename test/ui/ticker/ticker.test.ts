import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { lineOf } from '../../../src/item/item.ts';
import { createPages, type Pages } from '../../../src/ui/server/pages.ts';
import { stringsOf } from '../../../src/ui/strings/strings.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { itemAt, itemFrame, removal, resumed, snapshot } from '../../client/frames.ts';
import { site } from '../../resources/site.ts';
import { countFrames, recordShifts, visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { hostPage } from '../host-page.ts';
import { linesOf } from '../lines.ts';
import { noNews } from '../no-news.ts';

const built = useBuiltPages();
let pages: Pages;

beforeAll(() => {
  pages = createPages({ publicDir: built.publicDir, site, news: noNews, onError: () => {} });
});

function serve(request: IncomingMessage, response: ServerResponse): void {
  if (!pages.handleRequest(request, response)) response.writeHead(404).end();
}

const tag = (edition = 'en', more = '') =>
  `<breaking-ticker edition="${edition}" ${more}><a href="/live">Live</a></breaking-ticker>`;

/** A page with these tickers on a feed that starts every edition with these invented lines. */
async function feedWith(body = tag(), lines = linesOf) {
  const feed = await FakeFeed.start(hostPage(body, serve));
  feed.welcomeWith((query) => {
    const items = lines(query.get('edition') ?? '');
    // No beat is due in what these tests take for minutes.
    return query.has('since') ? null : snapshot(10, items, { retry: { afterMs: 0, withinMs: 50 }, beatMs: 600_000 });
  });
  return feed;
}

/** The page in a browser whose clock moves only by the test. */
async function visitStill(feed: FakeFeed, options: BrowserContextOptions = {}) {
  const visited = await visit(built.browser, 'about:blank', options);
  await visited.page.clock.install({ time: '2026-03-01T11:59:00Z' });
  await visited.page.clock.pauseAt('2026-03-01T12:00:00Z');
  await visited.page.goto(`${feed.url}/host`);
  await poll(() => current(visited.page).count()).toBe(1);
  return visited;
}

function readerOf(feed: FakeFeed, edition: string) {
  const reader = feed.readers.findLast((candidate) => candidate.query.get('edition') === edition);
  if (!reader) throw new Error(`nobody reads ${edition}`);
  return reader;
}

const linesIn = (page: Page, edition = 'en') => page.locator(`breaking-ticker[edition=${edition}] .line`);
const current = (page: Page, edition = 'en') => page.locator(`breaking-ticker[edition=${edition}] .current`);
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const poll = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 15_000 });

describe('the ticker', () => {
  test('the ticker shows the newest line, and on demand all lines, unchanged, in three editions', async () => {
    await using feed = await feedWith(['en', 'ar', 'es'].map((edition) => tag(edition)).join(''));
    await using visited = await visit(built.browser, `${feed.url}/host`);
    for (const edition of ['en', 'ar', 'es']) {
      await poll(() => linesIn(visited.page, edition).allTextContents()).toEqual(linesOf(edition).map(lineOf));
      const visible = linesIn(visited.page, edition).filter({ visible: true });
      expect(await visible.allTextContents()).toEqual([linesOf(edition).map(lineOf)[0]]);
    }
    await button(visited.page, 'All news').click();
    expect(await button(visited.page, 'Close').getAttribute('aria-expanded')).toBe('true');
    for (const name of ['Pause', 'Previous', 'Next'])
      expect(await visited.page.locator('[edition=en]').getByRole('button', { name }).count(), name).toBe(0);
    expect(await linesIn(visited.page).filter({ visible: true }).count()).toBe(10);
    expect(visited.faults).toEqual([]);
  });

  test('the ticker shows each line as long as it takes to read, and pauses for a pointer, for the keyboard and on request', async () => {
    await using feed = await feedWith();
    await using visited = await visitStill(feed);
    const { page } = visited;
    const lines = linesOf('en').map(lineOf);
    const shown = () => current(page).locator('.line').textContent();
    const ms = (line = '') => Math.max(6_000, 2_000 + 60 * line.length);
    const turnsTo = async (line: string | undefined, after: number) => {
      await page.clock.runFor(after);
      expect(await shown()).toBe(line);
    };
    await turnsTo(lines[0], ms(lines[0]) - 100);
    await turnsTo(lines[1], 200);
    await page.hover('breaking-ticker');
    await turnsTo(lines[1], 30_000);
    await page.hover('#after');
    await turnsTo(lines[2], ms(lines[1]) + 100);
    await button(page, 'All news').focus();
    await turnsTo(lines[2], 30_000);
    await page.locator('body').evaluate(() => (document.activeElement as HTMLElement).blur());
    await button(page, 'Pause').click();
    await page.hover('#after');
    await page.locator('body').evaluate(() => (document.activeElement as HTMLElement).blur());
    await turnsTo(lines[2], 30_000);
    await page.reload();
    await poll(() => button(page, 'Play').count()).toBe(1);
    await poll(shown).toBe(lines[0]);
    await turnsTo(lines[0], 30_000);
  });

  test('the ticker does not turn for a reader who prefers reduced motion', async () => {
    await using feed = await feedWith();
    await using visited = await visitStill(feed, { reducedMotion: 'reduce' });
    await visited.page.clock.runFor(30_000);
    expect(await current(visited.page).locator('.line').textContent()).toBe(linesOf('en').map(lineOf)[0]);
    expect(await button(visited.page, 'Pause').count()).toBe(0);
  });

  test('the ticker shows a new line at once, and removes a withdrawn one at once, even with the focus on it', async () => {
    await using feed = await feedWith(tag(), () => [
      itemAt(2, { url: 'https://news.example/2' }),
      itemAt(1, { url: 'https://news.example/1' }),
    ]);
    await using visited = await visitStill(feed);
    const { page } = visited;
    const peer = readerOf(feed, 'en');
    peer.send(itemFrame(11, 10, itemAt(11, { headline: 'A new first line', url: 'https://news.example/11' })));
    await poll(() => current(page).locator('.line').textContent()).toBe('Agency: A new first line');
    await page.locator('breaking-ticker .current a').focus();
    const corrected = itemAt(11, { version: 2, headline: 'A better first line', url: 'https://news.example/11' });
    peer.send(itemFrame(12, 11, corrected, 'corrected'));
    await poll(() => current(page).locator('a:focus').textContent()).toBe('A better first line');
    peer.send(removal(13, 12, 'item-11', 3));
    await poll(() => current(page).locator('.line').textContent()).toBe('Agency: Headline number 2');
    const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className);
    expect(await focused()).toBe('ticker');
    expect(visited.faults).toEqual([]);
  });

  test('a reader can hide the ticker, which then disconnects and remembers it', async () => {
    await using feed = await feedWith();
    await using visited = await visit(built.browser, `${feed.url}/host`);
    const { page } = visited;
    const first = await feed.reader(0);
    await button(page, 'Hide').click();
    await poll(async () => first.socket.readyState).toBe(3);
    await page.reload();
    await button(page, 'Show breaking news').click();
    await poll(() => linesIn(page).count()).toBe(10);
    expect(feed.readers).toHaveLength(2);
  });

  test('the focus stays in a hidden ticker that is shown again, though its lines come later', async () => {
    await using feed = await feedWith();
    await using visited = await visitStill(feed);
    await button(visited.page, 'Hide').click();
    await visited.page.keyboard.press('Enter');
    await poll(() => current(visited.page).count()).toBe(1);
    expect(
      await visited.page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className ?? ''),
    ).toContain('ticker');
  });

  test('the ticker applies a correction and a retraction in place', async () => {
    await using feed = await feedWith(tag('en', 'open'));
    await using visited = await visit(built.browser, `${feed.url}/host`);
    const { page } = visited;
    await poll(() => linesIn(page).count()).toBe(10);
    const peer = readerOf(feed, 'en');
    const note = 'It is eleven minutes, not eleven seconds.';
    const correction = { kind: 'corrected', note, at: '2026-03-01T10:05:00.000Z' } as const;
    const put = itemAt(7, { version: 2, attribution: 'AFP', headline: 'Put right', correction });
    peer.send(itemFrame(11, 10, put, 'corrected'));
    peer.send(removal(12, 11, 'item-6', 2, { notice: 'A line about hospitals was withdrawn.' }));
    peer.send(removal(13, 12, 'item-5', 2));
    const expected = linesOf('en').map(lineOf).with(3, 'AFP: Put right').toSpliced(4, 2);
    await poll(() => linesIn(page).allTextContents()).toEqual(expected);
    const corrected = page.locator('breaking-ticker [data-id=item-7]');
    expect(await corrected.locator('.corrected').textContent()).toBe('Corrected');
    expect(await corrected.locator('.note').textContent()).toBe(note);
    const notice = page.locator('breaking-ticker .entry').nth(4);
    expect(await notice.locator('.urgency').textContent()).toBe('Withdrawn');
    expect(await notice.locator('.notice').textContent()).toBe('A line about hospitals was withdrawn.');
    expect(visited.faults).toEqual([]);
  });

  test('the ticker sets text only as text', async () => {
    const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script>&amp;"\'';
    await using feed = await feedWith(tag('en', 'open'), () => [
      itemAt(2, {
        attribution: '<b>Agency</b>',
        headline: hostile,
        url: 'javascript:alert(3)',
        correction: { kind: 'corrected', note: hostile },
      }),
      itemAt(1, { url: 'https://news.example/a?b=1&c=2' }),
    ]);
    await using visited = await visit(built.browser, `${feed.url}/host`);
    await poll(() => linesIn(visited.page).first().textContent()).toBe(`<b>Agency</b>: ${hostile}`);
    const ticker = visited.page.locator('breaking-ticker');
    expect(await ticker.locator('.note').textContent()).toBe(hostile);
    expect(await ticker.locator('img, script, b').count()).toBe(0);
    const links = ticker.locator('.line a');
    expect(await links.evaluateAll((found) => found.map((link) => link.getAttribute('href')))).toEqual([
      `${feed.url}/item/item-2`,
      'https://news.example/a?b=1&c=2',
    ]);
    expect(visited.faults).toEqual([]);
  });

  test('the ticker sets Arabic right to left, even with an agency in Latin letters', async () => {
    await using feed = await feedWith(tag('ar') + tag('en'));
    await using visited = await visit(built.browser, `${feed.url}/host`);
    const first = linesIn(visited.page, 'ar').first();
    await first.waitFor();
    const [agency, headline, line] = await Promise.all([
      first.locator('.attribution').boundingBox(),
      first.locator('.headline').boundingBox(),
      first.boundingBox(),
    ]);
    if (!agency || !headline || !line) throw new Error('the line is not drawn');
    expect(agency.x + agency.width).toBeCloseTo(line.x + line.width, 0);
    expect(agency.x).toBeGreaterThan(headline.x);
    const styles = await visited.page.locator('breaking-ticker[edition=ar] .ticker *').evaluateAll((elements) =>
      elements.map((element) => {
        const { letterSpacing, fontStyle, textTransform } = getComputedStyle(element);
        return `${letterSpacing} ${fontStyle} ${textTransform} ${element.getAttribute('dir') ?? ''}`.trim();
      }),
    );
    expect([...new Set(styles)].sort()).toEqual(['normal normal none', 'normal normal none rtl']);
    const english = linesIn(visited.page, 'en').first();
    expect(await english.evaluate((element) => getComputedStyle(element).direction)).toBe('ltr');
  });

  test('the ticker takes language, numerals and time zone from the configuration of its server', async () => {
    await using feed = await feedWith(tag('ar'));
    await using other = await feedWith();
    await using visited = await visit(built.browser, `${feed.url}/host`, { timezoneId: 'Asia/Tokyo', bypassCSP: true });
    const { page } = visited;
    const time = page.locator('breaking-ticker time').first();
    await poll(() => time.getAttribute('title')).toMatch(/١٠:٠٠/);
    await page.locator('breaking-ticker').evaluate((ticker) => ticker.setAttribute('edition', 'en'));
    await poll(() => time.getAttribute('title')).toMatch(/10:00 UTC$/);
    const es = stringsOf('ticker', 'es');
    await page.route(`${other.url}/site.json`, (route) =>
      route.fulfill({
        json: {
          editions: [
            { id: 'en', language: 'es', timeZone: 'Asia/Kolkata', numerals: 'latn', maxAgeHours: 1e6, strings: es },
          ],
        },
        headers: { 'access-control-allow-origin': '*' },
      }),
    );
    await page.locator('breaking-ticker').evaluate((ticker, src) => ticker.setAttribute('src', src), other.url);
    await poll(() => time.getAttribute('title')).toBe('1 de marzo de 2026 a las 15:30 GMT+5:30');
  });

  test('a configuration that does not come leaves the lines in English after ten seconds', async () => {
    await using feed = await feedWith(tag('en', 'max-age-hours="1000000"'));
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    await page.clock.install({ time: '2026-03-01T11:59:00Z' });
    await page.clock.pauseAt('2026-03-01T12:00:00Z');
    await page.route('**/site.json', () => {}); // no answer
    const taken = await countFrames(page);
    await page.goto(`${feed.url}/host`);
    // Without the lines it would look for other ways to them after some seconds.
    await poll(taken).toBe(1);
    await page.clock.fastForward(9_000);
    expect(await page.locator('breaking-ticker a').isVisible()).toBe(true);
    await page.clock.fastForward(1_000);
    await poll(() => linesIn(page).count()).toBe(10);
    expect(await page.locator('breaking-ticker h2').textContent()).toBe('Breaking');
    expect(visited.faults).toEqual([]);
  });

  test.each([
    ['attribute', 'strings="{"', 'strings'],
    ['answer of the server', 'lang="es"', '/strings/es.json'],
  ])(
    'texts that are not JSON (%s) leave the ticker in English, and the console says so',
    async (_, attributes, name) => {
      await using feed = await feedWith(tag('en', `max-age-hours="1000000" ${attributes}`));
      await using visited = await visit(built.browser, 'about:blank');
      const { page } = visited;
      await page.route('**/strings/*.json', (route) => route.fulfill({ body: '{' }));
      await page.goto(`${feed.url}/host`);
      await poll(() => linesIn(page).count()).toBe(10);
      expect(await page.locator('breaking-ticker h2').textContent()).toBe('Breaking');
      expect(visited.faults).toEqual([expect.stringContaining(`<breaking-ticker>: ${name}: SyntaxError`)]);
    },
  );

  test('a ticker in another language shows the content of its tag until its words are there, and never English', async () => {
    await using feed = await feedWith(tag('ar'));
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    let send = () => {};
    const late = new Promise<void>((resolve) => {
      send = resolve;
    });
    await page.route('**/site.json', async (route) => {
      await late;
      await route.continue();
    });
    await page.goto(`${feed.url}/host`);
    await feed.reader(0);
    const shown = () => page.locator('breaking-ticker').evaluate((ticker) => ticker.shadowRoot?.textContent);
    expect(await page.locator('breaking-ticker a').isVisible()).toBe(true);
    expect(await shown()).toBe('');
    send();
    await poll(() => linesIn(page, 'ar').count()).toBe(5);
    expect(await page.locator('breaking-ticker h2').textContent()).toBe(stringsOf('ticker', 'ar').title);
    expect(await page.locator('breaking-ticker').getByRole('button').allTextContents()).toEqual(
      expect.arrayContaining(['pause', 'openList', 'hide'].map((name) => stringsOf('ticker', 'ar')[name as 'pause'])),
    );
  });

  test('a ticker speaks the language of its tag, even if no edition has it, and English if its server has no words', async () => {
    await using feed = await feedWith(tag('en', 'lang="es-MX" max-age-hours="1000000"'));
    await using visited = await visit(built.browser, `${feed.url}/host`);
    const { page } = visited;
    const title = () => page.locator('breaking-ticker h2').textContent();
    await poll(title).toBe(stringsOf('ticker', 'es').title);
    await page.locator('breaking-ticker').evaluate((ticker) => ticker.setAttribute('lang', 'en'));
    await poll(title).toBe('Breaking');
    await page.route('**/strings/*.json', (route) => route.fulfill({ status: 404 }));
    await page.route('**/site.json', (route) => route.fulfill({ status: 502 }));
    await page.locator('breaking-ticker').evaluate((ticker) => ticker.setAttribute('lang', 'fr'));
    await poll(() => linesIn(page).count()).toBe(10);
    expect(await title()).toBe('Breaking');
  });

  test('the ticker shows since when it is offline, and resumes', async () => {
    await using feed = await feedWith();
    await using visited = await visit(built.browser, `${feed.url}/host`);
    const { page } = visited;
    const state = page.locator('breaking-ticker .state');
    await poll(() => state.textContent()).toBe('Live');
    const known = feed.readers.length;
    readerOf(feed, 'en').socket.terminate();
    const back = await feed.reader(known);
    expect(back.query.get('since')).toBe('abcd1234:10');
    expect(await state.textContent()).toMatch(/^Offline since \d\d:\d\d$/);
    back.send(resumed(10, 1));
    back.send(itemFrame(11, 10, itemAt(11, { headline: 'Missed meanwhile' })));
    await poll(() => state.textContent()).toBe('Live');
    expect(await current(page).locator('.line').textContent()).toBe('Agency: Missed meanwhile');
  });

  test('the ticker disconnects while the page is hidden, and is current afterwards without reading out the backlog', async () => {
    await using feed = await feedWith();
    await using visited = await visitStill(feed);
    const { page } = visited;
    const look = (state: string) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true });
        Object.defineProperty(document, 'hidden', { value: value === 'hidden', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    const first = readerOf(feed, 'en');
    await look('hidden');
    await page.clock.runFor(60_000);
    await poll(async () => first.socket.readyState).toBe(3);
    const known = feed.readers.length;
    await look('visible');
    const back = await feed.reader(known);
    expect(back.query.get('since')).toBe('abcd1234:10');
    back.send(resumed(10, 2));
    back.send(itemFrame(11, 10));
    back.send(itemFrame(12, 11));
    await poll(() => current(page).locator('.line').textContent()).toBe('Agency: Headline number 12');
    await page.clock.runFor(5_000);
    const spoken = await page.locator('breaking-ticker .announcer').allTextContents();
    expect(spoken).toEqual(['New reports while you were away: 2', '']);
  });

  test('two tickers run on the page of another site, pinned by their hash, under a strict content policy', async () => {
    await using feed = await feedWith();
    const { file, integrity } = JSON.parse(await readFile(join(built.publicDir, 'scripts.json'), 'utf8'));
    const body = `<breaking-ticker edition="es" section="sports" limit="2" open></breaking-ticker>${tag('en')}`;
    const script = `${feed.url}/${file}" integrity="${integrity}`;
    const other = createServer(hostPage(body, (_req, response) => response.writeHead(404).end(), script)).listen(
      0,
      '127.0.0.1',
    );
    try {
      await expect.poll(() => other.address()).not.toBeNull();
      const address = other.address();
      const port = typeof address === 'object' ? address?.port : '';
      await using visited = await visit(built.browser, `http://127.0.0.1:${port}/host`);
      await poll(() => linesIn(visited.page, 'es').allTextContents()).toEqual(linesOf('es').slice(0, 2).map(lineOf));
      await poll(() => linesIn(visited.page, 'en').count()).toBe(10);
      expect(readerOf(feed, 'es').query.getAll('section')).toEqual(['sports']);
      expect(visited.faults.filter((fault) => !fault.includes('404'))).toEqual([]);
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });
});

describe('the space of the ticker', () => {
  const file = new URL('../../../../shared/data/ticker-2025-10-06.json', import.meta.url);

  test.each([320, 768, 1280, 1920])(
    'the ticker shows every line of a real day in full at %i px, and never moves the page',
    async (width) => {
      const real = JSON.parse(await readFile(file, 'utf8').catch(() => '{"ticker":[]}'));
      const longest = {
        attribution: 'Local officials in the north',
        headline: 'a line of words '.repeat(10).slice(0, 163),
      };
      const lines: { attribution: string; headline: string }[] = [...real.ticker.toReversed(), longest];
      await using feed = await feedWith(tag('en', 'reserve'), () => []);
      await using visited = await visit(built.browser, 'about:blank', { viewport: { width, height: 700 } });
      const { page } = visited;
      await recordShifts(page);
      await page.goto(`${feed.url}/host`);
      await poll(() => page.locator('breaking-ticker .empty').isVisible()).toBe(true);
      const painted = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
      await painted(); // until then the ticker itself is what moves the page
      await painted();
      await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts.splice(0));
      const after = await page.locator('#after').boundingBox();
      const peer = readerOf(feed, 'en');
      for (const [index, { attribution, headline }] of lines.entries()) {
        const seq = 11 + index;
        peer.send(
          itemFrame(
            seq,
            seq - 1,
            itemAt(seq, {
              ...{ attribution, headline, urgency: index % 2 ? 'urgent' : 'flash' },
              updatedAt: new Date().toISOString(), // tells the ticker the time; published too long ago for the top
            }),
          ),
        );
        await poll(() => current(page).locator('.line').textContent()).toBe(`${attribution}: ${headline}`);
        const fits = await current(page).evaluate((entry) => {
          const box = entry.getBoundingClientRect();
          const controls = entry.closest('.ticker')?.querySelector('.controls')?.getBoundingClientRect();
          if (!controls || (box.bottom > controls.top + 0.5 && box.right > controls.left)) return 'over the buttons';
          const { scrollWidth, clientWidth, scrollHeight, clientHeight } = entry;
          return scrollWidth <= clientWidth && scrollHeight <= clientHeight ? '' : `${scrollHeight} in ${clientHeight}`;
        });
        expect(fits, headline).toBe('');
      }
      expect(await page.locator('#after').boundingBox()).toEqual(after);
      await painted();
      expect(await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    },
  );
});
