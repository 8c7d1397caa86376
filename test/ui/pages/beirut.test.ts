import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseSite } from '../../../src/item/site-schema.ts';
import { createPages } from '../../../src/ui/server/pages.ts';
import { stringsOf } from '../../../src/ui/strings/strings.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { itemAt, snapshot } from '../../client/frames.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { hostPage } from '../host-page.ts';
import { noNews } from '../no-news.ts';

const built = useBuiltPages();

test('the edition of Beirut has its articles, its words and the names of its months, on the page and in the ticker', async () => {
  const site = parseSite(JSON.parse(readFileSync('flashwire.config.json', 'utf8')));
  const pages = createPages({ publicDir: built.publicDir, site, news: noNews, onError: () => {} });
  await using feed = await FakeFeed.start(
    hostPage('<breaking-ticker edition="ar" max-age-hours="87600"></breaking-ticker>', (request, response) => {
      if (!pages.handleRequest(request, response)) response.writeHead(404).end();
    }),
  );
  feed.welcomeWith(() => snapshot(10, [itemAt(1, { publishedAt: '2025-11-20T06:40:00.000Z' })]));
  const textOf = async (path: string) => (await fetch(feed.url + path)).text();
  const front = await textOf('/?edition=ar');
  expect(front).toContain('<html lang="ar-LB" dir="rtl">');
  expect(front).toContain('href="/article/iftitah-jisr-velda"');
  expect(front).toContain(`>${stringsOf('ticker', 'ar').title}</a></breaking-ticker>`);
  expect(await textOf('/article/velda-bridge-reopens')).toContain(
    '<a href="/article/iftitah-jisr-velda" lang="ar-LB" hreflang="ar-LB" dir="rtl">',
  );
  expect(await textOf('/article/iftitah-jisr-velda')).toContain('تشرين الثاني');
  await using visited = await visit(built.browser, `${feed.url}/host`);
  const time = visited.page.locator('breaking-ticker time').first();
  await expect.poll(() => time.getAttribute('title'), { timeout: 15_000 }).toContain('تشرين الثاني');
});
