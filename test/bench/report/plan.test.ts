import { expect, test } from 'vitest';
import { reportSchema } from '../../../bench/figures/report.ts';
import { resultSchema } from '../../../bench/figures/result-schema.ts';
import { measureReport } from '../../../bench/report/measure-report.ts';
import { planReport } from '../../../bench/report/plan.ts';
import { readOutput } from '../../../bench/report/scenario-child.ts';

const options = { isShort: false, rollingFrom: '' };

test('a short report takes less than three minutes', () => {
  const parts = planReport([], { ...options, isShort: true }).filter(({ leftOut }) => leftOut !== 'not with --short');
  expect(parts.length).toBeGreaterThan(5);
  expect(parts.reduce((sum, { seconds }) => sum + seconds, 0)).toBeLessThanOrEqual(165);
});

test('the parts have names of their own, and a scenario that nobody planned runs as it is, but not in a short report', () => {
  const parts = planReport(['fan-out', 'costs'], options);
  expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length);
  expect(parts.find(({ name }) => name === 'costs')).toMatchObject({ scenario: 'costs', argv: [], leftOut: null });
  const short = planReport(['costs'], { ...options, isShort: true });
  expect(short.find(({ name }) => name === 'costs')).toMatchObject({ leftOut: 'not with --short' });
});

test('a rolling deploy is left out while there is no other version, and that is said', () => {
  const rolling = (rollingFrom: string) =>
    planReport(['rolling'], { isShort: false, rollingFrom }).find(({ name }) => name === 'rolling')?.leftOut;
  expect(rolling('')).toContain('--rolling-from');
  expect(rolling('/nowhere')).toBe('/nowhere has no dist/src/main.js');
});

test('a run that ends without a result says in its last lines why', () => {
  const said = '… connecting\n--browser: /nowhere does not start\n';
  expect(readOutput('', said, '1', resultSchema)).toEqual({
    type: 'failed',
    reason: '--browser: /nowhere does not start',
  });
  expect(readOutput('', '', '137', resultSchema)).toMatchObject({ reason: 'it ended with 137 and no result' });
});

test('a report for which no time is left names what it has not run', async () => {
  const parts = planReport([], { ...options, isShort: true }).slice(0, 2);
  const kept: unknown[] = [];
  const plan = {
    parts,
    summaries: new Map([['fan-out', 'N readers.']]),
    rounds: 1,
    isShort: true,
    withinMs: 1_000,
    peers: null,
    keep: (report: unknown) => kept.push(report),
  };
  const report = await measureReport(plan, { env: {}, clock: () => 0, progress: () => undefined });
  expect(report.parts.map(({ name, leftOut }) => [name, leftOut])).toEqual([
    ['fan-out', 'no time was left for it'],
    ['burst', 'no time was left for it'],
  ]);
  expect(report.parts[0]?.summary).toBe('N readers.');
  expect(kept).toHaveLength(2);
  expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
});
