import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { createPages, type Pages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { itemAt, itemFrame, snapshot } from '../../client/frames.ts';
import { site } from '../../resources/site.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { hostPage } from '../host-page.ts';
import { noNews } from '../no-news.ts';

const built = useBuiltPages();
let pages: Pages;

beforeAll(() => {
  pages = createPages({ publicDir: built.publicDir, site, news: noNews, onError: () => {} });
});

/** A page that writes down every event of its tickers; `#stop` prevents the clicks. */
async function listeningPage() {
  const tag = '<breaking-ticker edition="en"><a href="/live/en">Live</a></breaking-ticker>';
  const feed = await FakeFeed.start(
    hostPage(
      tag,
      (request, response) => void (pages.handleRequest(request, response) || response.writeHead(404).end()),
    ),
  );
  const visited = await visit(built.browser, 'about:blank');
  await visited.page.addInitScript(() => {
    const told: unknown[] = [];
    Object.assign(globalThis, { told });
    for (const name of ['flashwire:new', 'flashwire:state', 'flashwire:click', 'flashwire:hide'] as const)
      document.addEventListener(name, (event) => {
        const { type, detail, target } = event;
        told.push([type, detail, (target as Element).localName]);
        if (type === 'flashwire:click') event.preventDefault();
      });
  });
  return { feed, visited, page: visited.page };
}

const toldIn = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { told: [string, unknown, string][] }).told);

test('the ticker tells the page of new reports, states, followed links and of being hidden', async () => {
  const { feed, visited, page } = await listeningPage();
  await using _feed = feed;
  await using _visited = visited;
  const first = itemAt(10, { url: 'https://news.example/10' });
  feed.welcomeWith((query) =>
    query.has('since') ? null : snapshot(10, [first], { beatMs: 600_000, retry: { afterMs: 600_000, withinMs: 0 } }),
  );
  await page.goto(`${feed.url}/host`);
  await page.locator('breaking-ticker .current').waitFor();
  expect(await toldIn(page)).toEqual([
    ['flashwire:state', { type: 'connecting' }, 'breaking-ticker'],
    ['flashwire:state', { type: 'live' }, 'breaking-ticker'],
  ]);
  const reader = await feed.reader(0);
  const second = itemAt(11, { url: 'https://news.example/11' });
  reader.send(itemFrame(11, 10, second));
  reader.send(itemFrame(12, 11, { ...second, version: 2 }, 'corrected'));
  await page.locator('breaking-ticker [data-id=item-11][data-version="2"]').waitFor();
  await page.locator('breaking-ticker .current a').click();
  reader.socket.terminate();
  const offline = { type: 'offline', since: expect.any(Number), retrying: true };
  await expect.poll(async () => (await toldIn(page)).at(-1)).toEqual(['flashwire:state', offline, 'breaking-ticker']);
  await page.getByRole('button', { name: 'Hide', exact: true }).click();
  expect((await toldIn(page)).slice(2)).toEqual([
    ['flashwire:new', { item: second }, 'breaking-ticker'],
    ['flashwire:click', { item: { ...second, version: 2 }, url: 'https://news.example/11' }, 'breaking-ticker'],
    ['flashwire:state', offline, 'breaking-ticker'],
    ['flashwire:hide', { item: null }, 'breaking-ticker'],
  ]);
  expect(page.url()).toBe(`${feed.url}/host`);
});

test('a click on the link for readers without script is an event without a report', async () => {
  const { feed, visited, page } = await listeningPage();
  await using _feed = feed;
  await using _visited = visited;
  await page.goto(`${feed.url}/host`);
  await page.getByRole('link', { name: 'Live' }).click();
  expect((await toldIn(page)).at(-1)).toEqual([
    'flashwire:click',
    { item: null, url: `${feed.url}/live/en` },
    'breaking-ticker',
  ]);
});
