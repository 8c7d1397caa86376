import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { until } from '../../resources/fanout-server.ts';
import { facets } from '../../resources/memory-log.ts';
import { fetchPage } from '../../resources/page.ts';
import { type ServedPages, servePages } from '../../resources/served-pages.ts';
import { publicFiles } from '../public-files.ts';

let publicDir: string;

beforeAll(async () => {
  publicDir = await publicFiles();
});

const idOf = (number: number) => `01J0000000000000000000${String(number).padStart(4, '0')}`;

async function pagesWith(lines: number): Promise<ServedPages> {
  const served = await servePages(publicDir, 'https://news.example');
  for (let number = 1; number <= lines; number++) {
    const urgency = number % 10 === 0 ? 'flash' : 'urgent';
    const section = number % 2 === 0 ? 'politics' : 'sports';
    served.en.publish(idOf(number), facets([section], { urgency, topics: ['the talks'] }), `Line ${number}`);
  }
  return served;
}

async function pageAt(served: ServedPages, path: string) {
  const response = await fetchPage(served.url + path);
  return { response, text: await response.text() };
}

const linesIn = (text: string) =>
  [...text.matchAll(/<p class="line"[^>]*>(.*?)<\/p>/g)].map((match) => match[1]?.replace(/<[^>]+>/g, ''));
const jsonLdIn = (text: string) => JSON.parse(/id="json-ld">(.*?)<\/script>/.exec(text)?.[1] ?? 'null');

describe('a live page', () => {
  test('a live page is complete as the server writes it, and says where to go on', async () => {
    await using served = await pagesWith(45);
    const { response, text } = await pageAt(served, '/live/en');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=0, s-maxage=1, stale-while-revalidate=1');
    const lines = Array.from({ length: 20 }, (_, index) => `Line ${45 - index}`);
    expect(linesIn(text)).toEqual(lines);
    expect(text).toContain('<a class="older" href="?before=26">');
    const older = await pageAt(served, '/live/en?before=26');
    expect(linesIn(older.text)).toEqual(Array.from({ length: 20 }, (_, index) => `Line ${25 - index}`));
    expect(older.text).toContain('<a href="?">Newest updates</a>');
    const last = await pageAt(served, '/live/en?before=6');
    expect(linesIn(last.text)).toHaveLength(5);
    expect(last.text).not.toContain('class="older"');
    expect([...text.matchAll(/href="#(01\w+)"/g)].map((match) => match[1])).toEqual([idOf(40), idOf(30)]);
  });

  test('the live page and the page of an item show what it has below its line, and none of it after a retraction', async () => {
    await using served = await pagesWith(0);
    const image = {
      url: 'https://pictures.example/a.jpg',
      alt: 'The "old" bridge',
      credit: 'AFP',
      width: 1_200,
      height: 800,
    };
    served.en.publish(idOf(1), facets(), 'The bridge opens', {
      paragraphs: ['It was closed <two> years.'],
      links: [{ text: 'The plan', url: 'https://news.example/plan' }],
      image,
      quote: { text: 'We are open.', by: 'The mayor' },
    });
    for (const path of ['/live/en', `/item/${idOf(1)}`]) {
      const { text } = await pageAt(served, path);
      const news = text.slice(text.indexOf('<div id="news">'));
      expect(news, path).toContain('<p class="paragraph">It was closed &lt;two> years.</p>');
      expect(news, path).toContain(
        '<blockquote>We are open.</blockquote><figcaption><bdi>The mayor</bdi></figcaption>',
      );
      expect(news, path).toContain('<a href="https://news.example/plan"><bdi>The plan</bdi></a>');
      expect(news, path).toContain(
        '<img src="https://pictures.example/a.jpg" alt="The &quot;old&quot; bridge" width="1200" height="800" loading="lazy" decoding="async" referrerpolicy="no-referrer"/>',
      );
      const data = jsonLdIn(text);
      expect(data.liveBlogUpdate?.[0] ?? data, path).toMatchObject({
        articleBody: 'The bridge opens\n\nIt was closed <two> years.\n\n“We are open.” — The mayor',
        image: {
          '@type': 'ImageObject',
          url: image.url,
          width: 1_200,
          height: 800,
          caption: image.alt,
          creditText: 'AFP',
        },
        citation: [{ '@type': 'CreativeWork', name: 'The plan', url: 'https://news.example/plan' }],
      });
    }
    served.en.retract(idOf(1), 'A line was withdrawn.');
    for (const path of ['/live/en', `/item/${idOf(1)}`])
      expect((await pageAt(served, path)).text, path).not.toMatch(/two|mayor|pictures\.example|The plan/);
  });

  test('a live page is a LiveBlogPosting whose updates have headline, url and dates', async () => {
    await using served = await pagesWith(3);
    const { text } = await pageAt(served, '/live/en');
    const posting = jsonLdIn(text);
    expect(posting).toMatchObject({
      '@type': 'LiveBlogPosting',
      url: 'https://news.example/live/en',
      inLanguage: 'en',
    });
    expect(posting.liveBlogUpdate).toHaveLength(3);
    expect(posting.liveBlogUpdate[0]).toMatchObject({
      '@type': 'BlogPosting',
      headline: 'Line 3',
      url: `https://news.example/item/${idOf(3)}`,
      datePublished: '2026-01-01T00:00:00.003Z',
      dateModified: '2026-01-01T00:00:00.003Z',
    });
    expect(text).toContain('<link rel="canonical" href="https://news.example/live/en">');
    expect(text).toContain('<meta property="og:url" content="https://news.example/live/en">');
  });

  test('a live page names a person or an organisation as the author, and none for an unknown source', async () => {
    await using served = await pagesWith(0);
    const line = (number: number, more: object) => served.en.publish(idOf(number), facets(), `Line ${number}`, more);
    line(1, {});
    line(2, { attribution: 'AFP' });
    line(3, { attribution: 'Ana Prueba' });
    line(4, { attribution: 'Gaza ceasefire' });
    line(5, { attribution: '__proto__' });
    line(6, { attribution: 'reuters' });
    const { text } = await pageAt(served, '/live/en');
    const authors = jsonLdIn(text).liveBlogUpdate.map(({ author }: { readonly author?: object }) => author ?? null);
    expect(authors.reverse()).toEqual([
      { '@type': 'Organization', name: 'Demonstration newsroom' },
      { '@type': 'Organization', name: 'AFP' },
      { '@type': 'Person', name: 'Ana Prueba' },
      null,
      null,
      { '@type': 'Organization', name: 'reuters' },
    ]);
    const model = JSON.parse(/id="model">(.*?)<\/script>/.exec(text)?.[1] ?? 'null');
    expect(model.sources).toHaveLength(3);
    served.es.publish(idOf(7), facets(), 'Una línea', { attribution: 'Ana Prueba' });
    expect(jsonLdIn((await pageAt(served, '/live/es')).text).liveBlogUpdate[0].author).toBeUndefined();
  });

  test('a live page shows a section, a region and a running story through the same filter, and nothing that is not there', async () => {
    await using served = await pagesWith(4);
    expect(linesIn((await pageAt(served, '/section/en/politics')).text)).toEqual(['Line 4', 'Line 2']);
    expect(linesIn((await pageAt(served, '/region/en/europe')).text)).toHaveLength(4);
    expect(linesIn((await pageAt(served, '/topic/en/the%20talks')).text)).toHaveLength(4);
    for (const path of ['/section/en/cooking', '/topic/en/nothing', '/live/fr', '/live/en/x', '/item/none', '/live/']) {
      const { response, text } = await pageAt(served, path);
      expect(response.status, path).toBe(404);
      expect(text).toContain('There is no such page');
      expect(response.headers.get('cache-control')).toBe('public, max-age=0, s-maxage=1, stale-while-revalidate=1');
    }
  });

  test('a live page says the time of an update by the clock of its edition, with the zone', async () => {
    await using served = await pagesWith(1);
    const time = (text: string) => /<time[^>]*class="clock"[^>]*>(.*?)<\/time>/.exec(text)?.[1];
    expect(time((await pageAt(served, '/live/en')).text)).toMatch(/^.*\d\d:\d\d (GMT|UTC|[A-Z]{3,4})/);
    expect(time((await pageAt(served, '/section/en/sports')).text)).toMatch(/\d\d:\d\d (GMT|UTC|[A-Z]{3,4})/);
  });

  test('a live page has flashes in reserve for its key moments, and links its updates in words', async () => {
    await using served = await pagesWith(80);
    const { text } = await pageAt(served, '/live/en');
    expect(JSON.parse(/id="model">(.*?)<\/script>/.exec(text)?.[1] ?? 'null').key).toHaveLength(8);
    expect(/<aside class="key".*?<\/aside>/s.exec(text)?.[0].match(/<li/g)).toHaveLength(5);
    expect(text).toMatch(/class="permalink"[^>]*>Link</);
  });

  test('a live page shows the flashes alone when its reader asks for them, on older pages too', async () => {
    await using served = await pagesWith(250);
    const { text } = await pageAt(served, '/live/en');
    expect(text).toContain('<a href="?" aria-current="true">All reports</a>');
    expect(text).toContain('<a href="?urgency=flash">Flashes only</a>');
    const flashes = await pageAt(served, '/live/en?urgency=flash');
    expect(linesIn(flashes.text)).toEqual(Array.from({ length: 20 }, (_, index) => `Line ${250 - index * 10}`));
    expect(flashes.text).toContain('<a href="?urgency=flash" aria-current="true">Flashes only</a>');
    expect(flashes.text).toContain('<a class="older" href="?urgency=flash&amp;before=60">');
    expect(flashes.text).not.toContain('class="key"');
    expect(flashes.text).toContain('<link rel="canonical" href="https://news.example/live/en?urgency=flash">');
    const older = await pageAt(served, '/live/en?urgency=flash&before=60');
    expect(linesIn(older.text)).toEqual(['Line 50', 'Line 40', 'Line 30', 'Line 20', 'Line 10']);
    expect(older.text).toContain('<a href="?urgency=flash">Newest updates</a>');
    expect(flashes.text).toMatch(/<a href="\/live\/ar\?urgency=flash" lang="ar"/);
    expect((await pageAt(served, '/topic/en/nothing?urgency=flash')).response.status).toBe(404);
  });

  test('a live page switches to the same thing in another edition', async () => {
    await using served = await pagesWith(25);
    served.es.publish('ES', facets([], { topics: ['the talks'] }), 'Una línea');
    const switchIn = async (path: string) => {
      const { text } = await pageAt(served, path);
      const nav = /<nav class="editions".*?<\/nav>/s.exec(text)?.[0] ?? '';
      return Object.fromEntries(
        [...nav.matchAll(/href="([^"]+)" lang="(\w+)/g)].map(([, href, language]) => [language, href]),
      );
    };
    expect(await switchIn('/section/en/sports?before=9')).toMatchObject({ ar: '/section/ar/sports' });
    expect(await switchIn('/live/en?before=9')).toMatchObject({ ar: '/live/ar' });
    expect(await switchIn('/topic/en/the%20talks')).toMatchObject({ es: '/topic/es/the%20talks', ar: '/live/ar' });
    expect(await switchIn(`/item/${idOf(25)}`)).toMatchObject({ ar: '/section/ar/sports' });
  });

  test('a missing page speaks the language of the edition that its address names', async () => {
    await using served = await pagesWith(0);
    for (const path of ['/live/nope/ar', '/item/none?edition=ar', '/live/ar/x']) {
      const { response, text } = await pageAt(served, path);
      expect(response.status, path).toBe(404);
      expect(text, path).toContain('لا توجد صفحة كهذه');
    }
  });

  test('a live page has the title of a running story in the language of its edition', async () => {
    await using served = await pagesWith(1);
    served.es.publish('ES', facets([], { topics: ['talks'] }), 'Una línea');
    expect((await pageAt(served, '/topic/es/talks')).text).toContain('<h1>Las conversaciones de Lisboa</h1>');
    expect((await pageAt(served, '/topic/ar/talks')).response.status).toBe(200); // nothing yet, but it is a story
  });

  test('a live page is rendered once between two entries, and never holds withdrawn text', async () => {
    await using served = await pagesWith(3);
    const first = await pageAt(served, '/live/en');
    const again = await fetch(`${served.url}/live/en`, {
      headers: { 'If-None-Match': first.response.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    served.en.retract(idOf(2), 'A line was withdrawn.');
    const { text } = await pageAt(served, '/live/en');
    expect(text).not.toContain('Line 2');
    expect(text).toContain('A line was withdrawn.');
    expect(jsonLdIn(text).liveBlogUpdate).toHaveLength(2);
  });

  test('a live page says so while its log has never been read', async () => {
    const served = await servePages(publicDir);
    await served[Symbol.asyncDispose]();
    const { createPages } = await import('../../../src/ui/server/pages.ts');
    const { FakeFeed } = await import('../../client/fake-feed.ts');
    const { noNews } = await import('../no-news.ts');
    const { site } = await import('../../resources/site.ts');
    const pages = createPages({ publicDir, site, news: noNews, onError: () => {} });
    await using server = await FakeFeed.start((request, response) => void pages.handleRequest(request, response));
    for (const path of ['/live/en', '/live/en?before=5', '/item/abc']) {
      const response = await fetch(server.url + path);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.text()).toContain('The news cannot be read right now');
    }
    expect((await fetch(server.url)).status).toBe(200);
  });
});

describe("an item's page", () => {
  test('has the version that stands, and is gone with its notice after a retraction', async () => {
    await using served = await pagesWith(2);
    const note = 'It is two, not three.';
    served.en.correct(idOf(1), facets(), 'Line one, corrected', {
      kind: 'corrected',
      note,
      at: '2026-01-01T00:00:00.000Z',
    });
    const { response, text } = await pageAt(served, `/item/${idOf(1)}`);
    expect(response.status).toBe(200);
    expect(text).toMatch(/<h1 class="line"[^>]*><bdi[^>]*>Line one, corrected/);
    expect(text).toContain(note);
    expect(jsonLdIn(text)).toMatchObject({ '@type': 'BlogPosting', headline: 'Line one, corrected' });
    served.en.retract(idOf(1), 'A line was withdrawn.');
    const gone = await pageAt(served, `/item/${idOf(1)}`);
    expect(gone.response.status).toBe(410);
    expect(gone.response.headers.get('cache-control')).toBe('public, max-age=0, s-maxage=1, stale-while-revalidate=1');
    expect(gone.text).toContain('A line was withdrawn.');
    expect(gone.text).not.toContain('Line one');
    served.en.withhold(idOf(2));
    const hidden = await pageAt(served, `/item/${idOf(2)}`);
    expect([hidden.response.status, hidden.text.includes('Line 2')]).toEqual([410, false]);
    served.en.publish(idOf(3), facets(), 'Line 3');
    served.en.expire(idOf(3));
    const over = await pageAt(served, `/item/${idOf(3)}`);
    expect([over.response.status, over.text.includes('Line 3')]).toEqual([410, false]);
    expect(over.text).toContain('<meta name="robots" content="noindex">');
    expect(over.text).not.toContain('"BlogPosting"');
  });

  test('comes from the log when it is older than what the process holds', async () => {
    await using served = await pagesWith(1_005);
    await until(() => served.en.seq === 1_005, 'all lines');
    expect(linesIn((await pageAt(served, `/item/${idOf(2)}`)).text.replaceAll('h1', 'p'))).toEqual(['Line 2']);
  });
});

describe('what everybody needs', () => {
  const needed = ['/live/en', '/section/en/politics', '/topic/es/talks', '/feeds/en.rss', '/feeds/en.atom', '/'];

  test('a page that every reader needs is rendered after every entry, whatever one makes the server render for nobody else', async () => {
    await using served = await pagesWith(50);
    let [isOver, asked, refused] = [false, 0, 0];
    const statusOf = async (path: string) => {
      const response = await fetch(served.url + path);
      await response.arrayBuffer();
      return response.status;
    };
    const flood = async () => {
      while (!isOver) {
        const path = asked++ % 2 === 0 ? '/live/en?before=' : '/feeds/en.rss?topic=the%20talks&topic=';
        if ((await statusOf(path + (100 + asked))) === 503) refused++;
      }
    };
    // On a busy machine the test gets less CPU than the budget. So each render costs eight times as much.
    const { cpuUsage } = process;
    const costly = vi.spyOn(process, 'cpuUsage').mockImplementation(() => {
      const { user, system } = cpuUsage();
      return { user: 8 * user, system: 8 * system };
    });
    const flooding = Array.from({ length: 8 }, flood);
    try {
      await until(() => refused > 0, 'more is asked for than can be rendered');
      for (let number = 51; number <= 53; number++) {
        served.en.publish(idOf(number), facets(['politics']), `Line ${number}`);
        const before = refused;
        for (const path of [...needed, `/item/${idOf(number)}`]) expect(await statusOf(path), path).toBe(200);
        await until(() => refused > before, 'the flood goes on');
      }
    } finally {
      isOver = true;
      await Promise.all(flooding);
      costly.mockRestore();
    }
  });

  test('a page that every reader needs is given to whoever asks for it by the name of the site, whatever names others make up', async () => {
    await using served = await servePages(publicDir);
    for (let number = 1; number <= 50; number++) served.en.publish(idOf(number), facets(), `Line ${number}`);
    const feedAs = async (host: string) => {
      const asked = request({ port: served.server.port, path: '/feeds/en.rss', headers: { host } }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      let text = '';
      for await (const piece of response.setEncoding('utf8')) text += piece;
      return { status: response.statusCode, text };
    };
    const flood = await Promise.all(Array.from({ length: 400 }, (_, name) => feedAs(`n${name}.example`)));
    expect(new Set(flood.map(({ status }) => status))).toEqual(new Set([200]));
    const { text } = await feedAs('News.example:8080');
    expect(text).toContain(`http://news.example:8080/item/${idOf(50)}`);
    expect(text).toContain('href="http://news.example:8080/feeds/en.rss"');
  });

  test.each(['x:99999', '1.2.3.4.5', 'a_b', ''])(
    'a page that every reader needs is given by a name that is none (%j) too',
    async (host) => {
      await using served = await servePages(publicDir);
      served.en.publish(idOf(1), facets(), 'Line 1');
      const asked = request({ port: served.server.port, path: '/feeds/en.atom', headers: { host } }).end();
      const response = await Promise.race([once(asked, 'response'), once(asked, 'error')]);
      expect((response[0] as IncomingMessage).statusCode).toBe(200);
      asked.destroy();
    },
  );
});

describe('the server pages', () => {
  test('the server pages are in the language and direction of their edition', async () => {
    await using served = await pagesWith(1);
    served.ar.publish('ARABIC', facets(), 'سطر', { attribution: 'AFP' });
    for (const path of [
      '/live/ar',
      '/section/ar/politics',
      '/item/ARABIC',
      '/?edition=ar',
      '/article/iftitah-jisr-velda',
      '/embed?edition=ar',
    ]) {
      const { response, text } = await pageAt(served, path);
      expect(response.status, path).toBe(200);
      expect(text, path).toContain('<html lang="ar" dir="rtl">');
      expect(text, path).not.toContain('dir="auto"');
    }
  });

  test('the server pages lead from one edition to the same page of another, from an older page to its newest', async () => {
    await using served = await pagesWith(1);
    const { text } = await pageAt(served, '/section/en/politics');
    expect(text).toContain('<a href="/section/ar/politics" lang="ar" hreflang="ar" dir="rtl">');
    const older = await pageAt(served, '/section/en/politics?before=1');
    expect(older.text).toContain('<a href="/section/ar/politics" lang="ar" hreflang="ar" dir="rtl">');
  });

  test('the server pages show an article as a news site would', async () => {
    await using served = await pagesWith(1);
    const { text } = await pageAt(served, '/article/velda-bridge-reopens');
    for (const part of [
      'By <b>Marta Oline</b>',
      'Source: The example desk',
      'November 20, 2026 at 06:40 UTC',
      'Reading time: 1 min',
      '<figcaption>',
      '<b class="place">Velda</b>',
      'href="/section/en/economy"',
      'Related',
      '<breaking-ticker edition="en"',
    ])
      expect(text).toContain(part);
  });

  test('the server pages give the ticker of this release for ever, with a hash that fits', async () => {
    await using served = await pagesWith(1);
    const { text } = await pageAt(served, '/embed');
    const { file, integrity } = JSON.parse(/id="model">(.*?)<\/script>/.exec(text)?.[1] ?? '').site.script;
    const response = await fetch(`${served.url}/${file}`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
    });
    const digest = await crypto.subtle.digest('SHA-384', await response.arrayBuffer());
    expect(`sha384-${Buffer.from(digest).toString('base64')}`).toBe(integrity);
  });

  test.each([
    ['/live/en/', '/live/en'],
    ['/live/en//?before=3&x=//evil.example', '/live/en?before=3&x=//evil.example'],
    ['/section/en/sports/?', '/section/en/sports?'],
    ['/region/en/europe/', '/region/en/europe'],
    ['/topic/en/the%20talks/', '/topic/en/the%20talks'],
    ['/item/01J00000000000000000000001/', '/item/01J00000000000000000000001'],
    ['/article/velda-bridge-reopens/', '/article/velda-bridge-reopens'],
    ['/embed/?edition=ar', '/embed?edition=ar'],
    ['/feeds/en.rss/', '/feeds/en.rss'],
    ['/live/..//evil.example/', '/live/..//evil.example'],
  ])('%s leads to %s in one step', async (path, location) => {
    for (const method of ['GET', 'HEAD']) {
      const [status, headers] = await answerOf(method, path);
      expect([status, headers.location]).toEqual([308, location]);
    }
  });

  test.each([
    '//',
    '//evil.example/',
    '//evil.example/live/en/',
    '/\\\\evil.example/',
    '/%2fevil.example/',
    '/ticker.js/',
  ])('%s leads nowhere', async (path) => {
    const [status, headers] = await answerOf('GET', path);
    expect([status, headers.location]).toEqual([404, undefined]);
  });

  test('the server pages take no slash from what is not read', async () => {
    expect((await answerOf('POST', '/live/en/'))[0]).toBe(405);
  });
});

/** As the octets say: `fetch` would rewrite the address. */
async function answerOf(method: string, path: string): Promise<[number | undefined, IncomingHttpHeaders]> {
  await using served = await pagesWith(1);
  const asked = request(served.url, { method, path }).end();
  const [{ statusCode, headers }] = (await once(asked, 'response')) as [IncomingMessage];
  asked.destroy();
  return [statusCode, headers];
}
