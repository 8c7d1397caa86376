import { expect, test } from 'vitest';
import { facets, MemoryLog } from '../../resources/memory-log.ts';
import { filter } from '../lifecycle.ts';
import { SweepModel } from '../sweep-model.ts';

const politics = facets(['politics']);
const entries = 100;

/** A process whose entries are all reported, and one reader that resumes having missed all of them. */
function resumedFarBack(): SweepModel {
  const model = new SweepModel(200);
  const log = new MemoryLog();
  log.applyTo(model);
  model.join(filter());
  model.settle();
  for (let n = 0; n < entries; n++) log.publish(`i${n}`, politics);
  model.settle();
  expect(model.ledger.take()).toHaveLength(entries);
  model.join(filter(), 20, 'resumed', 0);
  model.settle();
  return model;
}

test('the accounts of a resume from far back are reported a few at a time, each of them once', () => {
  const model = resumedFarBack();
  const seqs: number[] = [];
  for (let calls = 0; calls < entries; calls++) {
    const reports = model.ledger.take();
    expect(reports.length).toBeLessThanOrEqual(8);
    seqs.push(...reports.map(({ seq }) => seq));
  }
  expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: entries }, (_, n) => n + 1));
});

test('the last report holds all accounts that a resume changed', () => {
  expect(resumedFarBack().ledger.take(true)).toHaveLength(entries);
});
