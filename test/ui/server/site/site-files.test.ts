import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Site } from '../../../../src/item/site.ts';
import { createPages, type Pages } from '../../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../../client/fake-feed.ts';
import { site } from '../../../resources/site.ts';
import { useBuiltPages } from '../../built-pages.ts';
import { noNews } from '../../no-news.ts';

const built = useBuiltPages();
const named: Site = {
  ...site,
  site: {
    ...site.site,
    name: { en: 'The Post', ar: 'البريد' },
    colors: { brand: '#0b5394' },
    image: '/site/share.png',
  },
};

function serve(more: Partial<Parameters<typeof createPages>[0]> = {}) {
  const pages: Pages = createPages({
    ...{ publicDir: built.publicDir, site: named, news: noNews, publicUrl: 'https://news.example', onError: () => {} },
    ...more,
  });
  return FakeFeed.start((request, response) => {
    if (!pages.handleRequest(request, response)) response.writeHead(404).end();
  });
}

/** The size of a PNG, and the colours of its corner and its middle. */
function readPng(bytes: Buffer) {
  expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
  const side = bytes.readUInt32BE(16);
  const parts = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at) + 12)
    parts.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const pixels = inflateSync(parts.get('IDAT') ?? Buffer.alloc(0));
  const colorAt = (x: number, y: number) => {
    const index = pixels[y * (side + 1) + 1 + x] ?? 0;
    return parts.get('PLTE')?.toString('hex', index * 3, index * 3 + 3);
  };
  return { side, corner: colorAt(0, 0), middle: colorAt(side / 2, side / 2) };
}

describe('the files that browsers and search engines ask for', () => {
  test('a manifest has the name, the direction and the colour, in the language of each edition', async () => {
    await using server = await serve();
    const page = await (await fetch(`${server.url}/live/ar`)).text();
    const address = /<link rel="manifest" href="([^"]+)">/.exec(page)?.[1] ?? '';
    const response = await fetch(server.url + address);
    expect(response.headers.get('content-type')).toBe('application/manifest+json');
    expect(await response.json()).toMatchObject({
      ...{ name: 'البريد', lang: 'ar', dir: 'rtl', start_url: '/?edition=ar', theme_color: '#0b5394' },
      icons: [
        { src: '/favicon.svg', sizes: 'any' },
        { sizes: '192x192' },
        { sizes: '512x512' },
        { purpose: 'maskable' },
      ],
    });
    expect(await (await fetch(`${server.url}/manifest.webmanifest`)).json()).toMatchObject({
      name: 'The Post',
      start_url: '/',
    });
    expect(page).toContain('<meta name="theme-color" content="#0b5394">');
  });

  test('the icon is the first letter on the colour of the site, and a disc where letters would need a font', async () => {
    await using server = await serve();
    const bytesOf = async (path: string) => Buffer.from(await (await fetch(server.url + path)).arrayBuffer());
    expect((await bytesOf('/favicon.svg')).toString()).toMatch(/fill="#0b5394".*fill="#ffffff">T<\/text>/);
    const disc = { corner: '0b5394', middle: 'ffffff' };
    expect(readPng(await bytesOf('/apple-touch-icon.png'))).toEqual({ side: 180, ...disc });
    const { icons } = await (await fetch(`${server.url}/manifest.webmanifest`)).json();
    for (const { src, sizes, type } of icons.slice(1)) {
      const side = Number(sizes.split('x')[0]);
      expect([type, readPng(await bytesOf(src))], src).toEqual(['image/png', { side, ...disc }]);
    }
    const ico = await bytesOf('/favicon.ico');
    expect([...ico.subarray(0, 8)]).toEqual([0, 0, 1, 0, 1, 0, 32, 32]);
    expect(readPng(ico.subarray(ico.readUInt32LE(18)))).toEqual({ side: 32, ...disc });
  });

  test('a PNG of the site takes their place', async () => {
    await using usual = await serve();
    const bytes = Buffer.from(await (await fetch(`${usual.url}/apple-touch-icon.png`)).arrayBuffer());
    const own = { ...named, site: { ...named.site, icon: '/site/icon.png?v=1' } };
    const pictures = new Map([['/site/icon.png', { type: 'image/png' as const, bytes }]]);
    await using server = await serve({ site: own, pictures });
    for (const path of ['/apple-touch-icon.png', '/site/icon.png'])
      expect(Buffer.from(await (await fetch(server.url + path)).arrayBuffer()), path).toEqual(bytes);
    const ico = Buffer.from(await (await fetch(`${server.url}/favicon.ico`)).arrayBuffer());
    expect(ico.subarray(22)).toEqual(bytes);
    expect(await (await fetch(server.url)).text()).toContain('<link rel="icon" href="/site/icon.png?v=1">');
    const { icons } = await (await fetch(`${server.url}/manifest.webmanifest`)).json();
    expect(icons).toEqual([{ src: '/site/icon.png?v=1', type: 'image/png', sizes: '180x180' }]);
  });

  test('search engines find the map of the pages, and are kept from the feed and the desk', async () => {
    await using server = await serve();
    const robots = await (await fetch(`${server.url}/robots.txt`)).text();
    expect(robots).toMatch(
      /^User-agent: \*\nDisallow: \/v1\/\nDisallow: \/desk\n\nSitemap: https:\/\/news\.example\/sitemap\.xml\n/,
    );
    const map = await (await fetch(`${server.url}/sitemap.xml`)).text();
    for (const path of ['/', '/?edition=ar', '/live/es', '/section/ar/politics', '/region/en/africa'])
      expect(map).toContain(`<loc>https://news.example${path}</loc>`);
    await using nameless = await serve({ publicUrl: undefined });
    expect(await (await fetch(`${nameless.url}/robots.txt`)).text()).not.toContain('Sitemap');
    expect((await fetch(`${nameless.url}/sitemap.xml`)).status).toBe(404);
  });

  test('a page names itself in the other editions, and the picture to share', async () => {
    await using server = await serve();
    const text = await (await fetch(`${server.url}/embed?edition=ar`)).text();
    expect(
      [...text.matchAll(/<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">/g)].map(([, ...all]) => all),
    ).toEqual([
      ['en', 'https://news.example/embed?edition=en'],
      ['ar', 'https://news.example/embed?edition=ar'],
      ['es', 'https://news.example/embed?edition=es'],
      ['x-default', 'https://news.example/embed?edition=en'],
    ]);
    expect(text).toContain('<meta property="og:image" content="https://news.example/site/share.png">');
    await using nameless = await serve({ publicUrl: undefined });
    const without = await (await fetch(`${nameless.url}/embed`)).text();
    expect(without).not.toMatch(/rel="alternate" hreflang|og:image/);
  });

  test('a page names no language twice, and itself in its own', async () => {
    const [en, , es] = site.editions;
    const editions = [en, es, { ...en, id: 'world' }].filter((edition) => edition !== undefined) as Site['editions'];
    await using server = await serve({ site: { ...named, editions } });
    const twinsOf = async (path: string) => {
      const text = await (await fetch(server.url + path)).text();
      return [...text.matchAll(/hreflang="([^"]+)" href="https:\/\/news\.example([^"]+)">/g)].map(([, ...all]) => all);
    };
    const first = ['x-default', '/embed?edition=en'];
    const spanish = ['es', '/embed?edition=es'];
    expect(await twinsOf('/embed?edition=world')).toEqual([spanish, ['en', '/embed?edition=world'], first]);
    expect(await twinsOf('/embed?edition=es')).toEqual([['en', '/embed?edition=en'], spanish, first]);
  });

  test.each([
    ['/?utm_source=x', '/'],
    ['/?edition=en', '/'],
    ['/?edition=nowhere', '/'],
    ['/?edition=ar&fbclid=x', '/?edition=ar'],
    ['/embed?x=1', '/embed?edition=en'],
  ])('a page has one address for search engines, whatever its query says: %s', async (asked, address) => {
    await using server = await serve();
    expect(await (await fetch(server.url + asked)).text()).toContain(
      `<link rel="canonical" href="https://news.example${address}">`,
    );
  });
});
