import { expect, test } from 'vitest';
import { shortfallsOf } from '../../../torture/checker/shortfall.ts';
import { violationKinds } from '../../../torture/checker/violation.ts';
import type { Row } from '../../../torture/run.ts';

const row: Row = {
  fault: 'f',
  rows: '1',
  accepted: 9,
  refused: 0,
  unknown: 0,
  declared: 0,
  counts: Object.fromEntries(violationKinds.map((kind) => [kind, 0])) as Row['counts'],
  detectMs: null,
  silentMs: 900,
  settleMs: 900,
  firstAcceptedMs: 3_000,
  acceptsWithinMs: 3_000,
  silentAtMostMs: null,
  skipped: null,
  health: [],
};

test.each<[string, Partial<Row>, readonly string[]]>([
  ['a fault after which all went on', {}, []],
  ['readers that never settle', { settleMs: null }, ['never settled: f']],
  ['a desk that accepts nothing', { accepted: 0 }, ['nothing was accepted: f']],
  ['a desk that never accepts again', { firstAcceptedMs: null }, ['never accepted again: f']],
  ['a desk that accepts too late', { firstAcceptedMs: 3_001 }, ['accepted again after 3001 ms, not 3000: f']],
  ['a desk that has no bound', { firstAcceptedMs: 9_000, acceptsWithinMs: null }, []],
  ['a fault that this machine cannot do', { accepted: 0, settleMs: null, skipped: 'no disk' }, []],
])('%s', (_, change, expected) => {
  expect(shortfallsOf({ ...row, ...change })).toEqual(expected);
});
