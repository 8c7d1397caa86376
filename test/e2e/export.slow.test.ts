import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desk, runFlashwire, startFlashwire, until } from '../resources/flashwire.ts';
import { connect, startRedis } from '../resources/redis-server.ts';

const read = async (url: string, path: string) => {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

async function eventsOf(url: string): Promise<readonly { readonly action: string }[]> {
  const { body } = await desk(url, 'GET', '/v1/audit?limit=200');
  return body['events'] as { action: string }[];
}

/** All that a desk and a reader can see of a site that has to last; what is of a moment or of an epoch is left out. */
async function seen(url: string): Promise<object> {
  const ofEditions = ['en', 'ar'].map(async (edition) => {
    const list = (await desk(url, 'GET', `/v1/items?edition=${edition}&limit=100`)).body['items'] as { id: string }[];
    const items = list.map(async ({ id }) => [
      (await desk(url, 'GET', `/v1/items/${id}`)).body,
      await read(url, `/v1/feed/items/${id}`),
    ]);
    const { epoch, retry, ...feed } = (await read(url, `/v1/feed.json?edition=${edition}&limit=50`)).body;
    return {
      list: list.map((item) => ({ ...item, reach: null })),
      items: await Promise.all(items),
      feed,
      history: await read(url, `/v1/feed/history?edition=${edition}&before=1000`),
      drafts: (await desk(url, 'GET', `/v1/items?edition=${edition}&state=draft,scheduled`)).body['items'],
    };
  });
  return {
    editions: await Promise.all(ofEditions),
    audit: (await eventsOf(url)).filter(({ action }) => action !== 'epoch'),
    keys: (await desk(url, 'GET', '/v1/keys')).body,
  };
}

test('an exported site is the same after an import into an empty Redis, in a new epoch, and scheduled items go out', async () => {
  await using server = await startRedis();
  using probe = connect(server.url);
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-export-'));
  const file = join(folder, 'site.ndjson');
  const env = { REDIS_URL: server.url };
  const idempotent = { 'idempotency-key': 'once', prefer: 'wait=5' };
  const last = { edition: 'ar', headline: 'خبر عاجل' };
  try {
    const before = await startFlashwire('all', env);
    const post = async (item: object, status = 201): Promise<string> => {
      const answer = await desk(before.url, 'POST', '/v1/items', item, { prefer: 'wait=5' });
      expect(answer.status, JSON.stringify(answer.body)).toBe(status);
      return String(answer.body['id']);
    };
    const act = async (id: string, action: string, body: object) =>
      expect((await desk(before.url, 'POST', `/v1/items/${id}/${action}`, body, { prefer: 'wait=5' })).status).toBe(
        200,
      );

    const corrected = await post({ edition: 'en', headline: 'First', sections: ['politics'], urgency: 'flash' });
    const correction = {
      edition: 'en',
      headline: 'First, put right',
      correction: { kind: 'corrected', note: 'Typo.' },
    };
    await desk(before.url, 'PUT', `/v1/items/${corrected}`, correction, { 'if-match': '"1"', prefer: 'wait=5' });
    await act(await post({ edition: 'en', headline: 'Hidden' }), 'withhold', {});
    await act(await post({ edition: 'en', headline: 'Wrong' }), 'retract', { reason: 'untrue', notice: 'Withdrawn.' });
    await post({ edition: 'en', headline: 'Draft', state: 'draft' }, 202);
    await post({ edition: 'ar', headline: 'مترجم', translationOf: { id: corrected, version: 2 } });
    const publishAt = new Date(Date.now() + 90_000).toISOString();
    const scheduled = await post({ edition: 'en', headline: 'Later', publishAt }, 202);
    const key = (await desk(before.url, 'POST', '/v1/keys', { name: 'Night desk', role: 'editor' })).body;
    const once = await desk(before.url, 'POST', '/v1/items', last, idempotent);
    const was = await seen(before.url);
    const { epoch, seq } = (await read(before.url, '/v1/feed.json?edition=en')).body;

    const exported = await runFlashwire(['export', '--out', file], env);
    expect(exported).toMatchObject({ code: 0, err: '' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await before[Symbol.asyncDispose]();
    expect((await runFlashwire(['import', file], env)).code).toBe(1); // something stands there
    await probe.redis.flushall();
    expect(await runFlashwire(['import', file], env)).toMatchObject({ code: 0, err: '' });

    await using after = await startFlashwire('all', env);
    expect(await seen(after.url)).toEqual(was);
    // A new epoch for each of the three editions is all that has been added.
    expect((await eventsOf(after.url)).filter(({ action }) => action === 'epoch')).toHaveLength(3);
    const now = (await read(after.url, '/v1/feed.json?edition=en')).body;
    expect(now).toMatchObject({ seq, epoch: expect.not.stringMatching(String(epoch)) });
    const poll = (await read(after.url, `/v1/feed.poll?edition=en&since=${epoch}:${seq}`)).body['frames'];
    expect(poll).toMatchObject([{ type: 'snapshot', reason: 'epoch', seq, epoch: now['epoch'] }]);
    // The same request is still known, and so is the key.
    const again = await desk(after.url, 'POST', '/v1/items', last, idempotent);
    expect(again.body).toMatchObject({ id: once.body['id'], seq: once.body['seq'] });
    const asEditor = { authorization: `Bearer ${key['token']}` };
    expect((await desk(after.url, 'GET', '/v1/session', undefined, asEditor)).body['name']).toBe('Night desk');

    const isOut = async () => (await read(after.url, `/v1/feed/items/${scheduled}`)).status === 200;
    expect(await isOut()).toBe(false);
    await until(isOut, 120_000, 'the scheduled item is out');
    const next = await desk(after.url, 'POST', '/v1/items', { edition: 'en', headline: 'Next' }, { prefer: 'wait=5' });
    expect(next.body['seq']).toBe(Number(seq) + 2);
    expect(await runFlashwire(['verify'], env)).toMatchObject({ code: 0, err: '' });
    expect(await runFlashwire(['verify', file], {})).toMatchObject({ code: 0, err: '' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 240_000);

test('an export can go to standard output, and each kind of failure has its exit code', async () => {
  await using server = await startRedis();
  using probe = connect(server.url);
  const env = { REDIS_URL: server.url, FLASHWIRE_REDIS_PREFIX: 'site' };
  await probe.redis.mset('site:schema', 2, 'site:{en}:thing', 'x');
  const { code, out } = await runFlashwire(['export'], env);
  expect({
    code,
    lines: out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type),
  }).toEqual({
    code: 0,
    lines: ['flashwire-export', 'string', 'end'],
  });
  expect(await runFlashwire(['import'], env)).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^flashwire: import: give/),
  });
  expect(await runFlashwire(['import', 'no-such-file'], env)).toMatchObject({
    code: 1,
    err: expect.stringContaining('no-such-file'),
  });
  const unreachable = { ...env, REDIS_URL: 'redis://127.0.0.1:1' };
  expect(await runFlashwire(['export'], unreachable)).toEqual({
    code: 3,
    out: '',
    err: 'flashwire: Redis at 127.0.0.1:1 does not answer\n',
  });
});
