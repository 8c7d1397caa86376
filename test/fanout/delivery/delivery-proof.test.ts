import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { DeliveryWatch } from '../../../src/fanout/delivery/delivery-ledger.ts';
import { Drain } from '../../../src/fanout/reader/drain.ts';
import type { ProcessReport } from '../../../src/log/rollcall/delivery-report.ts';
import { frameWays, rawReader, serveFanout, TestReader, until } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';
import { filter } from '../lifecycle.ts';
import { SweepModel } from '../sweep-model.ts';

/** Collects the reports of a process. */
class Reports {
  readonly all: ProcessReport[] = [];
  canary: ProcessReport['canary'] = null;

  readonly reporting = {
    process: 'p1',
    logNow: () => Date.UTC(2026, 0, 1) + 50,
    publish: async (report: ProcessReport) => this.all.push(report) > 0,
    canary: () => this.canary,
    isReady: () => true,
  };

  entry(seq: number) {
    return this.all.flatMap((report) => report.deliveries).findLast((delivery) => delivery.seq === seq);
  }

  painted(itemId: string) {
    return this.all.flatMap((report) => report.painted).findLast((painted) => painted.itemId === itemId);
  }
}

const politics = facets(['politics']);
const id = '01KAM0000000000000000000AA';

describe.each(frameWays)('delivery proof %s', (_way, serve) => {
  test('a watch hears that an entry has arrived, and once that 99 % of its readers have it', async () => {
    const log = new MemoryLog();
    const heard: unknown[] = [];
    const { reporting } = new Reports();
    const watch: DeliveryWatch = {
      opened: (edition, { seq }, openedAt) => void heard.push({ edition, seq, openedAt }),
      delivered: (edition, delivered) => void heard.push({ edition, ...delivered }),
    };
    await using server = await serve(log, {}, { reporting: { ...reporting, watch } });
    const open = (query: string) => new TestReader(server.port, query);
    const readers = [open('edition=en'), open('edition=en'), open('edition=en&section=sports')];
    await Promise.all(readers.map((reader) => reader.frame('snapshot')));
    const { commandId } = log.publish(id, politics);
    await until(() => heard.length === 2, 'the watch has heard of the readers');
    const now = reporting.logNow();
    expect(heard).toEqual([
      { edition: 'en', seq: 1, openedAt: now },
      { edition: 'en', commandId, openedAt: now, firstAt: now, mostAt: now, readers: 2 },
    ]);
    log.publish('01KAM0000000000000000000AB', politics);
    await until(() => heard.length === 4, 'the watch has heard of the next entry');
  });

  test('a report says how many readers an entry was for, that each was written to, and the time since the append', async () => {
    const log = new MemoryLog();
    const reports = new Reports();
    await using server = await serve(log, {}, { reporting: reports.reporting });
    const readers = [
      new TestReader(server.port, 'edition=en'),
      new TestReader(server.port, 'edition=en'),
      new TestReader(server.port, 'edition=en&section=sports'),
    ];
    await Promise.all(readers.map((reader) => reader.frame('snapshot')));
    log.publish(id, politics);
    await until(() => reports.entry(1)?.written === 2, 'two written');
    expect(reports.entry(1)).toMatchObject({
      edition: 'en',
      itemId: id,
      version: 1,
      what: 'new',
      targeted: 2,
      caughtUp: 0,
      left: 0,
      latency: [[expect.any(Number), 2]],
    });
    expect(reports.entry(1)?.maxMs).toBeGreaterThan(40);
    log.retract(id);
    await until(() => reports.entry(2)?.written === 2, 'the retraction written');
    expect(reports.entry(2)).toMatchObject({ what: 'retracted', version: 2, targeted: 2 });
    for (const reader of readers) reader[Symbol.dispose]();
  });

  test('a process reports a roll call once a second, with its readers by edition', async () => {
    const reports = new Reports();
    await using server = await serve(new MemoryLog(), {}, { reporting: reports.reporting });
    using reader = new TestReader(server.port, 'edition=en');
    await reader.frame('snapshot');
    await until(() => reports.all.some((report) => report.readers['en'] === 1), 'a roll call');
    expect(reports.all.at(-1)).toMatchObject({ process: 'p1', isReady: true, deliveries: [], painted: [] });
  });

  test('the last report of a process says that it leaves, and no reader waits in it', async () => {
    const log = new MemoryLog();
    const reports = new Reports();
    const server = await serve(log, {}, { reporting: reports.reporting });
    const stuck = await rawReader(server.port, 'edition=en');
    const { counters } = server.fanout.stats();
    await until(() => counters.snapshots.start === 1, 'the reader is there');
    for (let n = 0; counters.skipped === 0 && n < 5_000; n++) {
      log.publish(`i${n}`, politics, 'x'.repeat(20_000));
      if (n % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await server[Symbol.asyncDispose]();
    stuck.destroy();
    const last = reports.all.at(-1);
    expect(last).toMatchObject({ process: 'p1', readers: { en: 0 }, leaving: true });
    expect(reports.all.filter(({ leaving }) => leaving)).toHaveLength(1);
    expect(reports.entry(log.seq)).toMatchObject({ targeted: 1, written: 0, left: 1 });
  });
});

describe('accounts', () => {
  test('an account counts a reader that was busy as caught up, and one that was served in its turn as written', () => {
    const model = new SweepModel(100);
    const log = new MemoryLog();
    log.applyTo(model);
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

  test('an account counts a reader that left before its turn, and one that received the entry with its resume', () => {
    const model = new SweepModel(100);
    const log = new MemoryLog();
    log.applyTo(model);
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

  test('the time of a run is taken after its frames have been sent', () => {
    const model = new SweepModel(100);
    const log = new MemoryLog();
    log.applyTo(model);
    for (let n = 0; n < 3; n++) model.join(filter());
    model.settle();
    // Sending what is collected takes a second.
    model.onSend = () => {
      model.clock.time += 1_000;
    };
    model.clock.time = Date.UTC(2026, 0, 1);
    const { at } = log.publish('a', politics);
    model.settle();
    expect(model.ledger.take().at(-1)).toMatchObject({ seq: 1, written: 3, maxMs: model.clock.time - at });
    expect(model.clock.time).toBe(Date.UTC(2026, 0, 1) + 1_000);
  });
});

/** A model with a log that it follows. */
function follow(model: SweepModel): MemoryLog {
  const log = new MemoryLog();
  log.applyTo(model);
  return log;
}

async function reload(model: SweepModel, log: MemoryLog, epoch: string): Promise<void> {
  log.epoch = epoch;
  await model.load(log);
  model.settle();
  model.ledger.take();
}

const account = (model: SweepModel, seq: number) => model.ledger.take().findLast((report) => report.seq === seq);

describe('each reader counts once', () => {
  test('a poll, which ends within its write, counts as written', async () => {
    const log = new MemoryLog();
    const reports = new Reports();
    await using server = await serveFanout(log, {}, { reporting: reports.reporting });
    using reader = new TestReader(server.port, 'edition=en');
    const { epoch, seq } = await reader.frame('snapshot');
    const poll = fetch(`${server.origin}/v1/feed.poll?edition=en&since=${epoch}:${seq}&wait=25`);
    await until(() => server.fanout.stats().connections === 2, 'both are there');
    log.publish(id, politics);
    await (await poll).json();
    await until(() => reports.entry(1)?.written === 2, 'both were written to');
    expect(reports.entry(1)).toMatchObject({ targeted: 2, written: 2, caughtUp: 0, left: 0 });
  });

  test('polls whose connection has ended leave, also one that is pipelined behind another', async () => {
    const log = new MemoryLog();
    log.publish(id, politics);
    const reports = new Reports();
    await using server = await serveFanout(log, {}, { reporting: reports.reporting });
    const socket = connect(server.port, '127.0.0.1');
    const one = 'GET /v1/feed.poll?edition=en&since=epochone:1&wait=25 HTTP/1.1\r\nHost: localhost\r\n\r\n';
    socket.write(one.repeat(3));
    await until(() => server.fanout.stats().connections === 3, 'three wait');
    socket.destroy();
    await until(() => server.fanout.stats().connections === 0, 'none waits', 5_000);
    log.retract(id);
    await until(() => reports.entry(2) !== undefined, 'the retraction is reported');
    expect(reports.entry(2)).toMatchObject({ targeted: 0, written: 0 });
  });

  test('an answered poll does not count for a reader that is stuck', () => {
    const model = new SweepModel(100);
    const log = follow(model);
    const stuck = model.join(filter());
    model.settle();
    stuck.transport.isStuck = true;
    log.publish('a', politics);
    model.settle();
    for (let n = 0; n < 3; n++) model.poll(filter());
    log.publish('b', politics);
    model.settle();
    expect(account(model, 2)).toMatchObject({ targeted: 4, written: 3, caughtUp: 0, left: 0 });
    expect(model.readers).toHaveLength(1);
    stuck.transport.release();
    model.settle();
    expect(account(model, 2)).toMatchObject({ targeted: 4, written: 3, caughtUp: 1, left: 0 });
  });

  test.each([true, false])(
    'a reader whose write throws counts as left, and no other reader does (a poll: %s)',
    (isPoll) => {
      const model = new SweepModel(100);
      const log = follow(model);
      model.join(filter());
      const faulty = isPoll ? model.poll(filter(), true) : model.join(filter());
      model.join(filter());
      model.settle();
      if (!isPoll) {
        faulty.transport.write = () => {
          throw new Error('no socket');
        };
      }
      log.publish('a', politics);
      log.publish('b', politics);
      model.settle();
      const [first, second] = model.ledger.take();
      for (const report of [first, second])
        expect(report).toMatchObject({ targeted: 3, written: 2, caughtUp: 0, left: 1 });
      expect(model.faults).toBe(1);
      expect(model.readers.filter(({ reader }) => !reader.isGone && reader !== faulty.reader)).toHaveLength(2);
    },
  );

  test('a drain reaches the other readers although one cannot be written to', () => {
    const model = new SweepModel(100);
    const [first, faulty, last] = [model.join(filter()), model.join(filter()), model.join(filter())];
    model.settle();
    faulty.transport.write = () => {
      throw new Error('no socket');
    };
    const drain = new Drain(model.clock, () => undefined);
    const readers = model.readers.map(({ reader }) => reader);
    void drain.run(readers, { afterMs: 0, withinMs: 0 }, 1_000, () => []);
    drain.step();
    for (const { transport } of [first, last]) expect(transport.frames.at(-1)).toMatchObject({ type: 'reconnect' });
    expect([faulty.transport.closedWith, faulty.reader.isGone]).toEqual([1006, true]);
  });

  test('a poll that gets its entry with the beat at the end of its wait counts as written', () => {
    const model = new SweepModel(100);
    const log = follow(model);
    const poll = model.poll(filter());
    log.publish('a', politics);
    poll.reader.beat(model.edition.replica);
    model.settle();
    expect(account(model, 1)).toMatchObject({ targeted: 1, written: 1, left: 0 });
    expect(model.counters.skipped).toBe(0);
  });
});

describe('readers with a position ahead of the log', () => {
  test.each([0, 3])(
    'readers ahead of the log count like others in the next epoch after %i of them have left',
    async (gone) => {
      const model = new SweepModel(100);
      const log = follow(model);
      for (let n = 0; n < 20; n++) log.publish(`i${n}`, politics);
      model.settle();
      model.join(filter());
      for (let n = 0; n < 3; n++) model.join(filter(), 20, 'resumed', 30);
      model.settle();
      await reload(model, log, 'epochtwo');
      for (let n = 0; n < gone; n++) model.leave(1);
      for (let n = 0; n < 12; n++) {
        log.publish(`new${n}`, politics);
        model.settle();
        expect(account(model, log.seq)).toMatchObject({ targeted: 4 - gone, written: 4 - gone, left: 0 });
      }
    },
  );

  test('readers ahead of the log count once the log has overtaken them, not before', () => {
    const model = new SweepModel(100);
    const log = follow(model);
    const [, leaver] = [model.join(filter()), model.join(filter(), 20, 'resumed', 2)];
    model.join(filter(), 20, 'resumed', 2);
    model.settle();
    log.publish('a', politics);
    model.settle();
    expect(account(model, 1)).toMatchObject({ targeted: 1, written: 1, resumed: 0 });
    model.leave(model.readers.indexOf(leaver));
    log.publish('b', politics);
    log.publish('c', politics);
    model.settle();
    const [second, third] = model.ledger.take().slice(-2);
    expect(second).toMatchObject({ seq: 2, targeted: 1, written: 1, left: 0 });
    expect(third).toMatchObject({ seq: 3, targeted: 2, written: 2, left: 0 });
  });
});

describe('readers of an epoch that has ended', () => {
  test.each(['served', 'gone'])(
    'readers of an ended epoch do not wait permanently for an entry of the next epoch: %s',
    async (fate) => {
      const model = new SweepModel(100);
      const log = follow(model);
      for (let n = 0; n < 20; n++) log.publish(`i${n}`, politics);
      model.join(filter());
      model.join(filter());
      model.settle();
      // Redis is back without data: the next epoch begins far below their positions.
      log.replace('epochtwo');
      await model.load(log);
      log.publish('new', politics);
      if (fate === 'gone') model.leave(0);
      model.settle();
      const isGone = fate === 'gone' ? 1 : 0;
      expect(account(model, 1)).toMatchObject({ targeted: 2, written: 2 - isGone, left: isGone, resumed: 0 });
    },
  );
});

describe('painted samples', () => {
  const sample = (origin: string, query: string) => fetch(`${origin}/v1/painted?${query}`, { method: 'POST' });

  test('painted samples do not change the proof, not even a thousand forged ones', async () => {
    const log = new MemoryLog();
    const reports = new Reports();
    await using server = await serveFanout(log, {}, { reporting: reports.reporting });
    using reader = new TestReader(server.port, 'edition=en');
    await reader.frame('snapshot');
    log.publish(id, politics);
    await until(() => reports.entry(1)?.written === 1, 'written');
    const proof = reports.entry(1);
    expect((await sample(server.origin, `edition=en&id=${id}&version=1&ms=12`)).status).toBe(204);
    await until(() => reports.painted(id)?.samples === 1, 'a sample');
    const startedAt = performance.now();
    for (let sent = 0; sent < 1_000; sent += 50) {
      const forged = Array.from({ length: 50 }, (_, nth) =>
        sample(server.origin, `edition=en&id=${id}&version=1&ms=${nth * 1_000}`),
      );
      for (const answer of await Promise.all(forged)) expect(answer.status).toBe(204);
    }
    expect(reports.entry(1)).toEqual(proof);
    const seconds = (performance.now() - startedAt) / 1_000;
    // 50 per second: most of them were not counted, unless the machine was very slow.
    expect(reports.painted(id)?.samples).toBeLessThan(50 * (seconds + 2));
    expect(reports.painted(id)).toMatchObject({ itemId: id, version: 1 });
  });

  test('a sample of a version that was not sent is ignored, and a malformed one gets 400', async () => {
    const log = new MemoryLog();
    const reports = new Reports();
    await using server = await serveFanout(log, {}, { reporting: reports.reporting });
    log.publish(id, politics);
    await sample(server.origin, `edition=en&id=${id}&version=7&ms=12`);
    await sample(server.origin, 'edition=en&id=01KAM0000000000000000000ZZ&version=1&ms=12');
    await sample(server.origin, `edition=en&id=${id}&version=1&ms=12`);
    await until(() => reports.painted(id) !== undefined, 'the one good sample');
    expect(reports.all.flatMap((report) => report.painted)).toHaveLength(1);
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
