import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { openApiOf } from '../../../src/api/openapi/openapi.ts';
import type { Site } from '../../../src/item/site.ts';
import { createDeskPage } from '../../../src/ui/server/desk-page.ts';
import { createPages, type Pages } from '../../../src/ui/server/pages.ts';
import { stringsOf } from '../../../src/ui/strings/strings.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { site } from '../../resources/site.ts';
import { noNews } from '../no-news.ts';
import { publicFiles } from '../public-files.ts';

const api = openApiOf(site, '0.0.0');

let publicDir: string;

beforeAll(async () => {
  publicDir = await publicFiles();
});

function serve(pages: Pages) {
  return FakeFeed.start((request, response) => {
    if (!pages.handleRequest(request, response)) response.writeHead(404).end();
  });
}

describe('what a browser loads', () => {
  test.each([
    ['the ticker with its SDK', ['ticker.js'], 12_000],
    ['a live page', ['pages.js'], 60_000],
    ['a page with a ticker', ['pages.js', 'pages.ticker.js'], 60_000],
  ])('is little: %s', async (_name, names, most) => {
    const sizes = await Promise.all(
      names.map(async (name) => gzipSync(await readFile(join(publicDir, name)), { level: 9 }).length),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(most);
  });
});

describe('the public pages', () => {
  test('the public pages say where to report a vulnerability, if the operator names an address', async () => {
    const options = { publicDir, site, news: noNews, onError: () => {} };
    await using silent = await serve(createPages(options));
    expect((await fetch(`${silent.url}/.well-known/security.txt`)).status).toBe(404);
    await using server = await serve(createPages({ ...options, securityContact: 'mailto:security@news.example' }));
    const response = await fetch(`${server.url}/.well-known/security.txt`);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const [contact, expires] = (await response.text()).trim().split('\n');
    expect(contact).toBe('Contact: mailto:security@news.example');
    const leftMs = Date.parse(expires?.replace('Expires: ', '') ?? '') - Date.now();
    expect(leftMs / 86_400_000).toBeGreaterThan(360);
    expect(leftMs / 86_400_000).toBeLessThan(365); // RFC 9116: less than a year
  });

  test('the public pages carry a policy that lets nothing in but our own', async () => {
    await using server = await serve(
      createPages({ publicDir, site, news: noNews, publicUrl: 'https://news.example', onError: () => {} }),
    );
    const response = await fetch(server.url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self' wss://news.example",
      "img-src 'self' data: https:",
      "manifest-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ]);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toContain('<link rel="canonical" href="https://news.example/">');
  });

  test.each([
    [undefined, "'self'"],
    ['https://news.example:8443', "'self' wss://news.example:8443"],
    ['http://localhost:8080', "'self' ws://localhost:8080"],
    ['https://[2001:db8::1]', "'self'"],
  ])('of a site at %s connect to %s alone', async (publicUrl, sources) => {
    await using server = await serve(createPages({ publicDir, site, news: noNews, publicUrl, onError: () => {} }));
    for (const path of ['/', '/live/en', '/live/nowhere', '/embed', '/article/velda-bridge-reopens']) {
      const { headers } = await fetch(server.url + path);
      expect(headers.get('content-security-policy'), path).toContain(`; connect-src ${sources}; `);
    }
  });

  test('the public pages give the ticker to every site for five minutes, and 304 to who has it', async () => {
    await using server = await serve(createPages({ publicDir, site, news: noNews, onError: () => {} }));
    const response = await fetch(`${server.url}/ticker.js`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
    });
    const again = await fetch(`${server.url}/ticker.js`, {
      headers: { 'If-None-Match': response.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    expect((await fetch(`${server.url}/ticker.js`, { method: 'POST' })).status).toBe(405);
  });

  test('the public pages let pages of other sites send headers of their own for what they may read, and for nothing else', async () => {
    await using server = await serve(createPages({ publicDir, site, news: noNews, onError: () => {} }));
    const preflight = (path: string) =>
      fetch(server.url + path, {
        method: 'OPTIONS',
        headers: { Origin: 'https://paper.example', 'Access-Control-Request-Headers': 'sentry-trace,baggage' },
      });
    for (const path of ['/ticker.js', '/sdk.js', '/site.json']) {
      const { status, headers } = await preflight(path);
      expect([status, headers.get('access-control-allow-origin')], path).toEqual([204, '*']);
      expect(headers.get('access-control-allow-headers'), path).toContain('sentry-trace, baggage');
    }
    for (const path of ['/', '/pages.js', '/embed']) expect((await preflight(path)).status, path).toBe(405);
  });

  test('/site.json says how long the ticker shows lines and keeps a flash on top, in each edition', async () => {
    const [en, ...others] = site.editions;
    const usual = others.map(({ maxAgeHours: _, ...edition }) => edition);
    const slow = { ...site, editions: [{ ...en, maxAgeHours: 48, flashMinutes: 0 }, ...usual] } as Site;
    await using server = await serve(createPages({ publicDir, site: slow, news: noNews, onError: () => {} }));
    const { editions } = await (await fetch(`${server.url}/site.json`)).json();
    expect(editions).toMatchObject([
      { id: 'en', maxAgeHours: 48, flashMinutes: 0 },
      { id: 'ar', maxAgeHours: 6, flashMinutes: 10 },
      { id: 'es', maxAgeHours: 6, flashMinutes: 10 },
    ]);
  });

  test('the public pages give the ticker its words, on their own pages and for those of others', async () => {
    await using server = await serve(createPages({ publicDir, site, news: noNews, onError: () => {} }));
    const { editions } = await (await fetch(`${server.url}/site.json`)).json();
    for (const { language, strings } of editions) expect(strings).toEqual(stringsOf('ticker', language));
    const words = JSON.stringify(stringsOf('ticker', 'ar')).replaceAll('"', '&quot;');
    expect(await (await fetch(`${server.url}/?edition=ar`)).text()).toContain(` strings="${words}"`);
    const mexican = await fetch(`${server.url}/strings/es-MX.json`);
    expect(mexican.headers.get('access-control-allow-origin')).toBe('*');
    expect(mexican.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await mexican.json()).toEqual(stringsOf('ticker', 'es'));
    for (const name of ['tlh', 'constructor', 'es.json'])
      expect((await fetch(`${server.url}/strings/${name}.json`)).status, name).toBe(404);
    const script = await readFile(join(publicDir, 'ticker.js'), 'utf8');
    expect(script).toContain(stringsOf('ticker', 'en').empty);
    for (const language of ['ar', 'es']) expect(script).not.toContain(stringsOf('ticker', language).empty);
  });

  test('the public pages speak the language of the edition that was asked for, and leave out editions that need a key', async () => {
    const closed: Site = {
      ...site,
      editions: site.editions.map((edition) => (edition.id === 'es' ? { ...edition, access: 'key' } : edition)),
    };
    await using server = await serve(createPages({ publicDir, site: closed, news: noNews, onError: () => {} }));
    const arabic = await (await fetch(`${server.url}/?edition=ar`)).text();
    expect(arabic).toContain('<html lang="ar" dir="rtl">');
    expect(arabic).not.toContain('Español');
    expect(await (await fetch(`${server.url}/?edition=nowhere`)).text()).toContain('<html lang="en" dir="ltr">');
    await using desk = await serve(createDeskPage({ publicDir, site: closed, api: openApiOf(closed, '0.0.0') }));
    for (const path of ['/desk', '/desk/es', '/desk/api', '/embed', '/site.json', '/'])
      for (const { url } of [desk, server]) {
        const text = await (await fetch(url + path)).text();
        expect([path, text.match(/Español|"id":"es"|&quot;es&quot;|edition=es/)]).toEqual([path, null]);
      }
    const answers = await Promise.all(
      ['/live/es', '/live/xx', '/feeds/es.rss', '/feeds/xx.rss', '/section/es/politics', '/section/xx/politics'].map(
        async (path) => {
          const response = await fetch(server.url + path);
          return [response.status, (await response.text()).replaceAll(/\b(es|xx)\b/g, '')] as const;
        },
      ),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[2]).toEqual(answers[3]);
    expect(answers[4]).toEqual(answers[5]);
  });

  test('the public pages lead to the desk’s own with and without a slash at the end', async () => {
    await using desk = await serve(createDeskPage({ publicDir, site, api }));
    const { status, headers } = await fetch(`${desk.url}/desk/api/?x`, { redirect: 'manual' });
    expect([status, headers.get('location')]).toEqual([308, '/desk/api?x']);
    expect((await fetch(`${desk.url}/desk/`)).status).toBe(200);
  });

  test('the public pages lead to an edition of the desk, and to a page that says so where there is none', async () => {
    const statusOf = async (url: string) => (await fetch(url)).status;
    await using open = await serve(createDeskPage({ publicDir, site, api }));
    expect(await statusOf(`${open.url}/desk/ar`)).toBe(200);
    expect(await statusOf(`${open.url}/desk/xx`)).toBe(404);
    // An edition that needs a key looks like one that does not exist.
    const closed: Site = { ...site, editions: site.editions.map((edition) => ({ ...edition, access: 'key' })) };
    await using hidden = await serve(createDeskPage({ publicDir, site: closed, api }));
    expect(await statusOf(`${hidden.url}/desk/ar`)).toBe(await statusOf(`${hidden.url}/desk/xx`));
  });

  test('the public pages give nobody a hold of the window of the desk', async () => {
    await using desk = await serve(createDeskPage({ publicDir, site, api }));
    for (const path of ['/desk', '/desk/', '/desk/en', '/desk/api']) {
      const { headers } = await fetch(desk.url + path);
      expect(headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
      expect(headers.get('content-security-policy'), path).toContain("; connect-src 'self'; ");
    }
  });

  test('the public pages have nothing of what only the desk needs, and the desk has all of it', async () => {
    const templates = [{ name: 'Sirens', text: 'Sirens in {place}' }];
    const withTemplates: Site = { ...site, editions: site.editions.map((edition) => ({ ...edition, templates })) };
    await using server = await serve(createPages({ publicDir, site: withTemplates, news: noNews, onError: () => {} }));
    for (const path of ['/', '/live/en', '/embed', '/site.json'])
      expect(await (await fetch(server.url + path)).text(), path).not.toContain('Sirens');
    await using desk = await serve(createDeskPage({ publicDir, site: withTemplates, api }));
    const text = await (await fetch(`${desk.url}/desk`)).text();
    const given = JSON.parse(/id="site">(.*?)<\/script>/.exec(text)?.[1] ?? 'null');
    expect(given.editions[0].templates).toEqual(templates);
    expect(given.sources).toEqual(site.sources);
  });

  test('the public pages escape what the configuration says', async () => {
    const odd: Site = { ...site, editions: site.editions.map((edition) => ({ ...edition, name: '</script><b>"&' })) };
    await using server = await serve(createPages({ publicDir, site: odd, news: noNews, onError: () => {} }));
    expect(await (await fetch(server.url)).text()).not.toContain('<b>');
    await using desk = await serve(createDeskPage({ publicDir, site: odd, api }));
    expect(await (await fetch(`${desk.url}/desk`)).text()).not.toContain('<b>');
  });

  test('the public pages tell a ticker on another site the name and the colours, with the text on them', async () => {
    const own: Site = {
      ...site,
      site: { ...site.site, name: { en: 'The Post', ar: 'البريد' }, colors: { flash: '#ffd400' } },
    };
    await using server = await serve(createPages({ publicDir, site: own, news: noNews, onError: () => {} }));
    const { name, colors, editions } = await (await fetch(`${server.url}/site.json`)).json();
    expect([name, colors]).toEqual(['The Post', { flash: { background: '#ffd400', text: '#000000' } }]);
    expect(Object.keys(editions[0])).toEqual([
      'id',
      'name',
      'language',
      'dir',
      'timeZone',
      'numerals',
      'maxAgeHours',
      'flashMinutes',
      'strings',
    ]);
    await using usual = await serve(createPages({ publicDir, site, news: noNews, onError: () => {} }));
    expect(await (await fetch(`${usual.url}/site.json`)).json()).not.toHaveProperty('colors');
  });

  test('the public pages do not serve the desk, nor anything outside their list', async () => {
    await using server = await serve(createPages({ publicDir, site, news: noNews, onError: () => {} }));
    for (const path of ['/desk', '/desk.js', '/../package.json', '/pages.css.map', '//ticker.js']) {
      expect((await fetch(server.url + path)).status).toBe(404);
    }
  });
});
