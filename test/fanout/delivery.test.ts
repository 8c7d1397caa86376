import { describe, expect, it } from 'vitest';
import type { ProcessReport } from '../../src/log/delivery.ts';
import { serveFanout, TestReader, until } from './fanout-server.ts';
import { filter } from './lifecycle.ts';
import { facets, MemoryLog } from './memory-log.ts';
import { SweepModel } from './sweep-model.ts';

/** Reports as a process says them, newest account of each entry. */
class Heard {
  readonly reports: ProcessReport[] = [];
  canary: ProcessReport['canary'] = null;

  readonly telling = {
    process: 'p1',
    logNow: () => Date.UTC(2026, 0, 1) + 50,
    say: async (report: ProcessReport) => this.reports.push(report) > 0,
    canary: () => this.canary,
    isReady: () => true,
  };

  entry(seq: number) {
    return this.reports.flatMap((report) => report.deliveries).findLast((delivery) => delivery.seq === seq);
  }

  painted(itemId: string) {
    return this.reports.flatMap((report) => report.painted).findLast((painted) => painted.itemId === itemId);
  }
}

const politics = facets(['politics']);
const id = '01KAM0000000000000000000AA';

describe('what a process can prove', () => {
  it('says for each entry how many it was for and that each was written to, with the time since the append', async () => {
    const log = new MemoryLog();
    const heard = new Heard();
    await using server = await serveFanout(log, {}, { telling: heard.telling });
    const readers = [
      new TestReader(server.port, 'edition=en'),
      new TestReader(server.port, 'edition=en'),
      new TestReader(server.port, 'edition=en&section=sports'),
    ];
    await Promise.all(readers.map((reader) => reader.frame('snapshot')));
    log.publish(id, politics);
    await until(() => heard.entry(1)?.written === 2, 'two written');
    expect(heard.entry(1)).toMatchObject({
      edition: 'en',
      itemId: id,
      version: 1,
      what: 'new',
      targeted: 2,
      caughtUp: 0,
      left: 0,
      latency: [[expect.any(Number), 2]],
    });
    expect(heard.entry(1)?.maxMs).toBeGreaterThan(40);
    log.retract(id);
    await until(() => heard.entry(2)?.written === 2, 'the retraction written');
    expect(heard.entry(2)).toMatchObject({ what: 'retracted', version: 2, targeted: 2 });
    for (const reader of readers) reader[Symbol.dispose]();
  });

  it('calls the roll once a second, with the readers by edition', async () => {
    const heard = new Heard();
    await using server = await serveFanout(new MemoryLog(), {}, { telling: heard.telling });
    using reader = new TestReader(server.port, 'edition=en');
    await reader.frame('snapshot');
    await until(() => heard.reports.some((report) => report.readers['en'] === 1), 'a roll call');
    expect(heard.reports.at(-1)).toMatchObject({ process: 'p1', isReady: true, deliveries: [], painted: [] });
  });

  it('tells a reader that was busy from one that was written to in its turn', () => {
    const model = new SweepModel(100);
    const log = new MemoryLog();
    void log.start({ onEntry: (_id, entry) => model.apply(entry), onReady: () => undefined, onLost: () => undefined });
    const readers = Array.from({ length: 5 }, () => model.join(filter()));
    model.settle();
    const [stuck] = readers;
    if (stuck) stuck.transport.isStuck = true;
    log.publish('a', politics);
    model.settle();
    log.publish('b', politics);
    model.settle();
    // The first write was taken by the socket, so it counts as written; the second found it busy.
    expect(model.ledger.take().at(-1)).toMatchObject({ seq: 2, targeted: 5, written: 4, caughtUp: 0, left: 0 });
    stuck?.transport.release();
    model.settle();
    expect(model.ledger.take()).toMatchObject([{ seq: 2, targeted: 5, written: 4, caughtUp: 1, left: 0 }]);
  });

  it('counts who had left before its turn, and who had it on coming back', () => {
    const model = new SweepModel(100);
    const log = new MemoryLog();
    void log.start({ onEntry: (_id, entry) => model.apply(entry), onReady: () => undefined, onLost: () => undefined });
    const gone = model.join(filter());
    model.join(filter());
    model.settle();
    gone.transport.isStuck = true;
    log.publish('a', politics);
    model.settle();
    log.publish('b', politics);
    model.settle();
    model.leave(0);
    expect(model.ledger.take().at(-1)).toMatchObject({ seq: 2, targeted: 2, written: 1, left: 1 });
    model.join(filter(), 20, 'resumed', 1);
    model.settle();
    expect(model.ledger.take()).toMatchObject([{ seq: 2, targeted: 2, written: 1, left: 1, resumed: 1 }]);
  });
});

describe('what browsers say they have painted', () => {
  const sample = (origin: string, query: string) => fetch(`${origin}/v1/painted?${query}`, { method: 'POST' });

  it('is kept apart from the proof, and a thousand forged samples do not move it', async () => {
    const log = new MemoryLog();
    const heard = new Heard();
    await using server = await serveFanout(log, {}, { telling: heard.telling });
    using reader = new TestReader(server.port, 'edition=en');
    await reader.frame('snapshot');
    log.publish(id, politics);
    await until(() => heard.entry(1)?.written === 1, 'written');
    const proof = heard.entry(1);
    expect((await sample(server.origin, `edition=en&id=${id}&version=1&ms=12`)).status).toBe(204);
    await until(() => heard.painted(id)?.samples === 1, 'a sample');
    const startedAt = performance.now();
    for (let sent = 0; sent < 1_000; sent += 50) {
      const forged = Array.from({ length: 50 }, (_, nth) =>
        sample(server.origin, `edition=en&id=${id}&version=1&ms=${nth * 1_000}`),
      );
      for (const answer of await Promise.all(forged)) expect(answer.status).toBe(204);
    }
    expect(heard.entry(1)).toEqual(proof);
    const seconds = (performance.now() - startedAt) / 1_000;
    // 50 a second: most of them were not even counted, unless the machine took very long.
    expect(heard.painted(id)?.samples).toBeLessThan(50 * (seconds + 2));
    expect(heard.painted(id)).toMatchObject({ itemId: id, version: 1 });
  });

  it('takes no sample of what was not sent, and refuses what it cannot read', async () => {
    const log = new MemoryLog();
    const heard = new Heard();
    await using server = await serveFanout(log, {}, { telling: heard.telling });
    log.publish(id, politics);
    await sample(server.origin, `edition=en&id=${id}&version=7&ms=12`);
    await sample(server.origin, 'edition=en&id=01KAM0000000000000000000ZZ&version=1&ms=12');
    await sample(server.origin, `edition=en&id=${id}&version=1&ms=12`);
    await until(() => heard.painted(id) !== undefined, 'the one good sample');
    expect(heard.reports.flatMap((report) => report.painted)).toHaveLength(1);
    for (const query of [
      '',
      `edition=en&id=${id}&version=1`,
      `edition=en&id=${id}&version=0&ms=1`,
      'edition=en&id=x&version=1&ms=1',
    ])
      expect((await sample(server.origin, query)).status, query).toBe(400);
    expect((await fetch(`${server.origin}/v1/painted?edition=en&id=${id}&version=1&ms=1`)).status).toBe(400);
  });
});
