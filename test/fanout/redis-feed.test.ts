import { describe, expect, inject, test } from 'vitest';
import { Replica, replicaLimits } from '../../src/fanout/edition/replica.ts';
import { serveFanout, TestReader } from '../resources/fanout-server.ts';
import { facets } from '../resources/memory-log.ts';
import { openFollowedLog } from './followed-log.ts';

describe('the feed over a real Redis', () => {
  test('readers receive what editors do, and no process keeps a retracted text', async () => {
    await using written = await openFollowedLog(inject('redisUrl'));
    await using server = await serveFanout(written.log);
    using reader = new TestReader(server.port, 'edition=en&section=politics');
    await reader.frame('snapshot');
    await written.publish('one', 'A claim', facets(['politics']));
    await written.publish('two', 'A line about sports', facets(['sports']));
    await written.publish('three', 'Another line', facets(['politics']));
    await written.withhold('three');
    await written.release('three');
    await written.retract('one', 'An earlier line was wrong.');
    const removal = await reader.frame('removal', 1);
    expect(removal).toMatchObject({
      id: 'one',
      reason: 'retracted',
      notice: 'An earlier line was wrong.',
      seq: 6,
      prev: 5,
    });
    expect(reader.seqs).toEqual([1, 3, 4, 5, 6]);

    const { epoch } = await reader.frame('item').then(() => written.log.head('en'));
    using back = new TestReader(server.port, `edition=en&since=${epoch}:0`);
    expect(await back.frame('resumed')).toMatchObject({ missed: 6 });
    await back.frame('removal', 3);
    expect(JSON.stringify(back.frames)).not.toContain('A claim');
  });

  test('a process that loads from Redis has the same items as one that followed the entries', async () => {
    await using written = await openFollowedLog(inject('redisUrl'));
    await using server = await serveFanout(written.log);
    using live = new TestReader(server.port, 'edition=en');
    await live.frame('snapshot');
    await written.publish('one', 'A claim');
    await written.publish('two', 'A line');
    await written.retract('one', 'An earlier line was wrong.');
    await live.frame('removal');
    const folded = await (await fetch(`${server.origin}/v1/feed.json?edition=en`)).json();
    const state = await written.log.load('en', { items: 1_000, entries: 1_024 });
    expect(folded.items).toEqual(state.items.map((shown) => shown.item));
  });

  test('every process has the same withdrawals, also those that a worker of the previous version wrote', async () => {
    await using written = await openFollowedLog(inject('redisUrl'));
    await using server = await serveFanout(written.log);
    using live = new TestReader(server.port, 'edition=en');
    await live.frame('snapshot');
    await written.publish('one', 'A claim', facets(['politics']));
    await written.publish('two', 'A line', facets(['sports']));
    await written.publish('three', 'A line', facets(['sports']));
    await written.withhold('two');
    await written.withhold('one');
    await written.retract('one', 'An earlier line was wrong.');
    await written.withhold('three');
    await written.release('three');
    await live.frame('item', 3);
    const home = { id: 'en', language: 'en', dir: 'ltr' } as const;
    const load = async () => new Replica(home, await written.log.load('en', replicaLimits));
    const filter = (sections: readonly string[]) => ({
      edition: 'en',
      sections,
      regions: [],
      topics: [],
      urgencies: [],
    });
    const folded = server.fanout.view.snapshot(filter([]), 50)?.withdrawn;
    expect(folded).toMatchObject([
      { id: 'two', kind: 'withheld' },
      { id: 'one', kind: 'retracted', notice: 'An earlier line was wrong.' },
    ]);
    expect((await load()).withdrawn(filter([]))).toEqual(folded);
    expect((await load()).withdrawn(filter(['politics']))).toEqual(folded?.slice(1));
    await written.redis.del(`${written.prefix}:{en}:withdrawn`);
    expect((await load()).withdrawn(filter([]))).toEqual(folded);
  });
});
