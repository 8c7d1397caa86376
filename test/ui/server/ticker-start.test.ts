import { beforeAll, expect, test } from 'vitest';
import { facets } from '../../resources/memory-log.ts';
import { fetchPage } from '../../resources/page.ts';
import { type ServedPages, servePages } from '../../resources/served-pages.ts';
import { publicFiles } from '../public-files.ts';

let publicDir: string;

beforeAll(async () => {
  publicDir = await publicFiles();
});

async function startAt(served: ServedPages, path: string) {
  const response = await fetchPage(served.url + path);
  const text = await response.text();
  const start = JSON.parse(/id="ticker-start">(.*?)<\/script>/.exec(text)?.[1] ?? 'null');
  return { text, start, cache: response.headers.get('cache-control') };
}

const paths = ['/', '/section/en/politics', '/topic/en/talks', '/item/TWO', '/article/velda-bridge-reopens'];

test('a page with a ticker has its newest lines from the first, and loses them with the entry that takes them out', async () => {
  await using served = await servePages(publicDir);
  served.en.publish('ONE', facets(['politics']), 'A claim');
  served.en.publish('TWO', facets(['politics']), 'Second </script> line');
  for (const path of paths) {
    const { start, cache } = await startAt(served, path);
    expect(
      start?.items.map(({ id }: { id: string }) => id),
      path,
    ).toEqual(['TWO', 'ONE']);
    expect(start.position, path).toMatch(/^epochone:2:/);
    expect(cache, path).toBe('public, max-age=0, s-maxage=1, stale-while-revalidate=1');
  }
  served.en.withhold('ONE');
  for (const path of paths) {
    const { start, text } = await startAt(served, path);
    expect([start?.position.split(':')[1], start?.items.length], path).toEqual(['3', 1]);
    expect(text, path).not.toContain('A claim');
  }
  for (let number = 0; number < 11; number += 1) served.en.publish(`MORE${number}`, facets(), 'A line');
  expect((await startAt(served, '/')).start.items).toHaveLength(10);
});

test('the lines of a ticker have nothing of what is below them, like the frames that follow', async () => {
  await using served = await servePages(publicDir);
  served.en.publish('ONE', facets(['politics']), 'A line', { paragraphs: ['What happened.'] });
  for (const path of ['/', '/article/velda-bridge-reopens'])
    expect((await startAt(served, path)).start.items, path).toEqual([
      expect.objectContaining({ headline: 'A line', hasMore: true }),
    ]);
  expect((await startAt(served, '/article/velda-bridge-reopens')).text).not.toContain('What happened.');
});

test('a page without a ticker has no lines for one', async () => {
  await using served = await servePages(publicDir);
  served.en.publish('ONE', facets(), 'A line');
  for (const path of ['/live/en', '/embed', '/embed/en', '/nowhere'])
    expect((await startAt(served, path)).start, path).toBeNull();
});
