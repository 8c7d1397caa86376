import { expect, test } from 'vitest';
import { type AttackOutcome, brokenBounds } from '../../../bench/attack/bounds.ts';
import type { Reach } from '../../../bench/run/reach.ts';

const reach: Reach = {
  id: 'a',
  readers: 10,
  firstMs: 1,
  lastMs: 2,
  sinceAppendMs: 2,
  liveReaders: 10,
  liveMs: 2,
};

/** A run in which every bound holds, each of them only just. */
const passed: AttackOutcome = {
  readers: 10,
  reaches: [reach, reach],
  report: { faults: {}, examples: [], open: 10, refused: {}, dropped: { 4200: 1 }, frames: {} },
  epochs: ['one', 'one'],
  deliveries: [{ transport: 'polls', attackP99Ms: 40, controlP99Ms: 20 }],
  pages: { directly: [{ page: '/live/en', ms: [3], refused: {} }] },
  growths: [{ name: 'fanout', startBytes: 100e6, mostBytes: 200e6 }],
  attackRequests: 1_000,
  controlRequests: 900,
};

const broken: readonly (readonly [Partial<AttackOutcome>, string])[] = [
  [{ reaches: [reach, { ...reach, readers: 9 }] }, 'lost: 1 of 20 deliveries'],
  [{ reaches: [] }, 'no item was posted'],
  [{ report: { ...passed.report, faults: { gap: 2 } } }, 'readers: gap 2 times'],
  [
    { report: { ...passed.report, open: 8, refused: { 503: 4 } } },
    'readers without a connection at the end: 2 (503 4 times)',
  ],
  [{ epochs: ['one', 'two'] }, 'a new epoch began: one became two'],
  [
    { deliveries: [{ transport: 'polls', attackP99Ms: 40.1, controlP99Ms: 20 }] },
    'delivery over polls: p99 40.1 ms is more than 2 times that of the control, 20.0 ms',
  ],
  [
    { deliveries: [{ transport: 'sse', attackP99Ms: null, controlP99Ms: 20 }] },
    'delivery over sse: nothing was measured',
  ],
  [
    { pages: { 'through nginx': [{ page: '/live/en', ms: [3], refused: { 503: 1 } }] } },
    '/live/en through nginx: 503 1 times',
  ],
  [{ pages: { directly: [{ page: '/', ms: [], refused: {} }] } }, '/ directly: never asked for'],
  [{ growths: [{ name: 'nginx', startBytes: 20e6, mostBytes: 121e6 }] }, 'nginx: grew by 101 MB from 20 MB'],
  [{ growths: [{ name: 'api', startBytes: 0, mostBytes: 0 }] }, 'api: its memory could not be read'],
  [{ attackRequests: 50, controlRequests: 50 }, 'there was hardly an attack: 50 requests a second'],
  [{ controlRequests: 800 }, 'the control was of 800 requests a second, the attack of 1000'],
];

test('a run that keeps every bound passes', () => {
  expect(brokenBounds(passed)).toEqual([]);
});

test.each(broken)('%j fails the run by its name', (change, fault) => {
  expect(brokenBounds({ ...passed, ...change })).toEqual([fault]);
});
