import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/fanout/scheduling/clock.ts';
import type { Frame } from '../../../src/protocol/frame.ts';
import { serveFanout, until } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';

interface Answer {
  readonly status: number;
  readonly cache: string | null;
  readonly frames: readonly Frame[];
}

async function poll(origin: string, query: string, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(`${origin}/v1/feed.poll?edition=en&${query}`, { ...(signal && { signal }) });
  const text = await response.text();
  return {
    status: response.status,
    cache: response.headers.get('cache-control'),
    frames: response.status === 200 ? JSON.parse(text).frames : [],
  };
}

const kept = 'public, max-age=0, s-maxage=1';

describe('poll', () => {
  test('PL-2, PL-4, PL-9: a poll without a position gets a snapshot, and one with a position gets the missed entries', async () => {
    const log = new MemoryLog();
    for (const id of ['a', 'b', 'c']) log.publish(id, facets());
    await using server = await serveFanout(log);
    const first = await poll(server.origin, 'wait=0');
    expect(first).toMatchObject({ status: 200, cache: kept });
    expect(first.frames.map((frame) => frame.type)).toEqual(['snapshot']);
    const next = await poll(server.origin, 'since=epochone:1');
    expect(next).toMatchObject({ status: 200, cache: kept });
    expect(next.frames).toMatchObject([
      { type: 'resumed', seq: 1, missed: 2 },
      { type: 'item', seq: 2, prev: 1 },
      { type: 'item', seq: 3, prev: 2 },
    ]);
    expect(server.fanout.stats().connections).toBe(0);
  });

  test('PL-4: an entry answers all waiting polls', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log);
    const answers = Promise.all(Array.from({ length: 20 }, () => poll(server.origin, 'since=epochone:1&wait=25')));
    await until(() => server.fanout.stats().connections === 20, 'twenty who wait');
    log.retract('a');
    for (const { frames } of await answers)
      expect(frames).toMatchObject([
        { type: 'resumed', missed: 1 },
        { type: 'removal', seq: 2 },
      ]);
    expect(server.fanout.stats().connections).toBe(0);
  });

  test('PL-5, PL-8: a poll reports a change of stale during its wait, and not an earlier one', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log);
    const waiting = () => poll(server.origin, 'since=epochone:1&wait=25');
    const lost = waiting();
    await until(() => server.fanout.stats().connections === 1, 'the first poll waits');
    log.lose();
    expect((await lost).frames).toMatchObject([{ type: 'beat', seq: 1, stale: true }]);
    const back = waiting();
    await until(() => server.fanout.stats().connections === 1, 'the second poll waits');
    log.comeBack();
    expect(await back).toMatchObject({ cache: 'no-store', frames: [{ type: 'beat', seq: 1, stale: false }] });
    expect(await poll(server.origin, 'since=epochone:1&wait=1')).toMatchObject({ status: 204 });
    expect((await poll(server.origin, 'since=epochone:1&wait=0')).frames).toMatchObject([
      { type: 'resumed', stale: false },
    ]);
  });

  test('PL-7, PL-9: a poll whose wait ends is empty, and a cache may answer all waiting clients with it', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log);
    const answers = await Promise.all(
      ['epochone', 'epochone-1'].map((epoch) => poll(server.origin, `since=${epoch}:1&wait=1`)),
    );
    for (const answer of answers) expect(answer).toEqual({ status: 204, cache: kept, frames: [] });
  });

  test('PL-3, PL-10: a resume with wait=0 is answered at once, and an answer without entries is not cacheable', async () => {
    const log = new MemoryLog();
    log.publish('a', facets(['politics']));
    log.publish('b', facets(['sports']));
    await using server = await serveFanout(log);
    const { frames, cache } = await poll(server.origin, 'section=politics&since=epochone:1&wait=0');
    expect(frames).toMatchObject([{ type: 'resumed', seq: 1, missed: 0 }]);
    expect(cache).toBe('no-store');
  });

  test('a poll whose turn comes after its wait has ended is answered in full', async () => {
    const log = new MemoryLog();
    for (const id of ['a', 'b']) log.publish(id, facets());
    const clock = {
      ...systemClock,
      after: (_ms: number, run: () => void) => {
        queueMicrotask(run);
        return () => undefined;
      },
      immediate: (run: () => void) => void setTimeout(run, 20),
    };
    await using server = await serveFanout(log, {}, { clock });
    for (const wait of [0, 1]) {
      expect((await poll(server.origin, `wait=${wait}`)).frames).toMatchObject([{ type: 'snapshot', seq: 2 }]);
      const missed = [{ type: 'resumed', missed: 1 }, { type: 'item' }];
      expect((await poll(server.origin, `wait=${wait}&since=epochone:1`)).frames).toMatchObject(missed);
    }
    expect((await poll(server.origin, 'wait=0&since=epochone:2')).frames).toMatchObject([{ type: 'resumed' }]);
  });

  test('PL-3: polls with wait=0 that take many slices of the sweep each get an answer', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    // A slice of 4 ms has time for a few polls only.
    let lookedAt = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + 4 * lookedAt++ };
    await using server = await serveFanout(log, {}, { clock });
    const answers = await Promise.all(Array.from({ length: 40 }, () => poll(server.origin, 'since=epochone:1&wait=0')));
    expect(answers.filter(({ frames }) => frames[0]?.type !== 'resumed')).toEqual([]);
  });

  test('PL-6: a poll without matching entries advances to the head', async () => {
    const log = new MemoryLog();
    log.publish('a', facets(['politics']));
    log.publish('b', facets(['sports']));
    await using server = await serveFanout(log);
    const { frames, cache } = await poll(server.origin, 'section=politics&since=epochone:1&wait=1');
    expect(frames).toMatchObject([{ type: 'beat', seq: 2, prev: 1 }]);
    expect(cache).toBe(kept);
  });

  test('a poll whose wait ends after a stall is answered after the heads have been read', async () => {
    let offset = 0;
    const timers: (() => void)[] = [];
    const clock = {
      ...systemClock,
      now: () => systemClock.now() + offset,
      after: (_ms: number, run: () => void) => {
        timers.push(run);
        return () => undefined;
      },
    };
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log, {}, { clock });
    const answer = poll(server.origin, 'since=epochone:1&wait=25');
    await until(() => timers.length === 1, 'it waits');
    log.isDeaf = true;
    log.publish('b', facets());
    offset = 5_000;
    for (const timeUp of timers) timeUp();
    expect((await answer).frames).toMatchObject([
      { type: 'resumed', missed: 1 },
      { type: 'item', seq: 2 },
    ]);
  });

  test('PL-2: a poll with a position that cannot be resumed gets a snapshot', async () => {
    const log = new MemoryLog();
    for (let i = 0; i < 20; i++) log.publish(`i${i}`, facets());
    await using server = await serveFanout(log, { replica: { items: 100, entries: 8 } });
    expect((await poll(server.origin, 'since=epochone:2')).frames).toMatchObject([{ type: 'snapshot', reason: 'gap' }]);
    expect((await poll(server.origin, 'since=epochtwo:2')).frames).toMatchObject([
      { type: 'snapshot', reason: 'epoch' },
    ]);
  });

  test('PO-7, PO-10: a poll gets a snapshot after rewritten history, and resumes from a missing or malformed hash', async () => {
    const log = new MemoryLog();
    for (const id of ['a', 'b', 'c']) log.publish(id, facets());
    await using server = await serveFanout(log);
    for (const seq of [2, 3]) {
      const { frames } = await poll(server.origin, `wait=25&since=epochone:${seq}:00000000`);
      expect(frames).toMatchObject([{ type: 'snapshot', reason: 'epoch', seq: 3, hash: log.hashAt(3) }]);
      for (const hash of ['', ':not-a-hash', `:${log.hashAt(seq)}`])
        expect((await poll(server.origin, `wait=0&since=epochone:${seq}${hash}`)).frames[0]).toMatchObject({
          type: 'resumed',
          seq,
          missed: 3 - seq,
        });
    }
  });

  test('PL-7: a poll whose client left is forgotten, and a drain answers all waiting polls', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log);
    const abort = new AbortController();
    const gone = poll(server.origin, 'since=epochone:1', abort.signal).catch(() => null);
    await until(() => server.fanout.stats().connections === 1, 'one who waits');
    abort.abort();
    expect(await gone).toBeNull();
    await until(() => server.fanout.stats().connections === 0, 'nobody');
    const waiting = poll(server.origin, 'since=epochone:1');
    await until(() => server.fanout.stats().connections === 1, 'one who waits');
    await server.fanout.drain(100);
    expect((await waiting).status).toBe(204);
    expect((await poll(server.origin, 'since=epochone:1')).status).toBe(503);
  });

  test('PL-1: a poll with a bad query gets 400', async () => {
    await using server = await serveFanout(new MemoryLog());
    expect((await poll(server.origin, 'wait=26')).status).toBe(400);
    expect((await poll(server.origin, 'wait=soon')).status).toBe(400);
    expect((await poll(server.origin, 'section=cooking')).status).toBe(400);
  });
});
