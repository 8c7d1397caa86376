import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { poisonAttempts } from '../../src/queue/job.ts';
import { desk, runFlashwire, startFlashwire, until } from '../resources/flashwire.ts';
import { type GuardedRedis, startGuardedRedis } from '../resources/guarded-redis.ts';
import { connect } from '../resources/redis-server.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

/** What Redis has refused to its users: command or key, and where. */
async function refusals(admin: Redis): Promise<readonly string[]> {
  const log = (await admin.acl('LOG', '100')) as readonly unknown[][];
  return log.map((entry) => {
    const fields = new Map(entry.flatMap((name, at) => (at % 2 === 0 ? [[String(name), String(entry[at + 1])]] : [])));
    return ['username', 'reason', 'context', 'object'].map((name) => fields.get(name)).join(' ');
  });
}

interface Site {
  readonly api: string;
  readonly fanout: string;
}

const wait = { prefer: 'wait=5' };

async function post(api: string, item: object, status = 201, base = '/v1'): Promise<string> {
  const answer = await desk(api, 'POST', `${base}/items`, item, wait);
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  return String(answer.body['id']);
}

async function act(api: string, id: string, action: string, body: object = {}, base = '/v1'): Promise<void> {
  const answer = await desk(api, 'POST', `${base}/items/${id}/${action}`, body, wait);
  expect([200, 201], `${action}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
}

const correction = { kind: 'corrected', note: 'Typo.' };

/** Everything that can become of an item. */
async function liveThrough(api: string, base: string): Promise<void> {
  const id = await post(api, { edition: 'en', headline: 'First', sections: ['politics'] }, 201, base);
  const put = { edition: 'en', headline: 'First, put right', correction };
  const corrected = await desk(api, 'PUT', `${base}/items/${id}`, put, { 'if-match': '"1"', ...wait });
  expect(corrected.status, JSON.stringify(corrected.body)).toBe(200);
  await act(api, id, 'withhold', {}, base);
  await act(api, id, 'release', {}, base);
  await act(api, id, 'retract', { reason: 'untrue', notice: 'Withdrawn.' }, base);
  const draft = await post(api, { edition: 'ar', headline: 'مسودة', state: 'draft' }, 202, base);
  await act(api, draft, 'publish', {}, base);
  const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
  const scheduled = { edition: 'es', headline: 'Luego', publishAt: inMs(5_000), expiresAt: inMs(7_000) };
  const later = await post(api, scheduled, 202, base);
  const held = await post(api, { edition: 'es', headline: 'Retenido', holdSeconds: 20 }, 202, base);
  expect((await desk(api, 'DELETE', `${base}/items/${held}`)).status).toBe(200);
  const isOver = async () => (await desk(api, 'GET', `${base}/items/${later}`)).body['state'] === 'expired';
  await until(isOver, 20_000, 'the scheduled item was out, and its time is over');
}

async function useTheDesk({ api }: Site): Promise<void> {
  const original = await post(api, { edition: 'en', headline: 'Original' });
  await post(api, { edition: 'es', headline: 'Traducido', translationOf: { id: original, version: 1 } });
  const idempotent = { 'idempotency-key': 'once', ...wait };
  const once = { edition: 'en', headline: 'Once' };
  const twice = [1, 2].map(() => desk(api, 'POST', '/v1/items', once, idempotent));
  expect(new Set((await Promise.all(twice)).map(({ body }) => body['id'])).size).toBe(1);
  const made = (await desk(api, 'POST', '/v1/keys', { name: 'Night desk', role: 'editor' })).body;
  const asEditor = { authorization: `Bearer ${made['token']}` };
  const signIn = await fetch(`${api}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: made['token'] }),
  });
  expect(signIn.status).toBeLessThan(300);
  const cookie = { cookie: (signIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
  expect((await fetch(`${api}/v1/session`, { headers: cookie })).status).toBe(200);
  const { sessions } = (await desk(api, 'GET', '/v1/sessions')).body as { sessions: readonly { id: string }[] };
  expect((await desk(api, 'DELETE', `/v1/sessions/${sessions[0]?.id}`)).status).toBe(204);
  expect((await desk(api, 'DELETE', `/v1/keys/${made['keyId']}`)).status).toBe(204);
  expect((await desk(api, 'GET', '/v1/items?edition=en', undefined, asEditor)).status).toBe(401);
  for (const path of [
    '/v1/keys',
    '/v1/audit',
    '/v1/audit?person=night&with=item',
    '/v1/sessions',
    '/v1/status',
    '/v1/stop',
    '/v1/sources?edition=en',
    '/v1/stop/held?edition=en',
    `/v1/items/${original}`,
    '/v1/items?edition=en&state=published',
  ])
    expect((await desk(api, 'GET', path)).status, path).toBe(200);
  await post(api, { edition: 'en', headline: 'A flash', urgency: 'flash' });
  const sources = { sources: [{ name: 'Harbour office', kind: 'organisation' }] };
  expect((await desk(api, 'PUT', '/v1/sources?edition=en', sources)).status).toBe(200);
  expect((await desk(api, 'PUT', '/v1/stop', { stopped: true, reason: 'a hoax' })).status).toBe(200);
  const stopped = await desk(api, 'POST', '/v1/items', { edition: 'en', headline: 'Held' }, { prefer: 'wait=1' });
  expect(stopped.status).toBe(202);
  expect((await desk(api, 'PUT', '/v1/stop', { stopped: false })).status).toBe(200);
  const url = String(stopped.body['statusUrl']);
  await until(async () => (await desk(api, 'GET', url)).body['state'] === 'published', 5_000, 'it goes on');
  const proven = async () =>
    JSON.stringify((await desk(api, 'GET', `/v1/items/${original}/delivery`)).body).includes('"proven"');
  await until(proven, 15_000, 'the delivery is proven');
}

async function readThePublic({ api, fanout }: Site): Promise<void> {
  const id = await post(api, { edition: 'en', headline: 'For every page', sections: ['politics'] });
  const found = async () => (await fetch(`${fanout}/v1/feed/items/${id}`)).status === 200;
  await until(found, 5_000, 'the fan-out has it');
  // Rendering has a budget for each second: a busy machine says 503 once.
  for (const path of [
    '/v1/feed.json?edition=en',
    '/v1/feed/history?edition=en&before=1000',
    '/v1/feed.poll?edition=en',
    '/v1/log/head',
    '/live/en',
    `/item/${id}`,
    '/feeds/en.rss',
    '/',
  ])
    await until(async () => (await fetch(`${fanout}${path}`)).status === 200, 10_000, `${path} is answered`);
}

const roles = ['worker', 'api', 'fanout'] as const;

async function start(
  redis: GuardedRedis,
  stack: ResourceStack,
): Promise<Site & { readonly stop: () => Promise<void> }> {
  const running = await Promise.all(roles.map((role) => startFlashwire(role, { REDIS_URL: redis.url(role) })));
  for (const one of running) stack.use(one);
  const [, api, fanout] = running;
  return {
    api: api?.url ?? '',
    fanout: fanout?.url ?? '',
    stop: async () => void (await Promise.all(running.map((one) => one[Symbol.asyncDispose]()))),
  };
}

/** As a failover that has lost the tail does it: the newest entry is another one than the fan-out has read. */
async function rewriteHistory(admin: Redis, { fanout }: Site): Promise<void> {
  const epochOf = async () =>
    ((await (await fetch(`${fanout}/v1/feed.json?edition=en`)).json()) as { epoch: string }).epoch;
  const before = await epochOf();
  const [[id, fields] = ['', []]] = await admin.xrevrange('fw:{en}:log', '+', '-', 'COUNT', 1);
  const forged = fields.map((value, at) => (fields[at - 1] === 'h' ? '0'.repeat(40) : value));
  await admin.del('fw:{en}:log');
  await admin.xadd('fw:{en}:log', id, ...forged);
  await admin.hset('fw:{en}:meta', 'hash', '0'.repeat(40));
  await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await until(async () => (await epochOf()) !== before, 15_000, 'the edition has a new epoch');
}

test('each role does all of its work as its own Redis user without a denied command', async () => {
  await using redis = await startGuardedRedis();
  using admin = connect(redis.url('admin'));
  await using stack = new ResourceStack();
  const site = await start(redis, stack);
  const reader = new WebSocket(`${site.fanout.replace('http', 'ws')}/v1/feed?edition=en`);
  stack.defer(() => reader.terminate());

  await liveThrough(site.api, '/v1');
  await liveThrough(site.api, '/v1/test');
  await useTheDesk(site);
  await readThePublic(site);
  await until(
    async () => (await desk(site.api, 'GET', '/v1/status')).body['provenAgoMs'] !== null,
    25_000,
    'the canary is back',
  );
  await rewriteHistory(admin.redis, site);
  await post(site.api, { edition: 'en', headline: 'In the new epoch' });
  expect(await refusals(admin.redis)).toEqual([]);

  await site.stop();
  const again = await start(redis, stack);
  await post(again.api, { edition: 'en', headline: 'After the restart' });
  await readThePublic(again);
  await again.stop();

  const file = join(redis.folder, 'site.ndjson');
  const env = { REDIS_URL: redis.url('ops') };
  expect(await runFlashwire(['export', '--out', file], env)).toMatchObject({ code: 0, err: '' });
  await admin.redis.zadd('fw:{en}:queue:publish:failed', 1, 'c_dead');
  expect(await runFlashwire(['dead-letters'], env)).toMatchObject({ code: 0, err: '' });
  expect(await runFlashwire(['dead-letters', 'remove', 'c_dead'], env)).toMatchObject({ code: 0, err: '' });
  await admin.redis.flushall();
  expect(await runFlashwire(['import', file], env)).toMatchObject({ code: 0, err: '' });
  await start(redis, stack);
  expect(await refusals(admin.redis)).toEqual([]);
}, 180_000);

test('a worker that lacks an ACL rule refuses no accepted command, and appends it once the rule exists', async () => {
  await using redis = await startGuardedRedis();
  using admin = connect(redis.url('admin'));
  await using stack = new ResourceStack();
  const site = await start(redis, stack);
  await post(site.api, { edition: 'en', headline: 'The chain has a link' });
  await admin.redis.acl('SETUSER', 'worker', '-xinfo|stream');
  const accepted = await desk(site.api, 'POST', '/v1/items', { edition: 'en', headline: 'Patience' });
  expect(accepted.status).toBe(202);
  const statusUrl = String(accepted.body['statusUrl']);
  const state = async () => String((await desk(site.api, 'GET', statusUrl)).body['state']);
  const attemptsMade = async () =>
    Math.max(
      0,
      ...(await Promise.all(
        (
          await admin.redis.keys('fw:{en}:queue:publish:*')
        ).map(async (key) =>
          (await admin.redis.type(key)) === 'hash' ? Number(await admin.redis.hget(key, 'atm')) : 0,
        ),
      )),
    );
  await until(async () => (await attemptsMade()) > poisonAttempts, 30_000, 'it has failed more often than poison may');
  expect(['refused', 'published']).not.toContain(await state());
  await admin.redis.acl('SETUSER', 'worker', '+xinfo|stream');
  await until(async () => (await state()) === 'published', 20_000, 'it is out');
});
