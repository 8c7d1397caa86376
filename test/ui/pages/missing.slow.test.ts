import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openApiOf } from '../../../src/api/openapi/openapi.ts';
import { createDeskPage } from '../../../src/ui/server/desk-page.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { facets } from '../../resources/memory-log.ts';
import { servePages } from '../../resources/served-pages.ts';
import { site } from '../../resources/site.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { deskItem, FakeDesk } from '../desk/fake-desk.ts';

const built = useBuiltPages();

const poll = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 15_000 });
const idOf = (number: number) => `01J0000000000000000000${String(number).padStart(4, '0')}`;

/** What a browser does not have, or refuses, before a script of ours runs. */
const missing: readonly [what: string, script: string][] = [
  [
    'constructable style sheets',
    'CSSStyleSheet = class { constructor() { throw new TypeError("Illegal constructor") } }',
  ],
  ['the CSSStyleSheet object', 'delete globalThis.CSSStyleSheet'],
  ['adopted style sheets', 'for (const of of [Document, ShadowRoot]) delete of.prototype.adoptedStyleSheets'],
  ['the time zone', 'refuse("DateTimeFormat", (_, options) => options?.timeZone)'],
  [
    'the numbering system',
    'for (const name of ["DateTimeFormat", "RelativeTimeFormat"]) refuse(name, (locale) => /-u-nu-/.test(locale))',
  ],
  [
    'the language of times',
    'for (const name of ["DateTimeFormat", "RelativeTimeFormat"]) refuse(name, (locale) => locale)',
  ],
  ['Intl.RelativeTimeFormat', 'delete Intl.RelativeTimeFormat'],
  ['Intl', 'delete globalThis.Intl'],
  [
    'storage',
    'Object.defineProperty(globalThis, "localStorage", { get() { throw new DOMException("no", "SecurityError") } })',
  ],
  ['matchMedia', 'delete globalThis.matchMedia'],
  ['requestAnimationFrame', 'Math.random = () => 0; delete globalThis.requestAnimationFrame'],
  ['requests and their end', 'fetch = () => { throw new TypeError("no") }; delete globalThis.AbortController'],
  [
    'what came after 2021',
    `for (const name of ['structuredClone', 'requestIdleCallback', 'BroadcastChannel', 'reportError', 'scheduler',
      'trustedTypes', 'ResizeObserver', 'IntersectionObserver']) delete globalThis[name];
    delete URL.canParse; delete Object.groupBy; delete Promise.withResolvers; delete Element.prototype.moveBefore;
    delete Crypto.prototype.randomUUID; delete Navigator.prototype.share; delete Navigator.prototype.clipboard;
    for (const name of ['at', 'toSorted', 'toReversed', 'toSpliced', 'with', 'findLast']) delete Array.prototype[name];
    for (const name of ['toWellFormed', 'isWellFormed']) delete String.prototype[name];`,
  ],
];

const refuse = `const refuse = (name, isRefused) => {
  const Known = Intl[name];
  Intl[name] = function (...given) {
    if (isRefused(...given)) throw new RangeError('not known here');
    return new Known(...given);
  };
};`;

const inTicker = (page: Page) => page.locator('breaking-ticker .line').allTextContents();
const inList = (page: Page) => page.locator('.updates .line').allTextContents();

async function pagesOfTwo(hostBody = '') {
  const served = await servePages(built.publicDir, undefined, hostBody);
  const publish = (number: number) =>
    served.en.publish(idOf(number), facets(['politics']), `Line ${number}`, {
      publishedAt: new Date().toISOString(),
    });
  publish(1);
  publish(2);
  return { ...served, publish };
}

function deskServer(desk: FakeDesk) {
  const deskPage = createDeskPage({ publicDir: built.publicDir, site, api: openApiOf(site, '0.0.0') });
  return FakeFeed.start((request, response) => {
    if (!deskPage.handleRequest(request, response)) void desk.handle(request, response);
  });
}

describe('a browser', () => {
  test.each(missing)('without %s has every line, in the ticker and on the page, with its time', async (_, script) => {
    await using served = await pagesOfTwo();
    await using visited = await visit(built.browser, 'about:blank', { bypassCSP: true });
    const { page } = visited;
    await page.addInitScript(`{ ${refuse}\n${script} }`);
    await page.goto(`${served.url}/section/en/politics`);
    for (const lines of [inTicker, inList]) await poll(() => lines(page)).toEqual(['Line 2', 'Line 1']);
    served.publish(3);
    for (const lines of [inTicker, inList]) await poll(() => lines(page)).toEqual(['Line 3', 'Line 2', 'Line 1']);
    const times = await page.locator('breaking-ticker time, .updates time').allTextContents();
    expect(times).toHaveLength(6);
    expect(times).not.toContain('');
    expect(await page.locator('breaking-ticker .words').textContent()).toBe('Live');
    const look = await page.locator('breaking-ticker .ticker').evaluate((found) => getComputedStyle(found).display);
    expect(look).toBe('grid');
    expect(visited.faults).toEqual([]);
  });

  test('that fails at one line has the others, and that one as plain text', async () => {
    await using served = await pagesOfTwo();
    const bad = '2026-01-01T00:00:01.000Z';
    served.en.publish(idOf(3), facets(['politics']), 'Line 3', { publishedAt: bad, attribution: 'AFP' });
    served.publish(4);
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    await page.addInitScript((at) => {
      const { parse } = Date;
      Date.parse = (text) => {
        if (text === at) throw new Error('one line');
        return parse(text);
      };
    }, bad);
    await page.goto(`${served.url}/section/en/politics`);
    const entries = page.locator('breaking-ticker .entry');
    await poll(() => page.locator('.state.live').count()).toBe(1);
    expect(await inList(page)).toEqual(['Line 4', 'AFP: Line 3', 'Line 2', 'Line 1']);
    await poll(() => entries.count()).toBe(4);
    expect(await entries.nth(1).textContent()).toBe('AFP: Line 3\u00d7'); // with the button that dismisses it
    served.en.correct(idOf(3), facets(['politics']), 'Line 3, put right');
    for (const lines of [inTicker, inList])
      await poll(() => lines(page)).toEqual(['Line 4', 'Line 3, put right', 'Line 2', 'Line 1']);
    expect(visited.faults).not.toEqual([]);
    expect(visited.faults.filter((fault) => !fault.includes('one line'))).toEqual([]);
  });
});

describe('the embed page', () => {
  test('of a browser without a clipboard (plain HTTP) selects what was to be copied', async () => {
    await using served = await pagesOfTwo();
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    await page.addInitScript('delete Navigator.prototype.clipboard');
    await page.goto(`${served.url}/embed?edition=en`);
    await page.getByRole('button', { name: 'Copy' }).click();
    await poll(() => page.evaluate(() => String(getSelection()))).toContain('<breaking-ticker');
    expect(visited.faults).toEqual([]);
  });
});

describe('the desk', () => {
  test('the desk has its items where a request has no end of its own (Safari before 16)', async () => {
    const desk = new FakeDesk();
    desk.signedIn = true;
    desk.items = [deskItem('01A', 'published', { headline: 'Line 1' })];
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, 'about:blank');
    await visited.page.addInitScript('delete AbortSignal.timeout; delete Array.prototype.at');
    await visited.page.goto(`${server.url}/desk`);
    await poll(() => visited.page.locator('[data-id="01A"] .text').allTextContents()).toEqual(['Line 1']);
    expect(visited.faults).toEqual([]);
  });

  test('signs in where storage is full', async () => {
    const desk = new FakeDesk();
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    await page.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    await page.goto(`${server.url}/desk`);
    await page.locator('input').first().fill('fw_good_0123456789abcdefghijklmnopqrstuvwxyz');
    await page.keyboard.press('Enter');
    await poll(() => page.locator('.composer textarea').count()).toBe(1);
    expect(visited.faults.filter((fault) => !fault.includes('401'))).toEqual([]);
  });
});

describe('a ticker', () => {
  const tag = '<breaking-ticker edition="en" open><a href="/live/en">The news</a></breaking-ticker>';
  const link = (page: Page) => page.getByRole('link', { name: 'The news' });

  test.each([
    [
      'no feed can be reached',
      'WebSocket = class { constructor() { throw new Error("no") } }; fetch = () => Promise.reject(new TypeError("no"))',
    ],
    [
      'it cannot be drawn',
      `const { createElement } = document;
      document.createElement = (name) => {
        if (name === 'section') throw new Error('no');
        return createElement.call(document, name);
      };`,
    ],
    ['there are no shadow roots', 'delete Element.prototype.attachShadow'],
    ['there are no custom elements', 'delete globalThis.customElements'],
  ])('leaves the link of the page where %s', async (_, script) => {
    await using served = await pagesOfTwo(tag);
    await using visited = await visit(built.browser, 'about:blank');
    await visited.page.addInitScript(`{ ${script} }`);
    await visited.page.goto(`${served.url}/host`, { waitUntil: 'load' });
    expect(await link(visited.page).isVisible()).toBe(true);
  });

  test('a ticker takes the place of the link once it has lines', async () => {
    await using served = await pagesOfTwo(tag);
    await using visited = await visit(built.browser, `${served.url}/host`);
    await poll(() => inTicker(visited.page)).toEqual(['Line 2', 'Line 1']);
    expect(await link(visited.page).isVisible()).toBe(false);
    expect(visited.faults).toEqual([]);
  });

  test.each([
    [
      'a time zone, digits and a language that no browser knows',
      'time-zone="Mars/Olympus" numerals="!" lang="xx"',
      null,
    ],
    ['a site.json that is none', '', 'nothing'],
    ['a site.json with half an edition', '', '{"editions":[{"id":"en"}]}'],
    ['a site.json of odd values', '', '{"editions":[{"id":"en","language":"!","timeZone":"","numerals":{}}]}'],
  ])('shows its lines with %s', async (_, attributes, json) => {
    await using served = await pagesOfTwo(tag.replace(' open', ` open ${attributes}`));
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    let isAnswered = json === null;
    if (json !== null) {
      await page.route('**/site.json', async (route) => {
        await route.fulfill({ body: json, contentType: 'application/json' });
        isAnswered = true;
      });
    }
    await page.goto(`${served.url}/host`);
    await poll(() => inTicker(page)).toEqual(['Line 2', 'Line 1']);
    await poll(async () => isAnswered).toBe(true);
    await page.getByRole('button', { name: 'Hide' }).click();
    await page.getByRole('button', { name: 'Show breaking news' }).click();
    await poll(() => inTicker(page)).toEqual(['Line 2', 'Line 1']);
    expect(await page.locator('breaking-ticker time').allTextContents()).not.toContain('');
    // The server has no words in `xx`: the console shows which address was asked for them. It also says what is no JSON.
    const told = json === 'nothing' ? '/site.json: SyntaxError' : '404';
    expect(visited.faults.filter((fault) => !fault.includes(told))).toEqual([]);
  });

  test('a ticker without a style sheet that it may construct, on a page that allows no other, has its lines', async () => {
    await using served = await pagesOfTwo(tag);
    await using visited = await visit(built.browser, 'about:blank');
    await visited.page.addInitScript('delete globalThis.CSSStyleSheet');
    await visited.page.goto(`${served.url}/host`);
    await poll(() => inTicker(visited.page)).toEqual(['Line 2', 'Line 1']);
    expect(await visited.page.locator('breaking-ticker .line').first().isVisible()).toBe(true);
  });
});
