import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteName } from '../../../../src/item/site.ts';
import { createPages } from '../../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../../client/fake-feed.ts';
import { facets } from '../../../resources/memory-log.ts';
import { type ServedPages, servePages } from '../../../resources/served-pages.ts';
import { site } from '../../../resources/site.ts';
import { noNews } from '../../no-news.ts';
import { publicFiles } from '../../public-files.ts';

const publicUrl = 'https://news.example';
let publicDir: string;
let served: ServedPages;

beforeAll(async () => {
  publicDir = await publicFiles();
  served = await servePages(publicDir, publicUrl);
  served.en.publish('ONE', facets(), 'The line');
  served.en.publish('TWO', facets(), 'Another line');
  served.en.retract('TWO', 'Withdrawn');
});

afterAll(() => served[Symbol.asyncDispose]());

interface OEmbed {
  readonly html: string;
  readonly width: number;
  readonly height: number;
  readonly title: string;
}

const ask = (url: string, more = '', server = served.url) =>
  fetch(`${server}/oembed?url=${encodeURIComponent(url)}${more}`);
const answerTo = async (url: string, more = '', server = served.url): Promise<OEmbed> => {
  const response = await ask(url, more, server);
  expect(response.status, url).toBe(200);
  return (await response.json()) as OEmbed;
};
const frameIn = ({ html }: OEmbed) => new URL(/ src="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '');
/** The address that a page names for its oEmbed. */
const linkIn = (page: string) =>
  /<link rel="alternate" type="application\/json\+oembed" href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');

describe('oEmbed', () => {
  test('the answer is an iframe with the ticker as a card, and a link for where it is not shown', async () => {
    const response = await ask(`${publicUrl}/live/en`, '&format=json');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    });
    const answer = (await response.json()) as OEmbed;
    expect(answer).toMatchObject({
      version: '1.0',
      type: 'rich',
      provider_url: `${publicUrl}/`,
      width: 600,
      height: expect.any(Number),
      title: expect.stringMatching(/\w/),
      provider_name: siteName(site, 'en'),
      cache_age: 3600,
    });
    // WordPress shows the quotation until the frame has told its height. Without one it never listens to the frame.
    expect(answer.html).toMatch(
      /^<blockquote hidden><a href="[^"]+">[^<]+<\/a><\/blockquote><iframe [^>]+><\/iframe>$/,
    );
    expect(answer.html).toContain(`<a href="${publicUrl}/live/en">${answer.title}</a>`);
    expect(answer.html).toContain(`src="${publicUrl}/embed/en?variant=card"`);
    expect(answer.html).toContain('sandbox="allow-scripts ');
    expect(answer.html).toContain(` title="${answer.title}"`);
  });

  test('the size is never more than what is asked for', async () => {
    const of = async (more: string) => {
      const { width, height, html } = await answerTo(`${publicUrl}/live/en`, more);
      expect(html).toContain(` width="${width}" height="${height}"`);
      return [width, height];
    };
    const [, usual = 0] = await of('');
    expect(await of('&maxwidth=320&maxheight=200')).toEqual([320, 200]);
    expect(await of('&maxwidth=9999&maxheight=9999')).toEqual([600, usual]);
    for (const odd of ['0', '-5', 'x', '1e9', '99999999999999999999', ''])
      expect(await of(`&maxwidth=${odd}&maxheight=${odd}`), odd).toEqual([600, usual]);
  });

  test('the addresses are those of live pages, of items, and of the page for iframes with what it asks for', async () => {
    const addresses = {
      '/live/ar?before=7': '/embed/ar?variant=card',
      'http://news.example/live/en/': '/embed/en?variant=card',
      '/item/ONE': '/embed/en?variant=card',
      '/embed/en': '/embed/en?variant=card',
      '/embed/en?variant=banner&section=politics&theme=dark&evil=%22%3E':
        '/embed/en?section=politics&variant=banner&theme=dark',
      '/embed/es?topic=%22%3E%3Cb%3E': '/embed/es?topic=%22%3E%3Cb%3E&variant=card',
    };
    const linkTo = ({ html }: OEmbed) => /<a href="([^"]+)"/.exec(html)?.[1];
    expect(linkTo(await answerTo(`${publicUrl}/item/ONE`))).toBe(`${publicUrl}/item/ONE`);
    expect(linkTo(await answerTo(`${publicUrl}/embed/ar?variant=list`))).toBe(`${publicUrl}/live/ar`);
    for (const [address, frame] of Object.entries(addresses)) {
      const answer = await answerTo(new URL(address, publicUrl).href);
      expect(frameIn(answer).href, address).toBe(publicUrl + frame);
      expect(answer.html).not.toContain('<b>');
    }
  });

  test('the answer never has the text of a line, which would outlive its retraction', async () => {
    expect(JSON.stringify(await answerTo(`${publicUrl}/item/ONE`))).not.toContain('The line');
  });

  test('other addresses are not found, and other formats are not implemented', async () => {
    const unknown = [
      ...['/', '/live/nowhere', '/live/en/more', '/section/en/politics', '/item/NONE', '/item/TWO', '/embed', '/desk'],
      ...[
        'https://elsewhere.example/live/en',
        'https://news.example.evil.example/live/en',
        'javascript:alert(1)',
        '//',
        '',
      ],
      `/live/en?${'x'.repeat(2_048)}`,
    ];
    for (const address of unknown) {
      const url = address.startsWith('/') ? `${publicUrl}${address}` : address;
      expect((await ask(url)).status, address.slice(0, 60)).toBe(404);
    }
    expect((await fetch(`${served.url}/oembed`)).status).toBe(404);
    for (const format of ['xml', 'yaml'])
      expect((await ask(`${publicUrl}/live/en`, `&format=${format}`)).status).toBe(501);
  });

  test('live pages, items and the page for iframes name their oEmbed, and other pages do not', async () => {
    for (const path of ['/live/en', '/item/ONE', '/embed/en']) {
      const link = linkIn(await (await fetch(served.url + path)).text());
      expect(link, path).toBe(`${publicUrl}/oembed?url=${encodeURIComponent(publicUrl + path)}&format=json`);
      expect((await fetch((link ?? '').replace(publicUrl, served.url))).status).toBe(200);
    }
    for (const path of ['/', '/section/en/politics', '/item/TWO', '/live/nowhere', '/embed'])
      expect(linkIn(await (await fetch(served.url + path)).text()), path).toBeUndefined();
  });

  test('a site that does not know its address answers at the address that it is asked at', async () => {
    await using own = await servePages(publicDir);
    const link = linkIn(await (await fetch(`${own.url}/live/en`)).text()) ?? '';
    const answer = (await (await fetch(new URL(link, own.url))).json()) as OEmbed;
    expect(frameIn(answer).href).toBe(`${own.url}/embed/en?variant=card`);
    expect(frameIn(await answerTo(`${own.url}/live/en`, '', own.url)).origin).toBe(own.url);
    expect((await ask('https://news.example/live/en', '', own.url)).status).toBe(404);
  });

  test('a site with a list of origins offers no oEmbed, since anybody may ask for it', async () => {
    const options = {
      publicDir,
      site,
      news: noNews,
      publicUrl,
      onError: () => {},
      allowedOrigins: 'https://paper.example',
    };
    const pages = createPages(options);
    await using server = await FakeFeed.start((request, response) => {
      if (!pages.handleRequest(request, response)) response.writeHead(404).end();
    });
    expect((await ask(`${publicUrl}/live/en`, '', server.url)).status).toBe(404);
    expect(linkIn(await (await fetch(`${server.url}/embed/en`)).text())).toBeUndefined();
  });
});
