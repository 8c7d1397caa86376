import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { Redis } from 'ioredis';
import { expect, inject, test } from 'vitest';
import { FailedKeys } from '../../src/api/access/failed-keys.ts';
import { KeyStore } from '../../src/api/access/key-store.ts';
import { desk, startFlashwire, testKey, until } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { heldMb, inspected } from './clients/held.ts';

const guess = (id = randomBytes(5).toString('hex')) => `fw_${id}_${randomBytes(32).toString('base64url')}`;

test('five thousand wrong keys are refused in bounded memory, and the right key from the same address is accepted', async () => {
  await using api = await startFlashwire('api', {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: ownPrefix(),
    ...inspected,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const tryKey = (authorization: string) =>
    new Promise<number>((resolve, reject) => {
      request(`${api.url}/v1/status`, { agent, headers: { authorization } }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      })
        .on('error', reject)
        .end();
    });
  try {
    const before = await heldMb(api);
    const byStatus = new Map<number, number>();
    const editors: number[] = [];
    const left = Array.from({ length: 5_000 }, (_, at) => at).values();
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (const at of left) {
          const status = await tryKey(`Bearer ${guess(at % 3 === 0 ? 'test1' : undefined)}`);
          byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
          if (at % 250 === 0) editors.push(await tryKey(`Bearer ${testKey}`));
        }
      }),
    );
    expect([...byStatus.keys()].sort()).toEqual([401, 429]);
    expect((byStatus.get(401) ?? 0) + (byStatus.get(429) ?? 0)).toBe(5_000);
    // Sixty per minute; the run may span more than one minute.
    expect(byStatus.get(401)).toBeGreaterThanOrEqual(60);
    expect(byStatus.get(401)).toBeLessThan(1_000);
    expect(editors).toEqual(Array.from({ length: 20 }, () => 200));
    expect((await heldMb(api)) - before).toBeLessThan(10);
    const guessed = await desk(api.url, 'POST', '/v1/session', { key: guess() });
    expect(guessed).toMatchObject({ status: 429, body: { type: '/problems/rate-limited' } });
    expect((await desk(api.url, 'POST', '/v1/session', { key: testKey })).status).toBe(200);
    await until(() => api.output.some((line) => line.includes('many failed keys')), 10_000, 'the log says so');
    expect(api.output.filter((line) => line.includes('many failed keys')).length).toBeLessThan(5);
  } finally {
    agent.destroy();
  }
});

test('the guess limit remembers a bounded number of addresses, for one minute', () => {
  let now = 0;
  let address = '';
  const many: string[] = [];
  const failedKeys = new FailedKeys({
    perMinute: 2,
    addressOf: () => address,
    now: () => now,
    onMany: (who) => many.push(who),
  });
  const isRefused = (from: string) => {
    address = from;
    try {
      failedKeys.count({} as Parameters<FailedKeys['count']>[0]);
      return false;
    } catch {
      return true;
    }
  };
  expect(['a', 'a', 'a', 'a', 'b'].map(isRefused)).toEqual([false, false, true, true, false]);
  expect(many).toEqual(['a']);
  now = 59_999;
  expect(isRefused('a')).toBe(true);
  now = 60_000;
  expect(isRefused('a')).toBe(false);
  for (let n = 0; n < 30_000; n += 1) isRefused(`address-${n}`);
  expect(failedKeys.addresses).toBeLessThanOrEqual(10_000);
  expect(failedKeys.addresses).toBeGreaterThan(5_000);
});

test('a refusal takes as long for a known key id as for an unknown one, also for the bootstrap key', async () => {
  const redis = new Redis(inject('redisUrl'));
  try {
    const keys = new KeyStore({ redis, prefix: ownPrefix(), bootstrapKey: testKey });
    const known = await keys.create({ name: 'N', role: 'admin' });
    const revoked = await keys.create({ name: 'N', role: 'admin' });
    await keys.revoke(revoked.keyId);
    const ids: Readonly<Record<string, string | undefined>> = {
      unknown: undefined,
      known: known.keyId,
      revoked: revoked.keyId,
      bootstrap: 'test1',
    };
    const times = new Map(Object.keys(ids).map((name) => [name, [] as number[]]));
    // In turns, so that other load of the machine affects all alike. The first ones are a warm-up.
    for (let n = 0; n < 1_500; n += 1) {
      for (const [name, id] of Object.entries(ids)) {
        const token = guess(id);
        const startedAt = performance.now();
        expect(await keys.authenticate(token)).toBeNull();
        if (n >= 500) times.get(name)?.push(performance.now() - startedAt);
      }
    }
    const median = (of: number[]) => of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? 0;
    const unknown = median(times.get('unknown') ?? []);
    for (const [name, taken] of times) {
      expect(median(taken) / unknown, name).toBeGreaterThan(0.5);
      expect(median(taken) / unknown, name).toBeLessThan(2);
    }
  } finally {
    redis.disconnect();
  }
});
