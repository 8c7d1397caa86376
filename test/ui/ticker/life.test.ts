import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeAll, expect, test } from 'vitest';
import { createPages, type Pages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { snapshot } from '../../client/frames.ts';
import { site } from '../../resources/site.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { linesOf } from '../lines.ts';
import { noNews } from '../no-news.ts';

const built = useBuiltPages();
let pages: Pages;

beforeAll(() => {
  pages = createPages({ publicDir: built.publicDir, site, news: noNews, onError: () => {} });
});

/** A feed whose page at /host has this body and this policy. */
async function hosted(body: string, policy = '') {
  const feed = await FakeFeed.start((request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/host')
      response
        .writeHead(200, {
          'Content-Type': 'text/html; charset=utf-8',
          ...(policy && { 'Content-Security-Policy': policy }),
        })
        .end(`<!doctype html><html lang="en"><title>A site</title><body>${body}</body></html>`);
    else if (!pages.handleRequest(request, response)) response.writeHead(404).end();
  });
  feed.welcomeWith((query) => snapshot(10, linesOf(query.get('edition') ?? ''), { beatMs: 600_000 }));
  return feed;
}

const script = '<script type="module" src="/ticker.js"></script>';
const tag = '<breaking-ticker edition="en"></breaking-ticker>';
const open = (feed: FakeFeed) => feed.readers.filter(({ socket }) => socket.readyState === 1).length;

test('a ticker that is put in, taken out and put in again, as React does in its strict mode, has one connection', async () => {
  await using feed = await hosted(script);
  await using visited = await visit(built.browser, `${feed.url}/host`);
  const { page, faults } = visited;
  await page.evaluate(async () => {
    await customElements.whenDefined('breaking-ticker');
    const ticker = document.createElement('breaking-ticker');
    ticker.setAttribute('edition', 'en');
    document.body.append(ticker);
    ticker.remove();
    document.body.append(ticker);
  });
  await page.locator('.ticker[data-state=live]').waitFor();
  await expect.poll(() => open(feed)).toBe(1);
  await page.locator('breaking-ticker').evaluate((ticker) => ticker.remove());
  await expect.poll(() => open(feed)).toBe(0);
  expect(faults).toEqual([]);
});

test('a ticker follows its attributes, and two on a page do not meet', async () => {
  await using feed = await hosted(`${script}${tag}<breaking-ticker edition="ar"></breaking-ticker>`);
  await using visited = await visit(built.browser, `${feed.url}/host`);
  const { page, faults } = visited;
  const lines = (nth: number) => page.locator('breaking-ticker').nth(nth).locator('.line').count();
  await expect.poll(() => Promise.all([lines(0), lines(1)])).toEqual([10, 5]);
  await page
    .locator('breaking-ticker')
    .first()
    .evaluate((ticker) => {
      ticker.setAttribute('edition', 'es');
      ticker.setAttribute('limit', '2');
    });
  await expect.poll(() => Promise.all([lines(0), lines(1)])).toEqual([2, 5]);
  await expect.poll(() => open(feed)).toBe(2);
  expect(faults).toEqual([]);
});

test('a page sets words of its own, and changes them', async () => {
  await using feed = await hosted(`${script}<breaking-ticker edition="en" label-title="Eil"></breaking-ticker>`);
  await using visited = await visit(built.browser, `${feed.url}/host`);
  const { page } = visited;
  const title = () => page.locator('breaking-ticker h2').textContent();
  await page.locator('.ticker[data-state=live]').waitFor();
  expect(await title()).toBe('Eil');
  await page.locator('breaking-ticker').evaluate((ticker) => ticker.setAttribute('label-title', 'Just in'));
  await expect.poll(title).toBe('Just in');
});

test.each([
  [
    'a nonce',
    (origin: string) =>
      `default-src 'none'; script-src 'nonce-abc'; connect-src ${origin} ${origin.replace('http', 'ws')}`,
  ],
  [
    'a nonce and strict-dynamic, with Trusted Types',
    (origin: string) =>
      `default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; connect-src ${origin} ${origin.replace('http', 'ws')}; style-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
  ],
])('a ticker has its lines and its style under a policy with %s', async (_name, policyFor) => {
  await using feed = await hosted('');
  await using other = await hosted(
    `<script type="module" nonce="abc" src="${feed.url}/ticker.js"></script>${tag}`,
    policyFor(feed.url),
  );
  await using visited = await visit(built.browser, `${other.url}/host`);
  const { page, faults } = visited;
  await page.locator('.ticker[data-state=live]').waitFor();
  expect(await page.locator('.ticker').evaluate((ticker) => getComputedStyle(ticker).display)).toBe('grid');
  expect(faults).toEqual([]);
});

test('a ticker runs in an iframe that may only run scripts, where there is no storage', async () => {
  const inner = `${script.replace('/ticker.js', 'ORIGIN/ticker.js')}${tag}`;
  await using feed = await hosted('');
  await using other = await hosted(
    `<iframe sandbox="allow-scripts" srcdoc='${inner.replace('ORIGIN', feed.url)}' width="600" height="300"></iframe>`,
  );
  await using visited = await visit(built.browser, `${other.url}/host`);
  const { page, faults } = visited;
  const ticker = page.frameLocator('iframe').locator('.ticker[data-state=live]');
  await ticker.waitFor();
  await ticker.getByRole('button', { name: 'Hide', exact: true }).click();
  await page.frameLocator('iframe').getByRole('button', { name: 'Show breaking news' }).waitFor();
  expect(faults).toEqual([]);
});
