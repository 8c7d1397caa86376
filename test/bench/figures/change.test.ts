import { expect, test } from 'vitest';
import { changesOf, figuresOf } from '../../../bench/figures/change.ts';
import { type Figure, figure, type Result } from '../../../bench/figures/figure.ts';
import type { Report } from '../../../bench/figures/report.ts';

test('a figure over several rounds is their median', () => {
  const [last, lost] = figuresOf({ runs: [result(delay(9)), result(delay(1)), result(delay(5))] });
  expect(last).toMatchObject({ value: 5, values: [9, 1, 5] });
  expect(lost).toBeUndefined();
});

test('a figure that was unknown stays unknown', () => {
  expect(figuresOf({ runs: [result(delay(null))] })[0]).toMatchObject({ value: null, values: [] });
  expect(changesOf(report([delay(null)]), report([delay(5)]))).toEqual([]);
});

test('a change is beyond noise if it is larger than the spread of the rounds of either run', () => {
  const before = report([delay(100)], [delay(104)], [delay(102)]);
  expect(verdicts(report([delay(130)], [delay(131)], [delay(129)]), before)).toEqual(['worse']);
  expect(verdicts(report([delay(130)], [delay(171)], [delay(99)]), before)).toEqual(['as before']);
  expect(verdicts(report([delay(70)], [delay(71)], [delay(72)]), before)).toEqual(['better']);
  expect(verdicts(report([delay(105)], [delay(105)], [delay(105)]), before)).toEqual(['as before']);
});

test('of a single round the noise is a guess: more of a time than of CPU, most of a maximum', () => {
  const cpu = (value: number) => figure('cpu_per_frame', 'CPU', value, 'us');
  const most = (value: number) => figure('last_reader_max', 'max', value, 'ms');
  expect(verdicts(report([delay(130)]), report([delay(100)]))).toEqual(['as before']);
  expect(verdicts(report([delay(150)]), report([delay(100)]))).toEqual(['worse']);
  expect(verdicts(report([cpu(13)]), report([cpu(10)]))).toEqual(['worse']);
  expect(verdicts(report([most(190)]), report([most(100)]))).toEqual(['as before']);
});

test('one lost delivery is worse, and none of none is as before', () => {
  const lost = (value: number) => figure('lost', 'lost', value);
  expect(verdicts(report([lost(1)]), report([lost(0)]))).toEqual(['worse']);
  expect(verdicts(report([lost(0)]), report([lost(0)]))).toEqual(['as before']);
});

test('more is better of a rate of answers, less of Redis commands, and neither of what only says how much was done', () => {
  const change = (name: string, unit: Figure['unit']) =>
    verdicts(report([figure(name, name, 200, unit)]), report([figure(name, name, 100, unit)]));
  expect(change('json_per_second', 'per second')).toEqual(['better']);
  expect(change('redis_idle', 'per second')).toEqual(['worse']);
  expect(change('delivered', '')).toEqual(['not judged']);
  expect(change('held', '')).toEqual(['better']);
});

test('a change that is smaller than anybody notices is none', () => {
  expect(verdicts(report([delay(1.9)]), report([delay(1.1)]))).toEqual(['as before']);
});

test('a scenario that was measured with other settings is not compared', () => {
  const before = report([delay(100)]);
  const [part] = before.parts;
  const others = part?.runs.map((run) => ({ ...run, settings: { readers: 5 } })) ?? [];
  expect(
    changesOf(report([delay(200)]), { ...before, parts: part === undefined ? [] : [{ ...part, runs: others }] }),
  ).toEqual([]);
});

function delay(value: number | null): Figure {
  return figure('last_reader_p50', 'last reader, p50', value, 'ms');
}

function verdicts(now: Report, before: Report): readonly string[] {
  return changesOf(now, before).map(({ verdict }) => verdict);
}

/** Of one scenario; each argument is a round. */
function report(...rounds: readonly (readonly Figure[])[]): Report {
  const runs = rounds.map((figures) => result(...figures));
  const part = { name: 'fan-out', summary: '', runs, seconds: 1, leftOut: null, failures: [] };
  return {
    kind: 'report',
    at: '2026-02-03T04:05:06.000Z',
    machine: {},
    isShort: false,
    rounds: rounds.length,
    seconds: 1,
    parts: [part],
    comparison: null,
  };
}

function result(...figures: readonly Figure[]): Result {
  return {
    scenario: 'fan-out',
    at: '2026-02-03T04:05:06.000Z',
    machine: {},
    settings: { readers: 1 },
    figures,
    details: {},
    warnings: [],
    faults: [],
  };
}
