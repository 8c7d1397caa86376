import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold } from '../../src/item/fold.ts';
import type { PublicItem } from '../../src/item/item.ts';
import { filter, filters, steps, take } from '../fanout/lifecycle.ts';
import { type ModelReader, SweepModel } from '../fanout/sweep-model.ts';
import { MemoryLog } from '../resources/memory-log.ts';

const ringSize = 12;

/** An event between two entries of the log. */
const disturbances = fc.array(
  fc.record({
    kind: fc.constantFrom('stick', 'release', 'join', 'leave', 'slice', 'slice', 'beat', 'poll', 'faulty poll'),
    reader: fc.nat(7),
    filter: fc.nat(filters.length - 1),
  }),
  { maxLength: 6 },
);

describe("invariant 5: a reader's position never goes back, and it gets each entry of its feed once and in order, or a snapshot", () => {
  test('invariant 5 holds for readers that get stuck, join and leave while a small ring turns over', () => {
    fc.assert(
      fc.property(steps, fc.array(disturbances, { minLength: 80, maxLength: 80 }), (taken, between) => {
        const model = new SweepModel(ringSize);
        // Every call of the clock takes a whole slice, so that the sweep yields after each step.
        model.clock.msPerCall = 5;
        const log = new MemoryLog();
        log.applyTo(model);
        for (const [index, step] of taken.entries()) {
          for (const disturbance of between[index] ?? []) disturb(model, disturbance);
          take(log, step);
        }
        for (const { transport } of model.readers) transport.release();
        model.settle();
        for (const reader of model.readers) if (!reader.reader.isPatient) check(reader, model);
        // The account adds up: each targeted reader was written to, caught up, or has left.
        for (const { targeted, written, caughtUp, left } of model.ledger.take())
          expect(written + caughtUp + left).toBe(targeted);
      }),
      { numRuns: 100 },
    );
  });

  test('the sweep serves each reader of a feed in turn and comes to rest', () => {
    const model = new SweepModel(ringSize);
    for (let count = 0; count < 500; count++) model.join(filter());
    model.settle();
    const log = new MemoryLog();
    log.applyTo(model);
    for (const id of ['a', 'b', 'c']) log.publish(id, { sections: [], regions: [], topics: [], urgency: 'flash' });
    const before = model.counters.writes;
    model.settle();
    // Three entries, and one write per reader.
    expect(model.counters.writes - before).toBe(500);
    for (const { transport } of model.readers)
      expect(transport.frames.map((frame) => frame.type)).toEqual(['snapshot', 'item', 'item', 'item']);
    expect(model.clock.slice()).toBe(false);
  });

  test('the sweep skips no reader when others leave in the middle of a round', () => {
    const model = new SweepModel(ringSize);
    const log = new MemoryLog();
    log.applyTo(model);
    for (let count = 0; count < 100; count++) model.join(filter());
    model.settle();
    model.clock.msPerCall = 5;
    log.publish('a', { sections: [], regions: [], topics: [], urgency: 'flash' });
    model.clock.slice();
    expect(model.counters.entriesWritten).toBeLessThan(50);
    // The last reader, which has not been served, takes the place of each reader that leaves.
    for (let count = 0; count < 10; count++) model.leave(0);
    model.settle();
    for (const { transport } of model.readers) expect(transport.frames.at(-1)).toMatchObject({ type: 'item', seq: 1 });
  });
});

function disturb(model: SweepModel, { kind, reader, filter }: { kind: string; reader: number; filter: number }): void {
  const chosen = model.readers[reader];
  const joinFilter = filters[filter];
  if (kind === 'stick' && chosen) chosen.transport.isStuck = true;
  if (kind === 'release') chosen?.transport.release();
  if (kind === 'join' && joinFilter && model.readers.length < 8) model.join(joinFilter);
  if (kind.endsWith('poll') && joinFilter && model.readers.length < 8) model.poll(joinFilter, kind === 'faulty poll');
  if (kind === 'leave' && model.readers.length > 3) model.leave(reader);
  if (kind === 'slice') model.clock.slice();
  if (kind === 'beat') {
    for (const { transport } of model.readers) transport.signsOfLife++;
    model.beat();
  }
}

/** Checks the client's rule of PROTOCOL.md, and that the reader's list equals the feed's. */
function check({ transport, filter }: ModelReader, model: SweepModel): void {
  let position = -1;
  let items: readonly PublicItem[] = [];
  let lowest = 0;
  for (const frame of transport.frames) {
    if (frame.type === 'snapshot') {
      expect(frame.seq).toBeGreaterThanOrEqual(position);
      items = frame.items;
      lowest = frame.more ? (items.at(-1)?.place ?? 0) : 0;
    } else if (frame.type === 'item' || frame.type === 'removal') {
      expect(frame.seq).toBeGreaterThan(position);
      expect(frame.prev).toBeLessThanOrEqual(position);
      items = fold(items, frame);
    } else if (frame.type === 'beat') {
      expect(frame.prev).toBeLessThanOrEqual(position);
      expect(frame.seq).toBeGreaterThanOrEqual(position);
    }
    if ('seq' in frame) position = frame.seq;
  }
  const { replica } = model.edition;
  const shown = replica.snapshot(filter, 1_000).items.filter((item) => item.place >= lowest);
  expect(items.filter((item) => item.place >= lowest)).toEqual(shown);
}
