import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createPages, type Pages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { snapshot } from '../../client/frames.ts';
import { site } from '../../resources/site.ts';
import { startBrowser, visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { linesOf } from '../lines.ts';
import { noNews } from '../no-news.ts';
import { boxesIn, faultsOf, hostilePages, shells } from './hostile-pages.ts';

const built = useBuiltPages();
let pages: Pages;

beforeAll(() => {
  pages = createPages({ publicDir: built.publicDir, site, news: noNews, onError: () => {} });
});

const english = '<breaking-ticker edition="en"></breaking-ticker>';
const arabic = '<breaking-ticker edition="ar" lang="ar"></breaking-ticker>';

async function hostile(css = '', body = english) {
  const feed = await FakeFeed.start(
    hostilePages(
      (request, response) => void (pages.handleRequest(request, response) || response.writeHead(404).end()),
      css,
      body,
    ),
  );
  feed.welcomeWith((query) => snapshot(10, linesOf(query.get('edition') ?? ''), { beatMs: 600_000 }));
  return feed;
}

/** What a page could pass on, and what its rules could set. */
const looks =
  'color background-color cursor direction display float font-family font-size font-style font-variant font-weight font-stretch hyphens letter-spacing line-break line-height list-style-type quotes tab-size text-align text-indent text-shadow text-transform text-wrap transition-duration unicode-bidi visibility white-space word-break word-spacing writing-mode -webkit-text-stroke-width'.split(
    ' ',
  );

const attacks = [
  ['a reset of everything', '* { all: unset }'],
  [
    'inherited styles of text',
    'body { letter-spacing: 0.3em; text-transform: uppercase; white-space: nowrap; text-indent: 3em; word-spacing: 1em; text-shadow: 2px 2px red; line-height: 3; font: italic 700 30px cursive; text-align: right; color: #fff; cursor: wait; tab-size: 9; hyphens: auto; list-style: square; quotes: none; line-break: anywhere; word-break: break-all; text-wrap: nowrap; font-variant: small-caps; -webkit-text-stroke: 1px red; border-spacing: 9px; caret-color: red; font-stretch: expanded }',
  ],
  [
    'rules that are !important',
    '* { letter-spacing: 0.3em !important; font-size: 40px !important; line-height: 3 !important; float: left !important; color: red !important; background: lime !important; box-sizing: content-box !important; white-space: nowrap !important; text-transform: uppercase !important; transition: all 9s !important }',
  ],
  [
    'the names of our own properties',
    '* { --paper: #f00; --ink: #0f0; --quiet: #00f; --wide: 9; --script: 9; --accent: #0ff; --rule: #ff0 }',
  ],
  ['the opposite direction', 'html { direction: rtl; unicode-bidi: bidi-override; text-align: left }'],
  [
    'a vertical page',
    'breaking-ticker { writing-mode: vertical-rl } div { block-size: 300px; writing-mode: vertical-lr; inline-size: 700px }',
  ],
] as const;

/** Gives a page another style sheet. */
const restyle = (page: Page, css: string) =>
  page.locator('style').evaluate((style, text) => {
    style.textContent = text;
  }, css);

describe('a ticker on a page of another site', () => {
  test('a ticker has a real width and a sane height as an item of flex and grid, float, inline-block and table cell', async () => {
    await using feed = await hostile();
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    const faults: string[] = [];
    for (const shell of shells) {
      await page.goto(`${feed.url}/host/${shell}`);
      await expect.poll(() => page.locator('breaking-ticker .current').count()).toBe(5);
      for (const width of [320, 768, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        faults.push(...faultsOf(shell, width, await page.evaluate(boxesIn)));
      }
    }
    expect(faults).toEqual([]);
  });

  test('a text is 16 px whatever the page makes of a rem, and as large as the reader makes it', async () => {
    const css = 'html { font-size: 62.5% } body { font-size: 1.6rem }';
    await using feed = await hostile(css, english + arabic);
    const sizes = async (page: Page) => {
      await expect.poll(() => page.locator('.current .line').count()).toBe(2);
      return page
        .locator('.current .line')
        .evaluateAll((lines) => lines.map((line) => getComputedStyle(line).fontSize));
    };
    await using usual = await visit(built.browser, `${feed.url}/host`);
    expect(await sizes(usual.page)).toEqual(['16px', '17px']);
    await using large = await startBrowser(undefined, { args: ['--blink-settings=defaultFontSize=20'] });
    await using visited = await visit(large, `${feed.url}/host`);
    expect(await sizes(visited.page)).toEqual(['20px', '21.25px']);
  });

  test('the type of a wide container is larger in Arabic too', async () => {
    await using feed = await hostile('', english + arabic);
    await using visited = await visit(built.browser, `${feed.url}/host`, { viewport: { width: 1600, height: 600 } });
    const { page } = visited;
    await expect.poll(() => page.locator('.current .line').count()).toBe(2);
    const sizes = () =>
      page
        .locator('.ticker')
        .evaluateAll((tickers) => tickers.map((one) => Number.parseFloat(getComputedStyle(one).fontSize)));
    expect(await sizes()).toEqual([20, 21.25]);
    await page.setViewportSize({ width: 2500, height: 600 });
    expect(await sizes()).toEqual([36, 38.25]);
  });

  test('the look of the ticker is the same whatever the page does to text', async () => {
    await using feed = await hostile('', `<div>${english}</div>`);
    await using visited = await visit(built.browser, `${feed.url}/host`, {
      viewport: { width: 700, height: 500 },
      reducedMotion: 'reduce', // no line turns meanwhile
    });
    const { page } = visited;
    await expect.poll(() => page.locator('.current .line').count()).toBe(1);
    const look = () =>
      page.locator('.ticker').evaluate((ticker, names) => {
        const styles = [ticker, ...ticker.querySelectorAll('*')].map((element) => {
          const style = getComputedStyle(element);
          return [element.className, ...names.map((name) => `${name}: ${style.getPropertyValue(name)}`)];
        });
        return styles;
      }, looks);
    const usual = await look();
    for (const [name, css] of attacks) {
      await restyle(page, css);
      expect(await look(), name).toEqual(usual);
      const [box] = (await page.evaluate(boxesIn)).tickers;
      expect(box?.width, name).toBeGreaterThan(250);
      expect(box?.height, name).toBeLessThan(300);
    }
  });

  test('a ticker with margins and padding of the page does not make the page wider', async () => {
    const css =
      'breaking-ticker { margin: 10px 16px; padding: 5px } div { display: flex } section { display: grid } .float { float: left }';
    await using feed = await hostile(
      css,
      `${english}<div>${english}</div><section>${english}</section><aside>${english.replace('edition', 'class="float" edition')}</aside>`,
    );
    await using visited = await visit(built.browser, `${feed.url}/host`, { viewport: { width: 700, height: 500 } });
    const { page } = visited;
    await expect.poll(() => page.locator('.current').count()).toBe(4);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(700);
    expect((await page.evaluate(boxesIn)).tickers.map(({ width }) => width)).toEqual([642, 642, 642, 642]);
  });

  test('a ticker is under what a page puts on top, and out of sight with its place', async () => {
    const css =
      'header { position: sticky; top: 0; z-index: 1; height: 40px; background: navy } .away { visibility: hidden } body { margin: 0 } breaking-ticker { z-index: 99999 }';
    await using feed = await hostile(
      css,
      `<header>Top</header>${english}<div class="away">${arabic}</div><p style="height: 2000px"></p>`,
    );
    await using visited = await visit(built.browser, `${feed.url}/host`);
    const { page } = visited;
    await expect.poll(() => page.locator('.current .line').count()).toBe(2);
    await page.evaluate(() => scrollTo(0, 60));
    expect(await page.evaluate(() => document.elementFromPoint(60, 20)?.localName)).toBe('header');
    expect(await page.locator('[edition=ar] .current').isVisible()).toBe(false);
    expect(await page.locator('[edition=en] .current').isVisible()).toBe(true);
  });

  test("a page's custom properties and parts style the ticker", async () => {
    const css =
      ':root { --flashwire-paper: rgb(1, 2, 3); --flashwire-size: 19px } breaking-ticker::part(title) { color: rgb(4, 5, 6) }';
    await using feed = await hostile(css);
    await using visited = await visit(built.browser, `${feed.url}/host`);
    const styleOf = (selector: string, name: string) =>
      visited.page
        .locator(selector)
        .first()
        .evaluate((element, property) => getComputedStyle(element).getPropertyValue(property), name);
    await expect.poll(() => visited.page.locator('.current').count()).toBe(1);
    expect(await styleOf('.ticker', 'background-color')).toBe('rgb(1, 2, 3)');
    expect(await styleOf('.ticker', 'font-size')).toBe('19px');
    expect(await styleOf('[part=title]', 'color')).toBe('rgb(4, 5, 6)');
  });
});

test("the theme of the ticker is the page's, unless its tag says another", async () => {
  const light = 'rgb(255, 255, 255)';
  const dark = 'rgb(22, 24, 29)';
  await using feed = await hostile();
  await using visited = await visit(built.browser, `${feed.url}/host`, { colorScheme: 'dark' });
  const { page } = visited;
  await page.locator('.ticker').waitFor();
  for (const [css, theme, expected] of [
    ['', '', light],
    [':root { color-scheme: light dark }', '', dark],
    [':root { color-scheme: dark }', '', dark],
    [':root { color-scheme: light }', '', light],
    ['', 'dark', dark],
    [':root { color-scheme: dark }', 'light', light],
    [':root { color-scheme: light dark }', 'auto', dark],
  ] as const) {
    await restyle(page, css);
    await page.locator('breaking-ticker').evaluate((ticker, value) => ticker.setAttribute('theme', value), theme);
    const paper = await page.locator('.ticker').evaluate((ticker) => getComputedStyle(ticker).backgroundColor);
    expect(paper, `${css} ${theme}`).toBe(expected);
  }
});
