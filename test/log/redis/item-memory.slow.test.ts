import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { overTtlSeconds } from '../../../src/log/redis/retention.ts';
import { connect, type RedisServer, startRedis } from '../../resources/redis-server.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';

const warmUp = 200;
const measured = 1_000;

/** The settings of deploy/redis.conf for the encoding of values. */
async function shippedEncodings(): Promise<readonly string[]> {
  const text = await readFile('deploy/redis.conf', 'utf8');
  const lines = text.split('\n').filter((line) => /^[\w-]*listpack[\w-]* /.test(line));
  return lines.flatMap((line) => `--${line}`.split(' '));
}

/** An item as an editor posts it, from a desk that sends an Idempotency-Key. */
async function publish(log: EditionLog, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const itemId = log.newId();
    const body = bodyOf(`Warehouse fire ${n} under control, two people treated for smoke, roads open again`, {
      attribution: 'Fire brigade',
    });
    const fingerprint = createHash('sha256').update(body).digest('hex');
    const outcome = await log.run({
      action: 'publish',
      itemId,
      body,
      idempotency: { key: `key-${itemId}`, fingerprint },
    });
    if (outcome.type !== 'appended') throw new Error(`not appended: ${outcome.type}`);
  }
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/used_memory_dataset:(\d+)/.exec(await redis.info('memory'))?.[1]);
}

/** Bytes per item in Redis: fresh, and once all that lives for 7 days or less is over. */
async function bytesPerItem(server: RedisServer): Promise<{ readonly fresh: number; readonly old: number }> {
  await using log = await openEditionLog(server.url, { itemDays: 400 });
  using admin = connect(server.url);
  await publish(log, warmUp);
  const before = await usedBytes(admin.redis);
  await publish(log, measured);
  const fresh = (await usedBytes(admin.redis)) - before;
  for (const key of await admin.redis.keys('*')) {
    const ttl = await admin.redis.ttl(key);
    if (ttl >= 0 && ttl <= overTtlSeconds) await admin.redis.del(key);
  }
  return { fresh: fresh / measured, old: ((await usedBytes(admin.redis)) - before) / measured };
}

test('an item takes at most 3.6 kB of Redis with the shipped settings, and 3.3 kB after seven days', async () => {
  await using shipped = await startRedis(['--save', '', ...(await shippedEncodings())]);
  await using usual = await startRedis();
  const [bytes, usualBytes] = [await bytesPerItem(shipped), await bytesPerItem(usual)];
  expect(bytes.fresh).toBeLessThan(3_600);
  expect(bytes.old).toBeLessThan(3_300);
  expect(bytes.fresh).toBeLessThan(usualBytes.fresh * 0.7);
});
