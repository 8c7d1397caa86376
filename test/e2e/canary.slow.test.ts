import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Redis } from 'ioredis';
import { describe, expect, inject, test } from 'vitest';
import { desk, startFlashwire, testKey, until } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';

const env = () => ({ REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix() });

describe('the canary', () => {
  test('a canary passes API, queue, worker, log, pub/sub and a socket of each fan-out process', async () => {
    const shared = env();
    await using worker = await startFlashwire('worker', shared);
    await using first = await startFlashwire('fanout', shared);
    await using second = await startFlashwire('fanout', shared);
    await using api = await startFlashwire('api', shared);
    expect(worker.url).not.toBe(first.url);
    const status = async () => (await desk(api.url, 'GET', '/v1/status')).body;
    const areProven = async () => {
      const { processes, provenAgoMs } = await status();
      return (processes as unknown[]).length === 2 && provenAgoMs !== null;
    };
    await until(areProven, 25_000, 'both fan-outs have a proof');
    const { readers } = await status();
    // Its own socket is not counted as a reader, and no key may read or write its edition.
    expect(readers).toEqual({ en: 0, ar: 0, es: 0 });
    expect((await fetch(`${second.url}/v1/feed.json?edition=_canary`)).status).toBe(400);
    expect((await desk(api.url, 'GET', '/v1/items?edition=_canary')).status).toBe(400);
    const posted = await desk(api.url, 'POST', '/v1/items', { edition: '_canary', headline: 'x' });
    expect(posted.status).toBe(422);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  });

  test('a canary proves a site of one machine too, and its figures are metrics', async () => {
    await using all = await startFlashwire('all', env());
    const isProven = async () => (await desk(all.url, 'GET', '/v1/status')).body['provenAgoMs'] !== null;
    await until(isProven, 25_000, 'its process has a proof');
  });

  test('without a worker no process receives a canary, and all stay ready', async () => {
    const shared = env();
    await using api = await startFlashwire('api', shared);
    await using fanout = await startFlashwire('fanout', shared);
    expect((await desk(api.url, 'GET', '/v1/status')).body['provenAgoMs']).toBeNull();
    for (const { url } of [api, fanout]) expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });
});

/** Loopback ports on which a process listens, as Linux tells. */
function portsOf(pid: number | undefined): readonly number[] {
  const files = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // closed meanwhile
    }
  });
  const sockets = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n').slice(1);
  return sockets.flatMap((line) => {
    const [, address = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    const [host, port = ''] = address.split(':');
    const isListening = state === '0A' && host === '0100007F' && files.includes(`socket:[${inode}]`);
    return isListening ? [Number.parseInt(port, 16)] : [];
  });
}

test('the private listener of the canary accepts no session and no key of the site', async () => {
  await using api = await startFlashwire('api', env());
  const signedIn = await fetch(`${api.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: testKey }),
  });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const ask = async (port: number, headers: Record<string, string>) => {
    const url = `http://127.0.0.1:${port}`;
    const answer = await fetch(`${url}/v1/items`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url, ...headers },
      body: JSON.stringify({ edition: '_canary', headline: 'x' }),
    });
    return answer.status;
  };
  const site = Number(new URL(api.url).port);
  expect(await ask(site, { cookie })).toBe(422); // the session is good, the edition is not one of the site
  const others = portsOf(api.child.pid).filter((port) => port !== site);
  const [bySession, byKey] = await Promise.all(
    [{ cookie }, { authorization: `Bearer ${testKey}` }].map((headers) =>
      Promise.all(others.map((port) => ask(port, headers))),
    ),
  );
  expect(bySession?.toSorted()).toEqual([401, 404]); // the door, and the metrics
  expect(byKey).toEqual(bySession);
});

describe('STOP', () => {
  test('STOP also holds commands that a worker finds at its start, but not the canary', async () => {
    const shared = env();
    await using api = await startFlashwire('api', shared);
    await using fanout = await startFlashwire('fanout', shared);
    expect(fanout.url).toBeTruthy();
    expect((await desk(api.url, 'PUT', '/v1/stop', { stopped: true })).status).toBe(200);
    // As for an edition that was not in the configuration when the switch was pulled.
    const redis = new Redis(shared.REDIS_URL);
    await redis.hdel(`${shared.FLASHWIRE_REDIS_PREFIX}:{es}:queue:publish:meta`, 'paused');
    redis.disconnect();
    await using worker = await startFlashwire('worker', shared);
    expect(worker.url).toBeTruthy();
    const status = async () => (await desk(api.url, 'GET', '/v1/status')).body;
    await until(async () => (await status())['provenAgoMs'] !== null, 25_000, 'the canary comes through');
    const posted = await desk(api.url, 'POST', '/v1/items', { edition: 'es', headline: 'x' }, { prefer: 'wait=1' });
    expect(posted).toMatchObject({ status: 202, body: { state: 'queued' } });
    await desk(api.url, 'PUT', '/v1/stop', { stopped: false });
    const url = String(posted.body['statusUrl']);
    const isOut = async () => (await desk(api.url, 'GET', url)).body['state'] === 'published';
    await until(isOut, 5_000, 'it goes out once the switch is let go');
  });
});

describe('a rehearsal', () => {
  test('a rehearsal has the whole API and reaches no reader', async () => {
    const shared = env();
    await using all = await startFlashwire('all', shared);
    const line = { edition: 'en', headline: 'TEST missile warning' };
    const posted = await desk(all.url, 'POST', '/v1/test/items', line, { prefer: 'wait=5' });
    expect(posted).toMatchObject({ status: 201, body: { state: 'published', seq: 1 } });
    expect(posted.body['statusUrl']).toMatch(/^\/v1\/test\/commands\/en\//);
    expect((await desk(all.url, 'GET', String(posted.body['statusUrl']))).status).toBe(200);
    const id = String(posted.body['id']);
    const held = { ...line, headline: 'TEST held', holdSeconds: 1 };
    const later = await desk(all.url, 'POST', '/v1/test/items', held, { prefer: 'wait=5' });
    expect(later.body['state']).toBe('held');
    await until(
      async () => (await desk(all.url, 'GET', String(later.body['statusUrl']))).body['state'] === 'published',
      5_000,
      'the held one is out',
    );
    const corrected = { ...line, headline: 'TEST again', correction: { kind: 'refile' } };
    const put = await desk(all.url, 'PUT', `/v1/test/items/${id}`, corrected, { 'if-match': '"1"', prefer: 'wait=5' });
    expect(put.status).toBe(200);
    expect((await desk(all.url, 'POST', `/v1/test/items/${id}/withhold`, {}, { prefer: 'wait=5' })).status).toBe(200);
    expect(
      (await desk(all.url, 'POST', `/v1/test/items/${id}/retract`, { reason: 'over' }, { prefer: 'wait=5' })).status,
    ).toBe(200);
    // The live store has never heard of it, in the feed, in the list, by its id.
    expect(await (await fetch(`${all.url}/v1/feed.json?edition=en`)).json()).toMatchObject({ seq: 0, items: [] });
    expect((await desk(all.url, 'GET', '/v1/items?edition=en')).body['items']).toEqual([]);
    expect((await desk(all.url, 'GET', `/v1/items/${id}`)).status).toBe(404);
    expect((await fetch(`${all.url}/v1/feed/items/${id}?edition=en`)).status).toBe(404);
    expect((await desk(all.url, 'POST', `/v1/items/${id}/publish`, {})).status).toBe(404);
    // Only items are rehearsed: the switch and the keys of the site have no second door.
    for (const path of ['/v1/test/stop', '/v1/test/keys', '/v1/test/session', '/v1/test/audit'])
      expect((await desk(all.url, 'GET', path)).status, path).toBe(404);
    const session = await fetch(`${all.url}/v1/session`, { headers: { authorization: `Bearer ${testKey}` } });
    expect(session.status).toBe(200);
  });
});
