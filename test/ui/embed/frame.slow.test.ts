import type { Frame, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { frameScriptOf } from '../../../src/ui/embed/snippet.ts';
import { createPages } from '../../../src/ui/server/pages.ts';
import { stringsOf } from '../../../src/ui/strings/strings.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { itemAt, snapshot } from '../../client/frames.ts';
import { site } from '../../resources/site.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { noNews } from '../no-news.ts';

const built = useBuiltPages();
const poll = <Value>(read: () => Value | Promise<Value>) => expect.poll(read, { timeout: 15_000 });

/** The server of the ticker. Its one line leads to an article. */
async function newsroom(article = (_url: string) => 'https://articles.example/1') {
  const pages = createPages({ publicDir: built.publicDir, site, news: noNews, onError: () => {} });
  const feed = await FakeFeed.start((request, response) => {
    if (pages.handleRequest(request, response)) return;
    const isArticle = request.url?.startsWith('/article');
    response.writeHead(isArticle ? 200 : 404, { 'Content-Type': 'text/html' }).end(isArticle ? 'An article' : '');
  });
  feed.welcomeWith(() => {
    const item = itemAt(1, { headline: 'The bridge opens', url: article(feed.url).replace('http:', 'https:') });
    return snapshot(10, [item], { retry: { afterMs: 0, withinMs: 50 }, beatMs: 600_000 });
  });
  return feed;
}

interface Told {
  readonly type?: string;
  readonly message?: string;
  readonly value?: number | string;
  readonly height?: number;
  readonly secret?: string;
}

/** A page of another site with this iframe. It keeps what the frame tells it. */
async function paper(frame: string) {
  const script = `globalThis.told = []; addEventListener('message', ({ data, source }) => {
    if (source === document.querySelector('iframe').contentWindow) told.push(data);
  });`;
  return FakeFeed.start((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(
      `<!doctype html><html lang="en"><title>A paper</title><script>${script}</script><body><h1>A paper</h1>${frame}</body></html>`,
    );
  });
}

const told = (page: Page) => page.evaluate(() => (globalThis as unknown as { told: Told[] }).told);
const heights = async (page: Page) =>
  (await told(page)).filter(({ type }) => type === 'flashwire:height').map(({ height }) => height);

async function frameOf(page: Page): Promise<Frame> {
  const handle = await page.waitForSelector('iframe');
  const frame = await handle.contentFrame();
  if (!frame) throw new Error('the page has no frame');
  await frame.locator('breaking-ticker [data-state=live]').waitFor();
  return frame;
}

const heightIn = (frame: Frame) =>
  frame.evaluate(() => Math.ceil(document.documentElement.getBoundingClientRect().height));

describe('the ticker in an iframe', () => {
  test('the ticker works with the right to run scripts alone, and tells the page each change of its height', async () => {
    await using server = await newsroom();
    await using host = await paper(
      `<iframe title="News" src="${server.url}/embed/en" sandbox="allow-scripts"></iframe>`,
    );
    await using visited = await visit(built.browser, host.url);
    const { page } = visited;
    const frame = await frameOf(page);
    expect(await frame.evaluate(() => origin)).toBe('null');
    await poll(() => frame.locator('.current .line').textContent()).toContain('The bridge opens');
    await poll(async () => (await heights(page)).at(-1)).toBe(await heightIn(frame));
    await frame.getByRole('button', { name: 'All news' }).click();
    await page.evaluate(() => {
      const iframe = document.querySelector('iframe');
      if (iframe) iframe.style.width = '200px';
    });
    await poll(async () => (await heights(page)).at(-1)).toBe(await heightIn(frame));
    const all = await heights(page);
    expect(new Set(all).size).toBeGreaterThan(1);
    expect(all.filter((height, index) => height === all[index - 1])).toEqual([]);
    expect((await told(page)).filter(({ message }) => message !== undefined)).toEqual([]);
    expect(visited.faults).toEqual([]);
  });

  test('the ticker that took no room says so when it opens again, from a frame without height', async () => {
    await using server = await newsroom();
    const follow = `<script>addEventListener('message', ({ data }) => {
      document.querySelector('iframe').style.height = data.height + 'px';
    });</script>`;
    await using host = await paper(
      `<iframe title="News" src="${server.url}/embed/en" sandbox="allow-scripts"></iframe>${follow}`,
    );
    await using visited = await visit(built.browser, host.url);
    const { page } = visited;
    const frame = await frameOf(page);
    const show = (isShown: boolean) =>
      frame.locator('breaking-ticker').evaluate((ticker, is) => ticker.toggleAttribute('hidden', !is), isShown);
    const boxHeight = () => page.locator('iframe').evaluate((iframe) => iframe.clientHeight);
    await show(false);
    await poll(boxHeight).toBe(0);
    await show(true);
    await poll(boxHeight).toBe(await heightIn(frame));
    expect(await boxHeight()).toBeGreaterThan(50);
  });

  test('the script of the recipe gives each iframe of a page the height of its own ticker', async () => {
    await using server = await newsroom();
    const iframe = (edition: string, width: number) =>
      `<iframe title="News" src="${server.url}/embed/${edition}" sandbox="allow-scripts" width="${width}" height="10" style="border: 0"></iframe>`;
    const script = frameScriptOf({ origin: server.url });
    await using host = await paper(`${iframe('en', 700)}${script}${iframe('en?variant=card', 250)}`);
    await using visited = await visit(built.browser, host.url);
    const { page } = visited;
    const isWhole = () =>
      Promise.all(
        page
          .frames()
          .slice(1)
          .map(async (frame) => {
            const box = await (await frame.frameElement()).boundingBox();
            return (box?.height ?? 0) > 50 && (await heightIn(frame)) === box?.height;
          }),
      );
    await poll(isWhole).toEqual([true, true]);
    await page.evaluate(() => postMessage(null, '*'));
    expect(visited.faults).toEqual([]);
  });

  test('the address says what the ticker shows, in which language and variant, and nothing else of it', async () => {
    await using server = await newsroom();
    const query = 'section=politics&region=asia&topic=talks&urgency=flash&limit=5&variant=card&theme=dark&lang=es';
    await using visited = await visit(
      built.browser,
      `${server.url}/embed/en?${query}&src=https://evil.example&edition=ar&onclick=hit()&style=x`,
    );
    const ticker = visited.page.locator('breaking-ticker');
    const attributes = await ticker.evaluate((element) =>
      Object.fromEntries(element.getAttributeNames().map((name) => [name, element.getAttribute(name)])),
    );
    expect(attributes).toMatchObject({ edition: 'en', ...Object.fromEntries(new URLSearchParams(query)) });
    for (const name of ['src', 'onclick', 'style']) expect(attributes).not.toHaveProperty(name);
    const { scheme, language } = await visited.page.evaluate(() => ({
      scheme: getComputedStyle(document.documentElement).colorScheme,
      language: document.documentElement.lang,
    }));
    expect([scheme, language]).toEqual(['dark', 'es']);
    await poll(() => ticker.locator('h2').textContent()).toBe(stringsOf('ticker', 'es').title);
    await poll(() => server.readers.at(-1)?.query.get('section')).toBe('politics');
  });

  test('a language that is none leads to no other file of the server', async () => {
    await using server = await newsroom();
    const asked: string[] = [];
    await using visited = await visit(built.browser, 'about:blank');
    visited.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await visited.page.goto(`${server.url}/embed/en?lang=../../site`);
    await visited.page.locator('breaking-ticker .ticker').waitFor({ state: 'attached' });
    expect(await visited.page.locator('html').getAttribute('lang')).toBe('en');
    expect(asked).not.toContain('/site.json');
  });

  test('the ticker is light unless the address asks for the colours of the page or for dark ones', async () => {
    await using server = await newsroom();
    for (const [query, theme, scheme] of [
      ['', 'light', 'light'],
      ['?theme=auto', 'auto', 'light dark'],
      ['?theme=dark', 'dark', 'dark'],
    ]) {
      await using visited = await visit(built.browser, `${server.url}/embed/en${query}`, { colorScheme: 'dark' });
      const of = () =>
        visited.page.evaluate(() => [
          document.querySelector('breaking-ticker')?.getAttribute('theme'),
          getComputedStyle(document.documentElement).colorScheme,
        ]);
      await poll(of).toEqual([theme, scheme]);
    }
  });

  test('the ticker tells WordPress its height, again when it is asked, and where a link leads', async () => {
    await using server = await newsroom();
    const address = `${server.url}/embed/en?variant=card#?secret=aB3dE6gH9k`;
    await using host = await paper(`<iframe title="News" src="${address}" sandbox="allow-scripts"></iframe>`);
    await using visited = await visit(built.browser, host.url);
    const { page } = visited;
    const frame = await frameOf(page);
    const said = async () => (await told(page)).filter(({ secret }) => secret === 'aB3dE6gH9k');
    await poll(async () => (await said()).at(-1)).toEqual({
      message: 'height',
      value: await heightIn(frame),
      secret: 'aB3dE6gH9k',
    });
    await page.evaluate(() => {
      (globalThis as unknown as { told: Told[] }).told.length = 0;
      const { contentWindow } = document.querySelector('iframe') ?? {};
      contentWindow?.postMessage({ message: 'ready', secret: 'another' }, '*');
      contentWindow?.postMessage({ message: 'ready', secret: 'aB3dE6gH9k' }, '*');
    });
    await poll(async () => (await said()).map(({ message }) => message)).toEqual(['height']);
    await frame.locator('.current a').click();
    // WordPress follows links to the host of the frame only, so that a line of another site leads to its page here.
    await poll(async () => (await said()).at(-1)).toEqual({
      message: 'link',
      value: `${server.url}/item/${await frame.locator('.current').getAttribute('data-id')}`,
      secret: 'aB3dE6gH9k',
    });
    expect(page.url()).toBe(`${host.url}/`);
    expect(visited.faults).toEqual([]);
  });

  test('a link opens in the whole window, and in a new one where the page does not let it', async () => {
    await using server = await newsroom((url) => `${url}/article/1`);
    for (const rights of ['allow-top-navigation-by-user-activation allow-popups', 'allow-popups']) {
      await using host = await paper(
        `<iframe title="News" src="${server.url}/embed/en" sandbox="allow-scripts ${rights}"></iframe>`,
      );
      await using visited = await visit(built.browser, host.url);
      const { page } = visited;
      const frame = await frameOf(page);
      const wanted: string[] = [];
      page.context().on('request', (request) => {
        if (request.isNavigationRequest()) wanted.push(request.url());
      });
      await frame.locator('.current a').click();
      await poll(() => wanted).toEqual([`${server.url.replace('http:', 'https:')}/article/1`]);
      await poll(() => page.context().pages().length).toBe(rights.startsWith('allow-top') ? 1 : 2);
    }
  });

  test('a page that is not in the list of origins cannot show the ticker', async () => {
    const pages = createPages({
      publicDir: built.publicDir,
      site,
      news: noNews,
      onError: () => {},
      allowedOrigins: 'https://paper.example',
    });
    await using server = await FakeFeed.start((request, response) => pages.handleRequest(request, response));
    await using host = await paper(`<iframe title="News" src="${server.url}/embed/en"></iframe>`);
    await using visited = await visit(built.browser, host.url);
    await poll(() => visited.faults.join()).toContain('frame-ancestors');
    expect(await told(visited.page)).toEqual([]);
  });
});
