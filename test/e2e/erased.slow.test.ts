import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { freePort } from '../../bench/process/free-port.ts';
import { desk, runFlashwire, startFlashwire, until } from '../resources/flashwire.ts';
import { fetchPage } from '../resources/page.ts';
import { connect, startRedis } from '../resources/redis-server.ts';

/** One for each field that can say something of a story, in the item as it was and as it was corrected. */
const words = ['headline', 'attribution', 'url', 'note'].flatMap((field) => [`canary${field}one`, `canary${field}two`]);
/** A topic is a facet: an id by which readers choose, and as such in the header of every entry. */
const topic = 'canarytopic';

const fields = (which: 'one' | 'two') => ({
  edition: 'en',
  headline: `The canaryheadline${which} sings`,
  attribution: `canaryattribution${which}`,
  url: `https://news.example.org/canaryurl${which}`,
  sections: ['politics'],
  regions: ['europe'],
  topics: [topic],
});

const heldBy = (text: string | Buffer) => words.filter((word) => text.includes(word));

/** Every key of this Redis with the words that it holds; DUMP has all types as they stand, uncompressed. */
async function holders(redis: Redis, wanted: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'COUNT', 500);
    cursor = next;
    for (const key of keys) {
      const dump = await redis.dumpBuffer(key);
      if (wanted.some((word) => key.includes(word) || dump?.includes(word))) found.add(key);
    }
  } while (cursor !== '0');
  return [...found].sort();
}

async function filesOf(dir: string): Promise<Readonly<Record<string, Buffer>>> {
  const names = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const read = names.map(async ({ parentPath, name }) => [name, await readFile(join(parentPath, name))] as const);
  return Object.fromEntries(await Promise.all(read));
}

/** The append-only file after it has been written anew, twice, so that one that was under way already does not count. */
async function rewritten(redis: Redis, dir: string): Promise<Readonly<Record<string, Buffer>>> {
  const isIdle = async () => {
    const info = await redis.info('persistence');
    return info.includes('aof_rewrite_in_progress:0') && info.includes('aof_rewrite_scheduled:0');
  };
  const files = async () => (await readdir(join(dir, 'appendonlydir'))).sort();
  for (let turn = 0; turn < 2; turn++) {
    await until(isIdle, 20_000, 'no rewrite is under way');
    const before = await files();
    await redis.bgrewriteaof();
    const isDone = async () => {
      const now = await files();
      return (
        (await isIdle()) && now.length === 3 && !now.some((name) => name.includes('.base.') && before.includes(name))
      );
    };
    await until(isDone, 20_000, 'the append-only file is written anew');
  }
  return filesOf(dir);
}

async function read(url: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await fetchPage(`${url}${path}`, { headers });
  return `${response.status} ${[...response.headers].join('\n')}\n${await response.text()}`;
}

/** What was missed comes as one write, right after `resumed`. */
const hasFrames = /"type":"(?:snapshot|item|removal)"/;

/** What a stream of events brings until its first frames are there. */
async function readEvents(url: string, path: string): Promise<string> {
  const abort = new AbortController();
  const response = await fetch(`${url}${path}`, { signal: abort.signal });
  let text = '';
  for await (const bytes of response.body ?? []) {
    text += Buffer.from(bytes).toString();
    if (hasFrames.test(text)) break;
  }
  abort.abort();
  return text;
}

async function readSocket(url: string, query: string): Promise<string> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/feed?${query}`);
  let text = '';
  socket.on('message', (data) => {
    text += String(data);
  });
  await until(() => hasFrames.test(text), 5_000, `the frames of ${query}`);
  socket.terminate();
  return text;
}

/** All that a reader can ask for, with the position that one had before the item was there. */
async function publicSurfaces(url: string, id: string, since: string): Promise<Readonly<Record<string, string>>> {
  const paths = [
    '/v1/feed.json?edition=en',
    '/v1/feed?edition=en',
    `/v1/feed.json?edition=en&topic=${topic}`,
    '/v1/feed.json?edition=en&section=politics&limit=50',
    '/v1/feed.poll?edition=en&wait=0',
    `/v1/feed.poll?edition=en&since=${since}`,
    '/v1/feed/history?edition=en&before=1000',
    `/v1/feed/items/${id}`,
    '/v1/log/head',
    ...['rss', 'atom', 'json'].map((form) => `/feeds/en.${form}`),
    '/feeds/en.rss?section=politics',
    '/',
    '/live/en',
    '/live/en?before=1000',
    '/section/en/politics',
    '/region/en/europe',
    `/item/${id}`,
  ];
  const asked = paths.map(async (path) => [path, await read(url, path)] as const);
  const page = `/topic/en/${topic}`;
  return {
    ...Object.fromEntries(await Promise.all(asked)),
    // The address has the topic in it; what is on the page must not say more.
    [page]: await read(url, page),
    events: await readEvents(url, '/v1/feed.sse?edition=en'),
    'resumed events': await readEvents(url, `/v1/feed.sse?edition=en&since=${since}`),
    socket: await readSocket(url, 'edition=en'),
    'resumed socket': await readSocket(url, `edition=en&since=${since}`),
    'resumed socket of the topic': await readSocket(url, `edition=en&topic=${topic}&since=${since}`),
  };
}

const saying = (surfaces: Readonly<Record<string, string>>) =>
  Object.entries(surfaces).flatMap(([name, text]) => (heldBy(text).length > 0 ? [name] : []));

async function deskAnswers(url: string, id: string): Promise<Readonly<Record<string, string>>> {
  const paths = [
    '/v1/items?edition=en',
    `/v1/items/${id}`,
    `/v1/items/${id}/delivery`,
    '/v1/audit',
    '/v1/audit?format=csv',
    '/v1/audit?with=item',
    '/v1/status',
  ];
  const { authorization } = { authorization: `Bearer fw_test1_${'k'.repeat(40)}` };
  const answers = paths.map(async (path) => [path, await read(url, path, { authorization })] as const);
  return Object.fromEntries(await Promise.all(answers));
}

test('after a retraction only the version records have the text, and after a purge nothing has it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'flashwire-erased-'));
  const settings = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--rdbcompression', 'no'];
  await using server = await startRedis(settings, { port: await freePort(), dir });
  using probe = connect(server.url);
  const env = { REDIS_URL: server.url, LOG_LEVEL: 'debug' };
  try {
    await using site = await startFlashwire('all', env);
    const { url } = site;
    const wait = { prefer: 'wait=5' };
    const other = await desk(url, 'POST', '/v1/items', { edition: 'en', headline: 'Before' }, wait);
    const { epoch, seq, hash } = JSON.parse((await read(url, '/v1/feed.json?edition=en')).split('\n').at(-1) ?? '');
    const since = `${epoch}:${seq}:${hash}`;
    expect(other.body['seq']).toBe(seq);

    const { en: noted } = (await (await fetch(`${url}/v1/log/head`)).json()).editions;

    const posted = await desk(url, 'POST', '/v1/items', fields('one'), { ...wait, 'idempotency-key': 'once' });
    expect(posted.status).toBe(201);
    const id = String(posted.body['id']);
    const correct = (version: number, which: 'one' | 'two') =>
      desk(
        url,
        'PUT',
        `/v1/items/${id}`,
        { ...fields('two'), correction: { kind: 'corrected', note: `canarynote${which}` } },
        {
          ...wait,
          'if-match': `"${version}"`,
        },
      );
    expect((await correct(1, 'one')).status).toBe(200);
    expect((await correct(2, 'two')).status).toBe(200);
    // The search can find: text, feeds, pages and the file have it now.
    const before = await publicSurfaces(url, id, since);
    expect(saying(before).length).toBeGreaterThan(18);
    expect(heldBy(Buffer.concat(Object.values(await filesOf(dir))))).toEqual(words);
    expect((await holders(probe.redis, words)).length).toBeGreaterThan(3);

    const retraction = { reason: 'untrue', notice: 'A line was withdrawn.' };
    expect((await desk(url, 'POST', `/v1/items/${id}/retract`, retraction, wait)).status).toBe(200);
    await until(async () => (await read(url, `/v1/feed/items/${id}`)).startsWith('410'), 5_000, 'the tombstone');

    const versions = `fw:{en}:versions:${id}`;
    expect(await holders(probe.redis, words)).toEqual([versions]);
    const after = await publicSurfaces(url, id, since);
    expect(saying(after)).toEqual([]);
    expect(after['resumed socket']).toContain('"type":"removal"');
    expect(after[`/item/${id}`]).toContain('A line was withdrawn.');
    const answers = await deskAnswers(url, id);
    expect(saying(answers).sort()).toEqual([`/v1/items/${id}`, '/v1/items?edition=en', '/v1/audit?with=item'].sort());
    const kept = await rewritten(probe.redis, dir);
    expect(heldBy(Buffer.concat(Object.values(kept))).sort()).toEqual([...words].sort());
    await probe.redis.rename(versions, 'aside');
    expect(heldBy(Buffer.concat(Object.values(await rewritten(probe.redis, dir))))).toEqual(words); // under its other name
    const aside = await probe.redis.dumpBuffer('aside');
    await probe.redis.del('aside');
    expect(heldBy(Buffer.concat(Object.values(await rewritten(probe.redis, dir))))).toEqual([]);
    if (aside) await probe.redis.restore(versions, 0, aside);

    // Where the topic stands: in headers and facets, and nowhere in what a reader is given.
    const commands = await probe.redis.keys(`fw:{en}:command:c_*`);
    const facets = await holders(probe.redis, [topic]);
    expect(facets.filter((key) => !commands.includes(key))).toEqual(
      ['fw:{en}:log', `fw:{en}:item:${id}`, versions].sort(),
    );

    const purged = await runFlashwire(
      ['purge', id, '--edition', 'en', '--name', 'Ana Prueba', '--reason', 'A court order'],
      env,
    );
    expect(purged).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('the texts of 4 versions are erased'),
    });
    expect(purged.out).toContain('Redis is rewriting its append-only file');
    expect(await holders(probe.redis, words)).toEqual([]);
    expect(await holders(probe.redis, [topic])).toEqual(['fw:{en}:log', `fw:{en}:item:${id}`].sort());
    expect(saying(await publicSurfaces(url, id, since))).toEqual([]);
    const said = await deskAnswers(url, id);
    expect(saying(said)).toEqual([]);
    expect(Object.values(said).map((text) => text.slice(0, 3))).toEqual(Array(7).fill('200'));
    expect(said['/v1/audit']).toContain('Ana Prueba');
    const item = (await desk(url, 'GET', `/v1/items/${id}`)).body;
    expect(item).toMatchObject({ state: 'retracted', version: 4, body: null, purgedAt: expect.any(Number) });
    expect(item['versions']).toMatchObject(
      [1, 2, 3, 4].map((version) => ({ version, body: null, by: { keyId: 'test1' } })),
    );
    expect(heldBy(Buffer.concat(Object.values(await rewritten(probe.redis, dir))))).toEqual([]);
    expect(heldBy(site.output.join('\n'))).toEqual([]);
    // The chain fits, and still has the head that somebody wrote down before there was anything to erase.
    const head = `${noted.epoch}:${noted.seq}:${noted.hash}`;
    expect(await runFlashwire(['verify', '--edition', 'en', '--head', head], env)).toMatchObject({ code: 0, err: '' });
    // The same request asked again is still known, and says what has become of it.
    const again = await desk(url, 'POST', '/v1/items', fields('one'), { 'idempotency-key': 'once' });
    expect(again.body).toMatchObject({ id, version: 1, state: 'published' });
    expect((await desk(url, 'POST', `/v1/items/${id}/release`, {})).status).toBe(409);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
