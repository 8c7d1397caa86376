import { beforeAll, describe, expect, test } from 'vitest';
import { facets } from '../../resources/memory-log.ts';
import { fetchPage } from '../../resources/page.ts';
import { servePages } from '../../resources/served-pages.ts';
import { publicFiles } from '../public-files.ts';
import { parsers } from './feed-parsers.ts';

let publicDir: string;

beforeAll(async () => {
  publicDir = await publicFiles();
});

async function readFeed(url: string, headers: Record<string, string> = {}) {
  const response = await fetchPage(url, { headers });
  return { response, text: await response.text() };
}

const types = { rss: 'application/rss+xml', atom: 'application/atom+xml', json: 'application/feed+json' };

describe.each(['rss', 'atom', 'json'] as const)('the %s feed', (format) => {
  test('the feed has the newest lines of an edition or a filter, and changes with them', async () => {
    await using served = await servePages(publicDir, 'https://news.example');
    served.en.publish('ONE', facets(['politics']), 'First line');
    served.en.publish('TWO', facets(['sports']), 'Second line', { attribution: 'AFP' });
    const { response, text } = await readFeed(`${served.url}/feeds/en.${format}`);
    expect(response.headers.get('content-type')).toBe(`${types[format]}; charset=utf-8`);
    expect(text.indexOf('AFP: Second line')).toBeLessThan(text.indexOf('First line'));
    expect(text).toContain('https://news.example/item/TWO');
    expect(text).toContain('urn:flashwire:item:ONE');
    const filtered = await readFeed(`${served.url}/feeds/en.${format}?section=politics`);
    expect(filtered.text).not.toContain('Second line');
    const etag = response.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"epochone:2:[0-9a-f]{8}"$/);
    expect((await readFeed(`${served.url}/feeds/en.${format}`, { 'If-None-Match': etag })).response.status).toBe(304);
    served.en.correct('ONE', facets(['politics']), 'First line, put right', {
      kind: 'corrected',
      note: 'One word was wrong.',
      at: '2026-01-01T00:00:00.000Z',
    });
    const corrected = await readFeed(`${served.url}/feeds/en.${format}`, { 'If-None-Match': etag });
    expect(corrected.response.status).toBe(200);
    expect(corrected.text).toContain('Corrected: First line, put right');
    expect(corrected.text).toContain('One word was wrong.');
  });

  test('the feed carries what an item has below its line, until the item is retracted', async () => {
    await using served = await servePages(publicDir, 'https://news.example');
    served.en.publish('ONE', facets(), 'The bridge opens', {
      paragraphs: ['It was closed <two> years.', 'Buses & trams follow.'],
      links: [{ text: 'The plan', url: 'https://news.example/plan?a=1&b=2' }],
      image: {
        url: 'https://pictures.example/a.jpg?x=1&y=2',
        alt: 'The "old" bridge',
        credit: 'AFP',
        width: 4,
        height: 3,
      },
      quote: { text: 'We are open.', by: 'The mayor' },
    });
    const { text } = await readFeed(`${served.url}/feeds/en.${format}`);
    const html =
      '<p>The bridge opens</p><p><img src="https://pictures.example/a.jpg?x=1&amp;y=2" alt="The &quot;old&quot; bridge" width="4" height="3"> AFP</p><p>It was closed &lt;two&gt; years.</p><p>Buses &amp; trams follow.</p><p>“We are open.” — The mayor</p><p>The plan: https://news.example/plan?a=1&amp;b=2</p>';
    const inXml = html.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    if (format === 'atom') expect(text).toContain(`<content type="html">${inXml}</content>`);
    if (format === 'rss') expect(text).toContain(`<description>${inXml}</description>`);
    if (format === 'json')
      expect(JSON.parse(text).items[0]).toMatchObject({
        content_text:
          'The bridge opens\n\nIt was closed <two> years.\n\nBuses & trams follow.\n\n“We are open.” — The mayor\n\nThe plan: https://news.example/plan?a=1&b=2',
        image: 'https://pictures.example/a.jpg?x=1&y=2',
      });
    served.en.retract('ONE', 'A line was withdrawn.');
    expect((await readFeed(`${served.url}/feeds/en.${format}`)).text).not.toMatch(/trams|mayor|pictures\.example|plan/);
  });

  test('the feed stays readable with any name of a topic', async () => {
    await using served = await servePages(publicDir);
    const topic = '<b a="1">&lt; "]]>';
    served.en.publish('ONE', facets([], { topics: [topic] }), 'A line', { topics: [topic] });
    const { text } = await readFeed(`${served.url}/feeds/en.${format}`);
    expect(text).toContain('A line');
    if (format !== 'json') expect(text).not.toContain('<b a=');
    if (format === 'atom') expect(text).toContain('term="&lt;b a=&quot;1&quot;>&amp;lt; &quot;]]>"');
  });

  test('the feed replaces a withdrawn item by its notice, under the same id', async () => {
    await using served = await servePages(publicDir);
    served.en.publish('ONE', facets(), 'A false claim');
    served.en.publish('TWO', facets(), 'A hidden claim');
    served.en.retract('ONE', 'A line about a bridge was withdrawn.');
    served.en.withhold('TWO');
    const { text } = await readFeed(`${served.url}/feeds/en.${format}`);
    expect(text).not.toMatch(/claim/);
    expect(text).toContain('Withdrawn: A line about a bridge was withdrawn.');
    expect(text).toContain('urn:flashwire:item:ONE');
    expect(text).not.toContain('/item/TWO');
    expect(text.includes('<at:deleted-entry')).toBe(format === 'atom');
    expect(text).toContain(`${served.url}/item/ONE`);
  });

  test('the feed has hostile text as text', async () => {
    await using served = await servePages(publicDir);
    served.en.publish('ONE', facets(), '<script>alert(1)</script> ]]> & "q"', { url: 'javascript:alert(2)' });
    const { text } = await readFeed(`${served.url}/feeds/en.${format}`);
    expect(text).not.toContain('javascript:');
    if (format === 'json') expect(JSON.parse(text).items[0].title).toBe('<script>alert(1)</script> ]]> & "q"');
    else expect(text).not.toContain('<script');
  });

  test('the feed refuses unknown filters and editions', async () => {
    await using served = await servePages(publicDir);
    const bad = await readFeed(`${served.url}/feeds/en.${format}?section=cooking`);
    expect([bad.response.status, bad.text]).toEqual([400, expect.stringContaining('"cooking" is not one of')]);
    const missing = await readFeed(`${served.url}/feeds/fr.${format}`);
    expect(missing.response.status).toBe(404);
    // A page of another site can read the reason, too.
    for (const { response } of [bad, missing]) expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe.each(Object.keys(parsers))('%s reads', (name) => {
  const line = 'He said "no" & left <b>early</b>: 3 < 4, it\'s ]]> over';
  test.each(['rss', 'atom'] as const)(
    'a parser reads titles, texts, ids, links and times of %s unchanged',
    async (format) => {
      await using served = await servePages(publicDir, 'https://news.example');
      served.en.publish('ONE', facets(), 'First line');
      served.en.publish('TWO', facets(), line, { attribution: 'AT&T "press"' });
      served.en.retract('ONE', 'A line of "9 & 10" was withdrawn.');
      const { text } = await readFeed(`${served.url}/feeds/en.${format}`);
      const feed = parsers[name]?.(text);
      expect(feed).toMatchObject({
        title: expect.stringContaining('Demonstration newsroom'),
        url: 'https://news.example/live/en',
      });
      expect(feed?.entries.map(({ id, url, title }) => [id, url, title])).toEqual([
        ['urn:flashwire:item:TWO', 'https://news.example/item/TWO', `AT&T "press": ${line}`],
        ['urn:flashwire:item:ONE', 'https://news.example/item/ONE', 'Withdrawn: A line of "9 & 10" was withdrawn.'],
      ]);
      for (const { at, text: said } of feed?.entries ?? []) {
        expect(at).toMatch(/^2026-01-01T00:00:00/);
        expect(said).toContain('"');
      }
      expect(feed?.updated).toMatch(/^2026-01-01T00:00:00/);
    },
  );
});

describe('a withdrawn item', () => {
  const deleted = (atom: string) =>
    [...atom.matchAll(/<at:deleted-entry ref="urn:flashwire:item:(\w+)" when="([^"]+)">(.*)<\/at:deleted-entry>/g)].map(
      ([, id, , inside]) => [id, inside],
    );

  test('a retracted item is a notice for 48 h in the feeds of its own filters, even after the list has dropped it', async () => {
    await using served = await servePages(publicDir);
    served.en.publish('ONE', facets(['politics']), 'A false claim');
    served.en.publish('TWO', facets(['sports']), 'Second line');
    served.en.retract('ONE', 'A line was withdrawn.');
    served.en.clear('ONE');
    expect((await readFeed(`${served.url}/v1/feed.json?edition=en`)).text).not.toContain('withdrawn');
    for (const format of ['rss', 'atom', 'json']) {
      const { text } = await readFeed(`${served.url}/feeds/en.${format}`);
      expect(text).toContain('Withdrawn: A line was withdrawn.');
      expect(text.indexOf('Second line')).toBeLessThan(text.indexOf('/item/ONE'));
      expect(text).not.toContain('claim');
      const other = await readFeed(`${served.url}/feeds/en.${format}?section=sports`);
      expect(other.text).not.toContain('ONE');
    }
    const atom = await readFeed(`${served.url}/feeds/en.atom?section=politics`);
    expect(deleted(atom.text)).toEqual([['ONE', '<at:comment>A line was withdrawn.</at:comment>']]);
  });

  test('an item that was hidden before its retraction is a notice, too', async () => {
    await using served = await servePages(publicDir);
    served.en.publish('ONE', facets(), 'A false claim');
    served.en.withhold('ONE');
    served.en.retract('ONE', 'A line was withdrawn.');
    const { text } = await readFeed(`${served.url}/feeds/en.rss`);
    expect(text).toContain('Withdrawn: A line was withdrawn.');
  });

  test('a hidden or expired item is a deleted entry without text, and returns when it is released', async () => {
    await using served = await servePages(publicDir);
    served.en.publish('ONE', facets(), 'A hidden claim');
    served.en.publish('TWO', facets(), 'A claim for an hour');
    served.en.withhold('ONE');
    served.en.expire('TWO');
    const atom = await readFeed(`${served.url}/feeds/en.atom`);
    expect(deleted(atom.text).sort()).toEqual([
      ['ONE', ''],
      ['TWO', ''],
    ]);
    for (const format of ['rss', 'json'])
      expect((await readFeed(`${served.url}/feeds/en.${format}`)).text).not.toMatch(/ONE|TWO|claim/);
    served.en.release('ONE');
    const after = await readFeed(`${served.url}/feeds/en.atom`);
    expect(deleted(after.text)).toEqual([['TWO', '']]);
    expect(after.text).toContain('A hidden claim');
  });
});

describe('when a feed has changed', () => {
  const updatedOf = async (url: string) => /<updated>([^<]+)/.exec((await readFeed(url)).text)?.[1] ?? '';

  test('the time of a change never goes back, and is not 1970 in an empty feed', async () => {
    await using served = await servePages(publicDir);
    const url = `${served.url}/feeds/en.atom`;
    const said: string[] = [await updatedOf(url)];
    const then = async (change: () => unknown) => {
      change();
      said.push(await updatedOf(url), await updatedOf(`${url}?section=sports`));
    };
    await then(() => served.en.publish('ONE', facets(), 'First line'));
    await then(() => served.en.publish('TWO', facets(), 'Second line'));
    await then(() => served.en.withhold('TWO'));
    await then(() => served.en.retract('ONE'));
    expect(said).toEqual(said.toSorted());
    expect(Date.parse(said[0] ?? '')).toBeGreaterThan(Date.UTC(2026, 0));
  });

  test('the time of a change is that of the last entry, removals included', async () => {
    await using served = await servePages(publicDir);
    served.ar.publish('ONE', facets(), 'First line');
    served.ar.publish('TWO', facets(), 'Second line');
    expect(await updatedOf(`${served.url}/feeds/ar.atom`)).toBe('2026-01-01T00:00:00.002Z');
    served.ar.withhold('TWO');
    expect(await updatedOf(`${served.url}/feeds/ar.atom`)).toBe('2026-01-01T00:00:00.003Z');
    expect((await readFeed(`${served.url}/feeds/ar.rss`)).text).toContain('<rss version="2.0" ');
  });

  test('If-None-Match decides, and If-Modified-Since where there is none', async () => {
    await using served = await servePages(publicDir);
    served.en.publish('ONE', facets(), 'First line');
    for (const format of ['rss', 'atom', 'json']) {
      const url = `${served.url}/feeds/en.${format}`;
      const { response } = await readFeed(url);
      const etag = response.headers.get('etag') ?? '';
      const date = response.headers.get('last-modified') ?? '';
      expect(date).toBe('Thu, 01 Jan 2026 00:00:00 GMT');
      const status = async (headers: Record<string, string>) => (await readFeed(url, headers)).response.status;
      const bare = etag.replace('W/', '');
      for (const tags of [etag, bare, `"a,b", ${bare}`, `W/"x",${etag}`, '*'])
        expect([tags, await status({ 'If-None-Match': tags })]).toEqual([tags, 304]);
      for (const tags of ['"x"', `${bare.slice(0, -1)}x"`, '', `"*"`])
        expect([tags, await status({ 'If-None-Match': tags, 'If-Modified-Since': date })]).toEqual([tags, 200]);
      expect(await status({ 'If-Modified-Since': date })).toBe(304);
      expect(await status({ 'If-Modified-Since': 'Thu, 01 Jan 2026 00:00:01 GMT' })).toBe(304);
      expect(await status({ 'If-Modified-Since': 'Wed, 31 Dec 2025 23:59:59 GMT' })).toBe(200);
      expect(await status({ 'If-Modified-Since': 'yesterday' })).toBe(200);
    }
  });

  test('If-Modified-Since misses no second change within one second', async () => {
    await using served = await servePages(publicDir);
    served.en.publish('ONE', facets(), 'A false claim');
    const url = `${served.url}/feeds/en.rss`;
    const date = (await readFeed(url)).response.headers.get('last-modified') ?? '';
    served.en.retract('ONE');
    expect((await readFeed(url, { 'If-Modified-Since': date })).response.status).toBe(200);
  });
});

describe('a feed that is kept for all', () => {
  test.each(['rss', 'atom', 'json'])('a cached feed has nothing of the query that was first: %s', async (format) => {
    await using served = await servePages(publicDir, 'https://news.example');
    const url = `${served.url}/feeds/en.${format}`;
    const first = await readFeed(`${url}?utm=ATTACKER&section=sports&limit=20&section=politics&section=sports&since=x`);
    const plain = await readFeed(`${url}?section=politics&section=sports`);
    expect(first.text).not.toMatch(/ATTACKER|utm|limit|since/);
    expect(first.text).toBe(plain.text);
    const address = `https://news.example/feeds/en.${format}?section=politics&section=sports`;
    expect(first.text.replaceAll('&amp;', '&')).toContain(address);
  });

  test('a feed has its language, and that of a line in another language', async () => {
    await using served = await servePages(publicDir);
    served.es.publish('ONE', facets(), 'Une ligne', { language: 'fr' });
    expect((await readFeed(`${served.url}/feeds/es.atom`)).text).toMatch(
      /<feed [^>]*xml:lang="es".*<entry xml:lang="fr">/s,
    );
    expect((await readFeed(`${served.url}/feeds/es.rss`)).text).toMatch(
      /<rss [^>]*xml:lang="es".*<item xml:lang="fr">/s,
    );
    expect(JSON.parse((await readFeed(`${served.url}/feeds/es.json`)).text)).toMatchObject({
      language: 'es',
      items: [{ language: 'fr' }],
    });
  });
});

describe('an Arabic feed', () => {
  test('an Arabic feed isolates the name of an agency in Latin letters', async () => {
    await using served = await servePages(publicDir);
    served.ar.publish('ONE', facets(), 'سطر', { attribution: 'AFP' });
    const { text } = await readFeed(`${served.url}/feeds/ar.json`);
    expect(JSON.parse(text)).toMatchObject({ language: 'ar', items: [{ title: '\u2068AFP\u2069: سطر' }] });
  });
});
