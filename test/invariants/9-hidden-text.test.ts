import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HandFedEdition, parseLines } from '../fanout/edition-resource.ts';
import { filter, filters, steps, take } from '../fanout/lifecycle.ts';
import { SweepModel } from '../fanout/sweep-model.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';

describe('invariant 9: once a retraction or withholding is applied, the text is never written again', () => {
  test.each(['withhold', 'retract'] as const)(
    'RM-5: earlier frames of a hidden item become removals with the same seq and prev: %s',
    (verb) => {
      const log = new MemoryLog();
      const edition = new HandFedEdition();
      log.applyTo(edition);
      const { feed, wire } = edition.wire(filter());
      log.publish('a', facets(), 'a claim');
      log.publish('b', facets(), 'another line');
      log.correct('a', facets(), 'a bolder claim');
      feed.advance(edition.replica);
      const before = parseLines(wire.batch(edition.replica, 0).bytes);
      log[verb]('a');
      feed.advance(edition.replica);
      const bytes = wire.batch(edition.replica, 0).bytes;
      const after = parseLines(bytes);
      expect(bytes.toString()).not.toContain('claim');
      const reason = verb === 'retract' ? 'retracted' : 'withheld';
      expect(after.slice(0, 3)).toEqual([
        { type: 'removal', seq: 1, hash: log.hashAt(1), prev: 0, id: 'a', version: 1, reason },
        before[1],
        { type: 'removal', seq: 3, hash: log.hashAt(3), prev: 2, id: 'a', version: 2, reason },
      ]);
      expect(wire.snapshot(edition.replica, 20, 'start').bytes.toString()).not.toContain('claim');
    },
  );

  test('a released item is shown again, and its earlier frames stay removals', () => {
    const log = new MemoryLog();
    const edition = new HandFedEdition();
    log.applyTo(edition);
    const { feed, wire } = edition.wire(filter());
    log.publish('a', facets(), 'a claim');
    log.withhold('a');
    log.release('a');
    feed.advance(edition.replica);
    const frames = parseLines(wire.batch(edition.replica, 0).bytes);
    expect(frames.map((frame) => frame.type)).toEqual(['removal', 'removal', 'item']);
  });

  test('a hidden text is not written to a reader that was stuck, joins or resumes', () => {
    const model = new SweepModel(100);
    const log = new MemoryLog();
    log.applyTo(model);
    const stuck = model.join(filter());
    stuck.transport.isStuck = true;
    log.publish('b', facets(), 'the line that waits');
    model.settle();
    log.publish('a', facets(), 'a claim');
    model.settle();
    log.retract('a');
    stuck.transport.release();
    const joined = model.join(filter());
    const resumed = model.join(filter(), 20, 'resumed', 0);
    model.settle();
    for (const { transport } of [stuck, joined, resumed]) {
      expect(transport.writes.map(String).join('')).not.toContain('claim');
    }
    expect(resumed.transport.frames.map((frame) => frame.type)).toEqual(['resumed', 'item', 'removal', 'removal']);
  });

  test.each(['withhold', 'retract'] as const)(
    'a hidden text stays nowhere in the memory of the process: %s',
    async (verb) => {
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      const model = new SweepModel(100);
      const log = new MemoryLog();
      // A copy, as if it came from Redis.
      log.applyTo({ apply: (entry) => model.apply(structuredClone(entry)) });
      model.join(filter());
      log.publish('a', facets(), 'a claim');
      model.settle();
      const text = new WeakRef(model.edition.replica.slot(1)?.entry.item ?? {});
      log[verb]('a');
      model.settle();
      for (let turn = 0; turn < 5 && text.deref(); turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        collect();
      }
      expect(text.deref()).toBeUndefined();
      expect(model.ledger.take()).toMatchObject([{ itemId: 'a', what: 'new' }, { itemId: 'a' }]);
    },
  );

  test('invariant 9 holds for every lifecycle and filter, and after a reload', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(...filters), fc.boolean(), async (taken, chosen, isReloaded) => {
        const log = new MemoryLog();
        const edition = new HandFedEdition();
        log.applyTo(edition);
        for (const step of taken) take(log, step);
        if (isReloaded) edition.load(await log.load('en', { items: 1_000, entries: 1_024 }));
        const { feed, wire } = edition.wire(chosen);
        feed.advance(edition.replica);
        const written = `${wire.batch(edition.replica, 0).bytes}${wire.snapshot(edition.replica, 50, 'start').bytes}`;
        for (const gone of log.hiddenHeadlines) expect(written).not.toContain(gone);
      }),
      { numRuns: 300 },
    );
  });
});
