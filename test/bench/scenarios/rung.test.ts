import { expect, test } from 'vitest';
import { brokenBy, nextReaders, type Rung } from '../../../bench/scenarios/rung.ts';

const objectives = { maxLastMs: 500, maxLoopP99Ms: 50, maxRssKb: 8 };
const good: Rung = {
  readers: 4_000,
  lastMs: 120,
  loopP99Ms: 20,
  rssKb: 6,
  generatorMs: 40,
  generatorShare: 0.3,
  faults: [],
};

test('a rung holds while it keeps every objective, and when one cannot be had', () => {
  expect(brokenBy(good, objectives)).toEqual([]);
  expect(brokenBy({ ...good, loopP99Ms: null, rssKb: null }, objectives)).toEqual([]);
});

test('what broke is named', () => {
  const names = (rung: Partial<Rung>) => brokenBy({ ...good, ...rung }, objectives).map((one) => one.objective);
  expect(names({ lastMs: 501 })).toEqual(['last reader']);
  expect(names({ loopP99Ms: 51, rssKb: 9 })).toEqual(['loop delay', 'memory']);
  expect(names({ faults: ['gap: 1'], lastMs: 900 })).toEqual(['faults']);
});

test('readers that are the limit are not taken for the server', () => {
  const names = (rung: Partial<Rung>) => brokenBy({ ...good, ...rung }, objectives).map((one) => one.objective);
  expect(names({ generatorShare: 0.9, loopP99Ms: 60 })).toEqual(['generator']);
  expect(names({ lastMs: 600, generatorMs: 580 })).toEqual(['generator']);
  expect(names({ lastMs: 600, generatorMs: 200 })).toEqual(['last reader']);
});

test('the ladder ends where no process can open another file', () => {
  expect(nextReaders(2_000, 2_000, 20_000)).toBe(4_000);
  expect(nextReaders(2_000, 0, null)).toBe(3_000);
  expect(nextReaders(18_000, 2_000, 20_000)).toBeNull();
  expect(nextReaders(18_000, 2_000, 40_000)).toBe(20_000);
});
