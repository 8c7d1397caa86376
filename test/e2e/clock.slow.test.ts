import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { desk, startFlashwire, until } from '../resources/flashwire.ts';
import { connect, ownPrefix } from '../resources/redis-server.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

const libraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'].map(
  (folder) => `${folder}/faketime/libfaketime.so.1`,
);
const library = libraries.find((path) => existsSync(path));

/** A process whose wall clock is off; what it measures time with goes on evenly, as on a real host. */
function offBy(seconds: number): Readonly<Record<string, string>> {
  return {
    LD_PRELOAD: library ?? '',
    FAKETIME: `${seconds >= 0 ? '+' : ''}${seconds}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
}

const hour = 3_600;
const hosts = [
  ['an api and a fan-out an hour ahead', { api: hour, fanout: hour }],
  ['an api and a fan-out an hour behind', { api: -hour, fanout: -hour }],
  ['a worker an hour behind a fan-out a day ahead', { worker: -hour, fanout: 24 * hour }],
  ['a worker a day ahead', { worker: 24 * hour }],
  ['an api a day behind a worker an hour ahead', { api: -24 * hour, worker: hour }],
] as const;

interface ItemFrame {
  readonly type: string;
  readonly seq: number;
  readonly item: { readonly headline: string; readonly publishedAt: string };
}

test.skipIf(!library)('the clock of a fake host is really off, and only its wall clock', () => {
  const program = 'console.log(Date.now() - Number(process.argv[1]), performance.now())';
  const { stdout } = spawnSync(process.execPath, ['-e', program, String(Date.now())], {
    env: { ...process.env, ...offBy(hour) },
    encoding: 'utf8',
  });
  const [ahead = 0, uptime = 0] = stdout.split(' ').map(Number);
  expect(Math.abs(ahead - hour * 1_000)).toBeLessThan(60_000);
  expect(uptime).toBeLessThan(60_000);
});

test.skipIf(!library).each(hosts)(
  'with %s, items are timed by the clock of Redis, and what is scheduled is out on time',
  async (_name, offsets: { readonly api?: number; readonly worker?: number; readonly fanout?: number }) => {
    const env = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix() };
    await using stack = new ResourceStack();
    const start = (role: 'api' | 'worker' | 'fanout') => {
      const offset = offsets[role];
      return startFlashwire(role, { ...env, ...(offset !== undefined && offBy(offset)) }, 40_000);
    };
    const { redis } = stack.use(disposed(connect(env.REDIS_URL)));
    const [worker, api, fanout] = await Promise.all([start('worker'), start('api'), start('fanout')]);
    for (const running of [worker, api, fanout]) stack.use(running);
    const frames: ItemFrame[] = [];
    const socket = new WebSocket(`${fanout.url.replace('http', 'ws')}/v1/feed?edition=en`);
    stack.defer(() => socket.terminate());
    let hasSnapshot = false;
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as ItemFrame;
      if (frame.type === 'item') frames.push(frame);
      else if (frame.type === 'snapshot') hasSnapshot = true;
    });
    await until(() => hasSnapshot, 10_000, 'the reader has its snapshot');
    const redisNow = async () => {
      const [seconds, micros] = await redis.time();
      return Number(seconds) * 1_000 + Number(micros) / 1_000;
    };

    const before = await redisNow();
    const dueAt = Math.ceil(before) + 8_000;
    const scheduled = { edition: 'en', headline: 'Scheduled', publishAt: new Date(dueAt).toISOString() };
    expect((await desk(api.url, 'POST', '/v1/items', scheduled)).body).toMatchObject({ state: 'scheduled' });
    for (const headline of ['First', 'Second'])
      expect((await desk(api.url, 'POST', '/v1/items', { edition: 'en', headline })).status).toBe(202);
    const key = { 'idempotency-key': 'same', prefer: 'wait=5' };
    const once = { edition: 'en', headline: 'Once', expiresAt: new Date(dueAt + 60_000).toISOString() };
    const [one, two] = [
      await desk(api.url, 'POST', '/v1/items', once, key),
      await desk(api.url, 'POST', '/v1/items', once, key),
    ];
    expect(one.status, JSON.stringify(one.body)).toBe(201);
    expect(two.body['id']).toBe(one.body['id']);
    await until(() => frames.length >= 4, 30_000, 'the scheduled item is out');

    expect(frames.map(({ seq, item }) => [seq, item.headline])).toEqual([
      [1, 'First'],
      [2, 'Second'],
      [3, 'Once'],
      [4, 'Scheduled'],
    ]);
    for (const { item } of frames) {
      expect(Date.parse(item.publishedAt), item.headline).toBeGreaterThanOrEqual(Math.floor(before));
      expect(Date.parse(item.publishedAt), item.headline).toBeLessThanOrEqual(await redisNow());
    }
    const lateMs = Date.parse(frames[3]?.item.publishedAt ?? '') - dueAt;
    expect(lateMs, 'never early').toBeGreaterThanOrEqual(0);
    // Under a second where nothing else runs; other tests start processes meanwhile.
    expect(lateMs, 'on time').toBeLessThan(5_000);
    for (const [role, running] of Object.entries({ api, worker, fanout })) {
      const warned = running.output.some((line) => line.includes('clock differs from Redis'));
      expect(warned, role).toBe(role in offsets);
      const port = /"metricsPort":(\d+)/.exec(running.output.join('\n'))?.[1];
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const skew = Number(/^flashwire_clock_skew_seconds\{.*\} (.+)$/m.exec(text)?.[1]);
      expect(Math.abs(skew - (offsets[role as 'api'] ?? 0)), role).toBeLessThan(0.5);
    }
  },
  90_000,
);

test.skipIf(!library).each([
  ['an hour ahead', hour],
  ['a day behind', -24 * hour],
])(
  'an api %s judges the end of a key by the clock of Redis',
  async (_name, seconds) => {
    const env = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix() };
    await using api = await startFlashwire('api', { ...env, ...offBy(seconds) }, 40_000);
    const make = async (expiresInMs: number) => {
      const expiresAt = new Date(Date.now() + expiresInMs).toISOString();
      const body = { name: 'Short shift', role: 'editor', expiresAt };
      const made = await desk(api.url, 'POST', '/v1/keys', body);
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      return String(made.body['token']);
    };
    const asks = async (token: string) =>
      (await desk(api.url, 'GET', '/v1/items', undefined, { authorization: `Bearer ${token}` })).status;
    const [long, short] = [await make(600_000), await make(3_000)];
    expect(await asks(long)).toBe(200);
    await until(async () => (await asks(short)) === 401, 10_000, 'the key has expired');
    expect(await asks(long)).toBe(200);
  },
  60_000,
);

function disposed<Resource extends Disposable>(resource: Resource): Resource & AsyncDisposable {
  return Object.assign(resource, { [Symbol.asyncDispose]: async () => resource[Symbol.dispose]() });
}
