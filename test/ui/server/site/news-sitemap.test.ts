import { beforeAll, expect, test } from 'vitest';
import { facets } from '../../../resources/memory-log.ts';
import { fetchPage } from '../../../resources/page.ts';
import { servePages } from '../../../resources/served-pages.ts';
import { publicFiles } from '../../public-files.ts';

let publicDir: string;

beforeAll(async () => {
  publicDir = await publicFiles();
});

const publicUrl = 'https://news.example';
const hourMs = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const now = facets(['politics']);

async function readMap(url: string, edition = 'en', headers: Record<string, string> = {}) {
  const response = await fetchPage(`${url}/news-sitemap.xml?edition=${edition}`, { headers });
  const text = await response.text();
  return { response, text, addresses: [...text.matchAll(/<loc>(.*?)<\/loc>/g)].map(([, address]) => address) };
}

/** The order and the forms of https://www.google.com/schemas/sitemap-news/0.9/sitemap-news.xsd. */
const entry =
  /<url><loc>[^<]+<\/loc><lastmod>[\dT:.-]+Z<\/lastmod><news:news><news:publication><news:name>[^<]+<\/news:name><news:language>(?:zh-cn|zh-tw|[a-z]{2,3})<\/news:language><\/news:publication><news:publication_date>[\dT:.-]+Z<\/news:publication_date><news:title>[^<]+<\/news:title><\/news:news><\/url>\n/g;
const frame =
  '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n</urlset>\n';

test('a news sitemap has the reports of the last 48 hours, newest first, in the form that Google asks for', async () => {
  await using served = await servePages(publicDir, publicUrl, '', { name: { en: 'The <Post>' } });
  served.en.publish('OLD', now, 'Old line', { publishedAt: ago(48 * hourMs + 1) });
  served.en.publish('ONE', now, 'First & <b>bold</b> line', { publishedAt: ago(47 * hourMs) });
  served.en.publish('TWO', now, 'Second line', { publishedAt: ago(1), attribution: 'AFP' });
  served.es.publish('TRES', now, 'Una línea', { publishedAt: ago(1) });
  const { response, text, addresses } = await readMap(served.url);
  expect(response.headers.get('content-type')).toBe('application/xml; charset=utf-8');
  expect(addresses).toEqual([`${publicUrl}/item/TWO`, `${publicUrl}/item/ONE`]);
  expect(text.replaceAll(entry, '')).toBe(frame);
  expect(text).toContain('<news:name>The &lt;Post></news:name><news:language>en</news:language>');
  expect(text).toContain('<news:title>First &amp; &lt;b>bold&lt;/b> line</news:title>');
  expect(text).toContain('<news:title>AFP: Second line</news:title>');
  expect((await readMap(served.url, 'es')).addresses).toEqual([`${publicUrl}/item/TRES`]);
});

test('a hidden, withdrawn or expired report leaves the news sitemap at once, and its tag changes', async () => {
  await using served = await servePages(publicDir, publicUrl);
  const ids = ['HIDDEN', 'WITHDRAWN', 'EXPIRED', 'STAYS'];
  for (const id of ids) served.en.publish(id, now, `Claim ${id}`, { publishedAt: ago(hourMs) });
  const first = await readMap(served.url);
  expect(first.addresses).toHaveLength(4);
  const etag = first.response.headers.get('etag') ?? '';
  expect((await readMap(served.url, 'en', { 'If-None-Match': etag })).response.status).toBe(304);
  served.en.withhold('HIDDEN');
  served.en.retract('WITHDRAWN', 'A line was withdrawn.');
  served.en.expire('EXPIRED');
  const second = await readMap(served.url, 'en', { 'If-None-Match': etag });
  expect([second.response.status, second.addresses]).toEqual([200, [`${publicUrl}/item/STAYS`]]);
  expect(second.text).not.toMatch(/HIDDEN|WITHDRAWN|EXPIRED|withdrawn/);
  served.en.release('HIDDEN');
  expect((await readMap(served.url)).addresses).toContain(`${publicUrl}/item/HIDDEN`);
});

test('a news sitemap has 1,000 reports at most', async () => {
  await using served = await servePages(publicDir, publicUrl);
  for (let number = 0; number < 1_001; number += 1)
    served.en.publish(`ITEM${number}`, now, 'A line', { publishedAt: ago(hourMs) });
  const { addresses } = await readMap(served.url);
  expect(addresses).toHaveLength(1_000);
  expect(addresses[0]).toBe(`${publicUrl}/item/ITEM1000`);
});

test('only a site that knows its address has news sitemaps, and robots.txt names one for each edition', async () => {
  await using served = await servePages(publicDir, publicUrl);
  const robots = await (await fetchPage(`${served.url}/robots.txt`)).text();
  for (const edition of ['en', 'ar', 'es'])
    expect(robots).toContain(`\nSitemap: ${publicUrl}/news-sitemap.xml?edition=${edition}\n`);
  const missing = await readMap(served.url, 'xx');
  expect([missing.response.status, missing.text]).toEqual([404, 'There is no edition "xx".\n']);
  await using nameless = await servePages(publicDir);
  expect((await readMap(nameless.url)).response.status).toBe(404);
  expect(await (await fetchPage(`${nameless.url}/robots.txt`)).text()).not.toContain('Sitemap');
});
