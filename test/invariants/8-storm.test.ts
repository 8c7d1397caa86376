import type { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { openFollowedLog } from '../fanout/followed-log.ts';
import { serveFanout, TestReader, until } from '../resources/fanout-server.ts';
import { startRedis } from '../resources/redis-server.ts';

const readers = 150;

describe('invariant 8: a reconnect storm causes no Redis command per reader', () => {
  test('readers resume with the entries that they missed, and the number of Redis commands stays flat', async () => {
    await using redis = await startRedis();
    await using written = await openFollowedLog(redis.url);
    await written.publish('item0', 'The first line');
    await using server = await serveFanout(written.log);
    const first = await connect(server.port, 'edition=en');
    const snapshots = await Promise.all(first.map((reader) => reader.frame('snapshot')));
    const { epoch, seq } = snapshots[0] ?? { epoch: '', seq: 0 };
    for (const reader of first) reader[Symbol.dispose]();
    await until(() => server.fanout.stats().connections === 0, 'all are cut');
    for (const id of ['item1', 'item2', 'item3']) await written.publish(id, `The line of ${id}`);

    const before = await commandCounts(written.redis);
    const startedAt = performance.now();
    const back = await connect(server.port, `edition=en&since=${epoch}:${seq}`);
    const resumed = await Promise.all(back.map((reader) => reader.frame('resumed')));
    await until(() => back.every((reader) => reader.seqs.length === 3), 'what was missed');
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await commandCounts(written.redis);

    for (const frame of resumed) expect(frame).toMatchObject({ seq, missed: 3 });
    for (const reader of back) expect(reader.seqs).toEqual([seq + 1, seq + 2, seq + 3]);
    const { counters } = server.fanout.stats();
    expect(counters).toMatchObject({ resumed: readers, snapshots: { start: readers, gap: 0, epoch: 0 } });
    const called = [...after]
      .map(([name, calls]) => calls - (before.get(name) ?? 0))
      .reduce((sum, calls) => sum + calls, 0);
    // Once a second the head is read, also after a stall, and ROLE asked. A ping every two seconds, and the counting itself.
    expect(called).toBeLessThanOrEqual(Math.ceil(seconds) * 4 + 3 + counters.stalls);
    for (const reader of back) reader[Symbol.dispose]();
  });
});

async function connect(port: number, query: string): Promise<readonly TestReader[]> {
  return Array.from({ length: readers }, () => new TestReader(port, query));
}

/** How often each Redis command has been called. */
async function commandCounts(redis: Redis): Promise<ReadonlyMap<string, number>> {
  const lines = (await redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return new Map([...lines].map(([, name = '', calls]) => [name, Number(calls)]));
}
