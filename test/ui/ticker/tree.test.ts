import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { createPages, type Pages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { itemAt, snapshot } from '../../client/frames.ts';
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

const url = 'https://news.example/2';
const usual = [itemAt(2, { url, headline: 'Bridge reopens to lorries' }), itemAt(1, { urgency: 'update' })];
const flash = [itemAt(2, { url, urgency: 'flash', headline: 'Earthquake of magnitude 6.1 off the coast' }), itemAt(1)];

/** What Chromium tells a screen reader of the ticker: role, name and state of each node, without text in its parts. */
async function treeOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const told = new Set(['expanded', 'live', 'atomic', 'focusable', 'hidden', 'pressed', 'disabled']);
  const lines: string[] = [];
  const write = (id: string, depth: number): void => {
    const node = byId.get(id);
    if (!node) return;
    const role = String(node.role?.value);
    const isLive = node.properties?.some(({ name }) => name === 'live');
    const isSilent = node.ignored || (['InlineTextBox', 'none', 'generic'].includes(role) && !isLive);
    if (!isSilent) {
      const states = (node.properties ?? [])
        .filter(({ name, value }) => told.has(name) && value.value !== false && value.value !== 'off')
        .map(({ name, value }) => (value.value === true ? name : `${name}=${value.value}`));
      lines.push(
        ['  '.repeat(depth) + role, node.name?.value && JSON.stringify(node.name.value), ...states]
          .filter(Boolean)
          .join(' '),
      );
    }
    for (const child of node.childIds ?? []) write(child, isSilent ? depth : depth + 1);
  };
  const region = nodes.find(({ role }) => role?.value === 'region');
  if (region) write(region.nodeId, 0);
  return `${lines.join('\n')}\n`;
}

test.each([
  ['usual', usual],
  ['flash', flash],
  ['empty', []],
  ['offline', usual],
] as const)('Chromium tells a screen reader the recorded tree of the ticker when it is %s', async (state, items) => {
  const tag = '<breaking-ticker edition="en" time-zone="UTC"><a href="/live/en">Live</a></breaking-ticker>';
  await using feed = await FakeFeed.start(
    hostPage(
      tag,
      (request, response) => void (pages.handleRequest(request, response) || response.writeHead(404).end()),
    ),
  );
  const calm = { beatMs: 600_000, retry: { afterMs: 600_000, withinMs: 0 } };
  feed.welcomeWith((query) => (query.has('since') ? null : snapshot(10, items, calm)));
  await using visited = await visit(built.browser, 'about:blank', { timezoneId: 'UTC' });
  const { page } = visited;
  await page.clock.install({ time: '2026-03-01T10:02:00Z' });
  await page.goto(`${feed.url}/host`);
  await page.locator('.ticker[data-state=live]').waitFor({ state: 'attached' });
  if (state === 'offline') {
    feed.readers[0]?.socket.terminate();
    await page.locator('.ticker[data-state=offline]').waitFor({ state: 'attached' });
  }
  await expect(await treeOf(page)).toMatchFileSnapshot(`../transcripts/tree-${state}.txt`);
});
