import { describe, expect, test } from 'vitest';
import { EditionSync } from '../../../src/fanout/edition/edition-sync.ts';
import { LoadTurns } from '../../../src/fanout/edition/load-turns.ts';
import { replicaLimits } from '../../../src/fanout/edition/replica.ts';
import { Counters } from '../../../src/fanout/scheduling/counters.ts';
import type { Entry } from '../../../src/log/entries/entry.ts';
import { quietLogger } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';
import { home } from '../edition-resource.ts';

function syncOf(log: MemoryLog) {
  const counters = new Counters();
  const nothing = () => undefined;
  const turns = new LoadTurns({
    after: (_ms, run) => {
      queueMicrotask(run);
      return nothing;
    },
  });
  const how = { home, log, turns, limits: replicaLimits, logger: quietLogger, onChange: nothing, onHeadRead: nothing };
  return { sync: new EditionSync({ ...how, counters }), counters };
}

async function subscribe(log: MemoryLog) {
  const { sync, counters } = syncOf(log);
  await log.start({
    onEntry: (_id, entry) => sync.onEntry(entry),
    onReady: () => void sync.onReady(),
    onLost: () => sync.onLost(),
  });
  return { sync, counters };
}

async function follow(log: MemoryLog) {
  const { sync, counters } = await subscribe(log);
  await sync.whenLoaded;
  await sync.checkHeadAgain();
  return { sync, counters };
}

function items(sync: EditionSync): readonly string[] {
  return (sync.replica?.items ?? []).map((item) => item.id);
}

describe('edition sync', () => {
  test('entries that arrive during a load are merged after it', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    const { sync } = syncOf(log);
    const loading = log.start({
      onEntry: (_id, entry) => sync.onEntry(entry),
      onReady: () => void sync.onReady(),
      onLost: () => sync.onLost(),
    });
    log.publish('b', facets());
    await loading;
    await sync.whenLoaded;
    expect(items(sync)).toEqual(['b', 'a']);
    expect(sync.replica?.head).toBe(2);
  });

  test('an edition without an epoch is not served, and one that loses its epoch keeps its items, marked stale', async () => {
    const log = new MemoryLog();
    log.epoch = '';
    const { sync } = await subscribe(log);
    await sync.onReady();
    expect(sync.replica).toBe(null);
    log.epoch = 'epochone';
    log.publish('a', facets());
    await sync.checkHead();
    expect(items(sync)).toEqual(['a']);
    log.replace('');
    await sync.checkHead();
    expect([items(sync), sync.isStale]).toEqual([['a'], true]);
    log.replace('epochtwo');
    await sync.checkHead();
    expect([items(sync), sync.isStale]).toEqual([[], false]);
  });

  test('a gap is repaired by one read, and duplicate and late entries are ignored', async () => {
    const log = new MemoryLog();
    const { sync, counters } = await follow(log);
    const first = log.publish('a', facets());
    log.isDeaf = true;
    const lost = log.publish('b', facets());
    log.isDeaf = false;
    log.publish('c', facets());
    log.publish('d', facets());
    await sync.checkHead();
    await expect.poll(() => sync.replica?.head).toBe(4);
    for (const entry of [first, lost] satisfies Entry[]) log.deliver(entry);
    expect(items(sync)).toEqual(['d', 'c', 'b', 'a']);
    expect(counters).toMatchObject({ repairs: 1, reloads: 1 });
  });

  test('an edition reloads if the stream no longer reaches back far enough', async () => {
    const log = new MemoryLog();
    const { sync, counters } = await follow(log);
    log.isDeaf = true;
    for (const id of ['a', 'b', 'c']) log.publish(id, facets());
    log.trimmedTo = 2;
    await sync.checkHead();
    expect(items(sync)).toEqual(['c', 'b', 'a']);
    expect(sync.epochChanges).toBe(0);
    expect(counters.reloads).toBe(2);
  });

  test('headReads says which read found the replica at the head', async () => {
    const log = new MemoryLog();
    const { sync } = await follow(log);
    await sync.onReady();
    await sync.checkHead();
    const { begun } = sync.headReads;
    expect(sync.headReads).toEqual({ begun, confirmed: begun });
    log.isUnreachable = true;
    await sync.checkHead();
    expect(sync.headReads).toEqual({ begun: begun + 1, confirmed: begun });
    log.isUnreachable = false;
    log.isDeaf = true;
    log.publish('a', facets());
    await sync.checkHead();
    expect([items(sync), sync.headReads]).toEqual([['a'], { begun: begun + 2, confirmed: begun }]);
    await sync.checkHead();
    expect(sync.headReads).toEqual({ begun: begun + 3, confirmed: begun + 3 });
  });

  test('an edition repeats its suspicion until the log has accepted it', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    const { sync } = await follow(log);
    log.loseTail(0);
    log.isFull = true;
    await sync.checkHead();
    expect([sync.isStale, log.suspected]).toEqual([true, null]);
    log.isFull = false;
    await sync.checkHead();
    expect(log.suspected).toBe('epochone');
    log.settleEpoch('epochtwo');
    await sync.checkHead();
    expect([sync.isStale, sync.replica?.epoch]).toEqual([false, 'epochtwo']);
  });

  test('a repair requested during another one runs after it', async () => {
    const log = new MemoryLog();
    const { sync, counters } = await follow(log);
    log.isDeaf = true;
    log.publish('a', facets());
    const repair = sync.onReady();
    // The subscription was lost before this entry. The next one comes on a new subscription.
    log.publish('b', facets());
    await Promise.all([repair, sync.onReady()]);
    expect(items(sync)).toEqual(['b', 'a']);
    expect(counters.repairs).toBe(2);
  });

  test('a replaced log makes all positions invalid', async () => {
    const log = new MemoryLog();
    const { sync } = await follow(log);
    log.publish('a', facets());
    log.publish('b', facets());
    log.replace('epochtwo');
    log.isDeaf = true;
    log.publish('c', facets());
    await sync.checkHead();
    expect([sync.epochChanges, sync.replica?.epoch]).toEqual([1, 'epochtwo']);
    expect(items(sync)).toEqual(['c']);
  });

  test.each([
    ['its tail was lost', []],
    ['its tail was lost and another has grown as long', ['c']],
    ['its tail was lost and a longer one has grown', ['c', 'd']],
  ])('an edition keeps its items, marked stale, until the log has a new epoch: %s', async (_, grown) => {
    const log = new MemoryLog();
    const { sync, counters } = await follow(log);
    log.publish('a', facets());
    log.publish('b', facets());
    log.isDeaf = true;
    log.loseTail(1);
    for (const id of grown) log.publish(id, facets());
    for (let check = 0; check < 2; check++) await sync.checkHead();
    expect([sync.isStale, log.suspected, items(sync), sync.epochChanges]).toEqual([true, 'epochone', ['b', 'a'], 0]);
    expect(counters.suspected).toBe(1);
    log.settleEpoch('epochtwo');
    await sync.checkHead();
    expect([sync.isStale, sync.epochChanges, sync.replica?.epoch]).toEqual([false, 1, 'epochtwo']);
  });

  test('an entry that follows another history is not applied', async () => {
    const log = new MemoryLog();
    const { sync } = await follow(log);
    log.publish('a', facets());
    log.publish('b', facets());
    log.isDeaf = true;
    log.loseTail(1);
    log.publish('c', facets());
    log.isDeaf = false;
    log.publish('d', facets());
    await expect.poll(() => log.suspected).toBe('epochone');
    expect(items(sync)).toEqual(['b', 'a']);
  });

  test('an edition keeps serving while the log is unreachable, marked stale, and is current before the mark is removed', async () => {
    const log = new MemoryLog();
    const { sync } = await follow(log);
    log.publish('a', facets());
    log.isDeaf = true;
    log.lose();
    expect(sync.isStale).toBe(true);
    log.publish('b', facets());
    await sync.checkHead();
    expect(items(sync)).toEqual(['a']);
    log.comeBack();
    await expect.poll(() => sync.isStale).toBe(false);
    expect(items(sync)).toEqual(['b', 'a']);
  });

  test('an edition becomes stale if its head cannot be read, even without a lost subscription', async () => {
    const log = new MemoryLog();
    const { sync } = await follow(log);
    log.isUnreachable = true;
    await sync.checkHead();
    await sync.checkHead();
    expect(sync.isStale).toBe(true);
    log.isUnreachable = false;
    await sync.checkHead();
    expect(sync.isStale).toBe(false);
  });
});
