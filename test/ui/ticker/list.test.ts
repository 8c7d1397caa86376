import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { createPages, type Pages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { snapshot } from '../../client/frames.ts';
import { site } from '../../resources/site.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { hostPage } from '../host-page.ts';
import { linesOf } from '../lines.ts';
import { noNews } from '../no-news.ts';

const built = useBuiltPages();
let pages: Pages;

beforeAll(() => {
  pages = createPages({ publicDir: built.publicDir, site, news: noNews, onError: () => {} });
});

async function hosted(script: string, more: string) {
  const tag = '<breaking-ticker edition="en" variant="list"></breaking-ticker>';
  const serve = (request: IncomingMessage, response: ServerResponse) =>
    void (pages.handleRequest(request, response) || response.writeHead(404).end());
  const feed = await FakeFeed.start(hostPage(`${more}${tag}`, serve, script));
  feed.welcomeWith((query) => snapshot(10, linesOf(query.get('edition') ?? ''), { beatMs: 600_000 }));
  return feed;
}

/** The columns of a line, and how many lines are in sight. */
async function drawnIn(page: Page) {
  const lines = page.locator('breaking-ticker .entry');
  await expect.poll(() => lines.filter({ visible: true }).count()).toBe(10);
  return lines.first().evaluate((line) => getComputedStyle(line).gridTemplateColumns.split(' ').length);
}

const tagOf = (source: string) => `<script type="module" src="${source}" crossorigin></script>`;

test.each([
  ['after', '/ticker.js', '/ticker-list.js'],
  ['before', '/ticker-list.js', '/ticker.js'],
])("the list has all reports in two columns when its script is %s the ticker's", async (_order, first, second) => {
  await using feed = await hosted(first, tagOf(second));
  await using visited = await visit(built.browser, `${feed.url}/host`);
  expect(await drawnIn(visited.page)).toBe(2);
  expect(visited.faults).toEqual([]);
});

test('the list pins both scripts by their hashes', async () => {
  const { file, integrity, list } = JSON.parse(await readFile(join(built.publicDir, 'scripts.json'), 'utf8'));
  await using feed = await hosted(
    `/${file}" integrity="${integrity}`,
    tagOf(`/${list.file}" integrity="${list.integrity}`),
  );
  await using visited = await visit(built.browser, `${feed.url}/host`);
  expect(await drawnIn(visited.page)).toBe(2);
  const caching = await Promise.all(
    [list.file, 'ticker-list.js'].map(async (name) =>
      (await fetch(`${feed.url}/${name}`)).headers.get('cache-control'),
    ),
  );
  expect(caching).toEqual([expect.stringContaining('immutable'), expect.not.stringContaining('immutable')]);
});

test('a list without its script shows all reports in the style of the banner, and the console says what is missing', async () => {
  await using feed = await hosted('/ticker.js', '');
  await using visited = await visit(built.browser, 'about:blank');
  const { page, faults } = visited;
  await page.clock.install();
  await page.goto(`${feed.url}/host`);
  expect(await drawnIn(page)).toBe(1);
  await page.clock.fastForward(5_000);
  await expect.poll(() => faults).toEqual(['<breaking-ticker>: variant="list" needs the script ticker-list.js too']);
});
