import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { facets } from '../fanout/memory-log.ts';
import { fetchPage } from '../resources/page.ts';
import { openNewsroom } from './newsroom.ts';
import { buildPublicFiles } from './public-files.ts';

let publicDir: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ dir: publicDir, remove } = await buildPublicFiles());
});

afterAll(() => remove());

async function readFeed(url: string, headers: Record<string, string> = {}) {
  const response = await fetchPage(url, { headers });
  return { response, text: await response.text() };
}

const types = { rss: 'application/rss+xml', atom: 'application/atom+xml', json: 'application/feed+json' };

describe.each(['rss', 'atom', 'json'] as const)('the %s feed', (format) => {
  it('has the newest lines of an edition or a filter, and changes with them', async () => {
    await using newsroom = await openNewsroom(publicDir, 'https://news.example');
    newsroom.en.publish('ONE', facets(['politics']), 'First line');
    newsroom.en.publish('TWO', facets(['sports']), 'Second line', { attribution: 'AFP' });
    const { response, text } = await readFeed(`${newsroom.url}/feeds/en.${format}`);
    expect(response.headers.get('content-type')).toBe(`${types[format]}; charset=utf-8`);
    expect(text.indexOf('AFP: Second line')).toBeLessThan(text.indexOf('First line'));
    expect(text).toContain('https://news.example/item/TWO');
    expect(text).toContain('urn:flashwire:item:ONE');
    const filtered = await readFeed(`${newsroom.url}/feeds/en.${format}?section=politics`);
    expect(filtered.text).not.toContain('Second line');
    const etag = response.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"epochone:2:[0-9a-f]{8}"$/);
    expect((await readFeed(`${newsroom.url}/feeds/en.${format}`, { 'If-None-Match': etag })).response.status).toBe(304);
    newsroom.en.correct('ONE', facets(['politics']), 'First line, put right', {
      kind: 'corrected',
      note: 'One word was wrong.',
      at: '2026-01-01T00:00:00.000Z',
    });
    const corrected = await readFeed(`${newsroom.url}/feeds/en.${format}`, { 'If-None-Match': etag });
    expect(corrected.response.status).toBe(200);
    expect(corrected.text).toContain('Corrected: First line, put right');
    expect(corrected.text).toContain('One word was wrong.');
  });

  it('stays readable whatever a topic is called', async () => {
    await using newsroom = await openNewsroom(publicDir);
    const topic = '<b a="1">&lt; "]]>';
    newsroom.en.publish('ONE', facets([], { topics: [topic] }), 'A line', { topics: [topic] });
    const { text } = await readFeed(`${newsroom.url}/feeds/en.${format}`);
    expect(text).toContain('A line');
    if (format !== 'json') expect(text).not.toContain('<b a=');
    if (format === 'atom') expect(text).toContain('term="&lt;b a=&quot;1&quot;>&amp;lt; &quot;]]>"');
  });

  it('puts the notice in the place of what was withdrawn, under the same id', async () => {
    await using newsroom = await openNewsroom(publicDir);
    newsroom.en.publish('ONE', facets(), 'A false claim');
    newsroom.en.publish('TWO', facets(), 'A hidden claim');
    newsroom.en.retract('ONE', 'A line about a bridge was withdrawn.');
    newsroom.en.withhold('TWO');
    const { text } = await readFeed(`${newsroom.url}/feeds/en.${format}`);
    expect(text).not.toMatch(/claim/);
    expect(text).toContain('Withdrawn: A line about a bridge was withdrawn.');
    expect(text).toContain('urn:flashwire:item:ONE');
    expect(text).not.toContain('TWO');
    expect(text.includes('<at:deleted-entry')).toBe(format === 'atom');
    expect(text).toContain(`${newsroom.url}/item/ONE`);
  });

  it('carries hostile text as text', async () => {
    await using newsroom = await openNewsroom(publicDir);
    newsroom.en.publish('ONE', facets(), '<script>alert(1)</script> ]]> & "q"', { url: 'javascript:alert(2)' });
    const { text } = await readFeed(`${newsroom.url}/feeds/en.${format}`);
    expect(text).not.toContain('javascript:');
    if (format === 'json') expect(JSON.parse(text).items[0].title).toBe('<script>alert(1)</script> ]]> & "q"');
    else expect(text).not.toContain('<script');
  });

  it('refuses what it cannot filter by, and editions that it does not have', async () => {
    await using newsroom = await openNewsroom(publicDir);
    const bad = await readFeed(`${newsroom.url}/feeds/en.${format}?section=cooking`);
    expect([bad.response.status, bad.text]).toEqual([400, expect.stringContaining('"cooking" is not one of')]);
    expect((await readFeed(`${newsroom.url}/feeds/fr.${format}`)).response.status).toBe(404);
  });
});

describe('an Arabic feed', () => {
  it('isolates the name of an agency in Latin letters', async () => {
    await using newsroom = await openNewsroom(publicDir);
    newsroom.ar.publish('ONE', facets(), 'سطر', { attribution: 'AFP' });
    const { text } = await readFeed(`${newsroom.url}/feeds/ar.json`);
    expect(JSON.parse(text)).toMatchObject({ language: 'ar', items: [{ title: '\u2068AFP\u2069: سطر' }] });
  });
});
