import { describe, expect, test } from 'vitest';
import { filter } from '../fanout/lifecycle.ts';
import { SweepModel } from '../fanout/sweep-model.ts';
import { frameWays, rawReader, TestReader, textFrames, until } from '../resources/fanout-server.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';

const batchBytes = 64 * 1024;
const longHeadline = 'x'.repeat(1_000);

describe('invariant 6: bytes held in the process per reader are bounded by one snapshot and one write', () => {
  test('a stuck reader holds one write, however much is published, and catches up in bounded writes', () => {
    const model = new SweepModel(1_024);
    const log = new MemoryLog();
    log.applyTo(model);
    const { transport } = model.join(filter());
    model.settle();
    transport.isStuck = true;
    for (let index = 0; index < 500; index++) {
      log.publish(`i${index}`, facets(), longHeadline);
      model.settle();
    }
    expect(transport.writes).toHaveLength(2);
    transport.release();
    model.settle();
    expect(transport.largestWrite).toBeLessThan(batchBytes + 2_000);
    expect(transport.frames.filter((frame) => frame.type === 'item')).toHaveLength(500);
    expect(model.counters).toMatchObject({ skipped: 1, snapshots: { start: 1, gap: 0, epoch: 0 } });
  });

  test('a stuck reader whose position has left the ring gets one snapshot', () => {
    const model = new SweepModel(50);
    const log = new MemoryLog();
    log.applyTo(model);
    const { transport } = model.join(filter());
    model.settle();
    transport.isStuck = true;
    for (let index = 0; index < 200; index++) {
      log.publish(`i${index}`, facets());
      model.settle();
    }
    transport.release();
    model.settle();
    expect(transport.frames.map((frame) => frame.type)).toEqual(['snapshot', 'item', 'snapshot']);
    expect(transport.frames.at(-1)).toMatchObject({ reason: 'gap', seq: 200 });
  });
});

describe.each(frameWays)('invariant 6 over TCP %s', (_way, serve) => {
  test('a TCP client that does not read is skipped, and catches up once it reads, while others stay current', async () => {
    const log = new MemoryLog();
    await using server = await serve(log, { replica: { items: 1_000, entries: 20_000 } });
    using other = new TestReader(server.port, 'edition=en');
    await other.frame('snapshot');
    const slow = await rawReader(server.port, 'edition=en');
    const { counters } = server.fanout.stats();
    await until(() => counters.snapshots.start === 2, 'both readers');
    const entries = await publishUntil(log, () => counters.skipped > 0);
    await publishMore(log, entries, 2_000);
    await until(() => other.seqs.length === log.seq, 'the other reader');
    const received: Buffer[] = [];
    slow.on('data', (chunk) => received.push(chunk));
    await until(() => Buffer.concat(received.slice(-3)).includes(`"seq":${log.seq},`), 'the newest entry', 10_000);
    const seqs = textFrames(Buffer.concat(received))
      .map((text) => JSON.parse(text))
      .filter((frame) => frame.type === 'item')
      .map((frame) => frame.seq);
    expect(seqs).toEqual(Array.from({ length: log.seq }, (_, index) => index + 1));
    expect(counters.caughtUp).toBeGreaterThan(0);
    expect(counters.cutBy[4101]).toBe(0);
    slow.destroy();
  });

  test('a reader is cut with 4101 only if a write makes no progress', async () => {
    const log = new MemoryLog();
    await using server = await serve(log, { noProgressMs: 4_000, beatMs: 100_000 });
    const stuck = await rawReader(server.port, 'edition=en');
    const dripping = await rawReader(server.port, 'edition=en');
    const { counters } = server.fanout.stats();
    await until(() => counters.snapshots.start === 2, 'both readers');
    await publishUntil(log, () => counters.skipped >= 2);
    const drip = setInterval(() => dripping.read(65_536), 20);
    await until(() => counters.cutBy[4101] > 0, 'the cut', 20_000);
    expect(counters.cutBy[4101]).toBe(1);
    clearInterval(drip);
    dripping.destroy();
    stuck.destroy();
  });
});

async function publishUntil(log: MemoryLog, isEnough: () => boolean): Promise<number> {
  let index = 0;
  for (; !isEnough() && index < 15_000; index++) {
    log.publish(`i${index}`, facets(), longHeadline);
    if (index % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return index;
}

async function publishMore(log: MemoryLog, from: number, count: number): Promise<void> {
  for (let index = from; index < from + count; index++) {
    log.publish(`i${index}`, facets(), longHeadline);
    if (index % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
