import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { desk, type Running, runFlashwire, startFlashwire, until } from '../resources/flashwire.ts';
import { makeRedisUsers, type RedisUser } from '../resources/guarded-redis.ts';
import { type RedisCluster, startCluster } from '../resources/redis-cluster.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

const stack = new ResourceStack();
let cluster: RedisCluster;
/** With the shipped users, who may do nothing that their role does not need. */
let urlOf: (user: RedisUser) => Promise<string>;

beforeAll(async () => {
  cluster = stack.use(await startCluster());
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-cluster-users-'));
  stack.defer(() => rm(folder, { recursive: true }));
  await makeRedisUsers(folder, '127.0.0.1:6379');
  const rules = (await readFile(join(folder, 'redis-users.acl'), 'utf8')).split('\n');
  for (const { redis } of cluster.nodes)
    for (const rule of rules) {
      const [, name = '', ...words] = rule.split(/ +(?![^(]*\))/);
      if (rule.startsWith('user ') && name !== 'default') await redis.acl('SETUSER', name, ...words);
    }
  urlOf = async (user) => {
    const { username, password } = new URL((await readFile(join(folder, `redis-${user}`), 'utf8')).trim());
    return cluster.url.replace('//', `//${username}:${password}@`);
  };
});
afterAll(() => stack[Symbol.asyncDispose]());

interface Roles {
  readonly api: Running;
  readonly fanout: Running;
}

async function startRoles(stack: ResourceStack, env: Readonly<Record<string, string>> = {}): Promise<Roles> {
  const start = async (role: 'worker' | 'api' | 'fanout') =>
    startFlashwire(role, { REDIS_URL: await urlOf(role), ...env });
  const [worker, api, fanout] = await Promise.all([start('worker'), start('api'), start('fanout')]);
  for (const role of [worker, api, fanout]) stack.use(role);
  return { api, fanout };
}

const feedOf = async (url: string, edition: string) => {
  const response = await fetch(`${url}/v1/feed.json?edition=${edition}&limit=50`);
  return (await response.json()) as { epoch: string; seq: number; items: { id: string; headline?: string }[] };
};

test('everything a desk does reaches readers of two editions on different nodes, with all roles', async () => {
  await using stack = new ResourceStack();
  const { api, fanout } = await startRoles(stack);
  expect((await cluster.ownerOf('{en}')).port).not.toBe((await cluster.ownerOf('{ar}')).port);
  const post = async (item: object, status = 201): Promise<string> => {
    const answer = await desk(api.url, 'POST', '/v1/items', item, { prefer: 'wait=5' });
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    return String(answer.body['id']);
  };
  const act = async (id: string, action: string, body: object) => {
    const answer = await desk(api.url, 'POST', `/v1/items/${id}/${action}`, body, { prefer: 'wait=5' });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  };
  const shows = async (edition: string, id: string) =>
    (await feedOf(fanout.url, edition)).items.some((item) => item.id === id);

  const original = await post({ edition: 'en', headline: 'First' });
  const translated = await post({ edition: 'ar', headline: 'مترجم', translationOf: { id: original, version: 1 } });
  const correction = { edition: 'en', headline: 'Corrected', correction: { kind: 'corrected', note: 'Typo.' } };
  const put = await desk(api.url, 'PUT', `/v1/items/${original}`, correction, { 'if-match': '"1"', prefer: 'wait=5' });
  expect(put.status).toBe(200);
  const [item] = (await desk(api.url, 'GET', '/v1/items?edition=en')).body['items'] as object[];
  expect(item).toMatchObject({ id: original, translations: [{ id: translated, edition: 'ar' }] });
  const hidden = await post({ edition: 'en', headline: 'Hidden' });
  await act(hidden, 'withhold', {});
  await act(await post({ edition: 'ar', headline: 'خطأ' }), 'retract', { reason: 'untrue' });

  await until(() => shows('en', original), 5_000, 'readers have the correction');
  expect((await feedOf(fanout.url, 'en')).items).toMatchObject([{ id: original, headline: 'Corrected' }]);
  expect((await feedOf(fanout.url, 'ar')).items).toMatchObject([{ status: 'retracted' }, { id: translated }]);

  // STOP holds the queues of both editions, and what was held goes out afterwards.
  expect((await desk(api.url, 'PUT', '/v1/stop', { stopped: true })).status).toBe(200);
  const held = await desk(api.url, 'POST', '/v1/items', { edition: 'ar', headline: 'محجوز' });
  const publishAt = new Date(Date.now() + 4_000).toISOString();
  const scheduled = await desk(api.url, 'POST', '/v1/items', { edition: 'en', headline: 'Later', publishAt });
  const list = (await desk(api.url, 'GET', '/v1/stop/held?edition=ar')).body['items'];
  expect(list).toMatchObject([{ id: held.body['id'] }]);
  expect(await shows('ar', String(held.body['id']))).toBe(false);
  expect((await desk(api.url, 'PUT', '/v1/stop', { stopped: false })).status).toBe(200);
  await until(() => shows('ar', String(held.body['id'])), 5_000, 'the held item is out');
  await until(() => shows('en', String(scheduled.body['id'])), 15_000, 'the scheduled item is out');

  // The same Idempotency-Key in another edition, whose records are on another node.
  const once = { 'idempotency-key': 'once', prefer: 'wait=5' };
  const first = await desk(api.url, 'POST', '/v1/items', { edition: 'en', headline: 'Once' }, once);
  const again = await desk(api.url, 'POST', '/v1/items', { edition: 'en', headline: 'Once' }, once);
  expect(again.body).toMatchObject({ id: first.body['id'], seq: first.body['seq'] });
  const elsewhere = await desk(api.url, 'POST', '/v1/items', { edition: 'ar', headline: 'مرة' }, once);
  expect(elsewhere.body['type']).toMatch(/idempotency-mismatch$/);

  // The canary takes the path of every item, and a reader's own process proves it.
  const isProven = async () => {
    const { processes } = (await desk(api.url, 'GET', '/v1/status')).body as {
      processes?: { provenAgoMs: number | null }[];
    };
    return processes?.some(({ provenAgoMs }) => provenAgoMs !== null && provenAgoMs < 10_000) ?? false;
  };
  await until(isProven, 30_000, 'a canary has arrived');
  const denied = await Promise.all(cluster.nodes.map(({ redis }) => redis.acl('LOG')));
  expect(denied.flat()).toEqual([]);
});

test('an export of a cluster can be imported into a cluster, verified and purged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-cluster-export-'));
  const file = join(folder, 'site.ndjson');
  const from = { REDIS_URL: await urlOf('ops') };
  const env = { REDIS_URL: cluster.url, FLASHWIRE_REDIS_PREFIX: 'moved' };
  try {
    await using stack = new ResourceStack();
    const { api } = await startRoles(stack, { FLASHWIRE_DURABILITY: 'replicated' });
    const ids = [];
    for (const edition of ['en', 'ar', 'en', 'ar']) {
      const answer = await desk(
        api.url,
        'POST',
        '/v1/items',
        { edition, headline: `Line ${ids.length}` },
        { prefer: 'wait=5' },
      );
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
      ids.push(String(answer.body['id']));
    }
    const [wrong = ''] = ids;
    await desk(api.url, 'POST', `/v1/items/${wrong}/retract`, { reason: 'untrue' }, { prefer: 'wait=5' });
    expect(await runFlashwire(['export', '--out', file], from)).toMatchObject({ code: 0, err: '' });
    expect(await runFlashwire(['import', file], env)).toMatchObject({ code: 0, err: '' });
    expect((await runFlashwire(['import', file], env)).code).toBe(1); // something is there
    const verified = await runFlashwire(['verify', '--json'], env);
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(verified.out).map(({ edition }: { edition: string }) => edition)).toContain('ar');
    const purge = ['purge', wrong, '--edition', 'en', '--name', 'Ops', '--reason', 'asked for', '--json'];
    const purged = await runFlashwire(purge, from);
    expect(purged).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(purged.out)).toMatchObject({ id: wrong, versions: 2 });
    expect(await runFlashwire(['dead-letters', 'list'], env)).toMatchObject({ code: 0, err: '' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
