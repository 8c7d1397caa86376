import { beforeAll, expect, test } from 'vitest';
import { facets } from '../../resources/memory-log.ts';
import { fetchPage } from '../../resources/page.ts';
import { type ServedPages, servePages } from '../../resources/served-pages.ts';
import { publicFiles } from '../public-files.ts';

let publicDir: string;

beforeAll(async () => {
  publicDir = await publicFiles();
});

async function openSite(): Promise<ServedPages> {
  const served = await servePages(publicDir, 'https://news.example');
  const id = '01J00000000000000000000001';
  served.en.publish(id, facets(['politics'], { topics: ['a & b'] }), 'A line', { topics: ['a & b'] });
  return served;
}

const textAt = async (served: ServedPages, path: string) => (await fetchPage(served.url + path)).text();

test.each([
  ['/live/en?utm_source=x&debug', '/live/en'],
  ['/live/en?before=0', '/live/en'],
  ['/live/en?before=9&utm_source=x', '/live/en?before=9'],
  ['/section/en/politics?fbclid=x', '/section/en/politics'],
  ['/topic/en/a%20%26%20b?x', '/topic/en/a%20%26%20b'],
  ['/item/01J00000000000000000000001?x', '/item/01J00000000000000000000001'],
  ['/article/velda-bridge-reopens?x=1', '/article/velda-bridge-reopens'],
])('a page of news has one address for search engines, whatever its query says: %s', async (asked, address) => {
  await using served = await openSite();
  expect(await textAt(served, asked)).toContain(`<link rel="canonical" href="https://news.example${address}">`);
});

const feedsIn = (text: string) =>
  [
    ...text.matchAll(
      /<link rel="alternate" type="application\/(?:rss\+xml|atom\+xml|feed\+json)" [^>]*href="([^"]+)">/g,
    ),
  ].map(([, address]) => address?.replaceAll('&amp;', '&'));

test('a page of a section or topic offers its own feeds first, and every page those of its edition', async () => {
  await using served = await openSite();
  const all = ['/feeds/en.rss', '/feeds/en.atom', '/feeds/en.json'];
  for (const path of ['/', '/live/en', '/item/01J00000000000000000000001'])
    expect(feedsIn(await textAt(served, path)), path).toEqual(all);
  const topic = await textAt(served, '/topic/en/a%20%26%20b');
  expect(feedsIn(topic)).toEqual([...all.map((path) => `${path}?topic=a+%26+b`), ...all]);
  expect(topic).toContain('title="Demonstration newsroom · English · a &amp; b"');
  const section = await textAt(served, '/section/en/politics');
  expect(feedsIn(section)).toEqual([...all.map((path) => `${path}?section=politics`), ...all]);
  for (const path of feedsIn(section)) expect(await textAt(served, path ?? ''), path).toContain('A line');
});
