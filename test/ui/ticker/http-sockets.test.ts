import { expect, test } from 'vitest';
import { facets } from '../../resources/memory-log.ts';
import { servePages } from '../../resources/served-pages.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';

const built = useBuiltPages();

test('the ticker polls in a network that blocks WebSocket, and shows what is new', async () => {
  await using served = await servePages(built.publicDir, undefined, '<breaking-ticker edition="en"></breaking-ticker>');
  await using visited = await visit(built.browser, 'about:blank');
  const { page } = visited;
  const asked = new Set<string>();
  page.on('request', (request) => asked.add(new URL(request.url()).pathname));
  await page.addInitScript('WebSocket = class { constructor() { throw new Error("blocked") } }');
  await page.goto(`${served.url}/host`);
  await page.locator('.ticker[data-state=live]').waitFor({ state: 'attached', timeout: 15_000 });
  served.en.publish('01J00000000000000000000001', facets(['politics']), 'A new line', {
    publishedAt: new Date().toISOString(),
  });
  await expect.poll(() => page.locator('.current .line').textContent(), { timeout: 15_000 }).toBe('A new line');
  expect([...asked].filter((path) => path.startsWith('/v1/feed'))).toEqual(['/v1/feed.poll']);
  expect(visited.faults).toEqual([]);
});
