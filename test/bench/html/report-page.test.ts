import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Result } from '../../../bench/figures/figure.ts';
import { type Report, reportSchema } from '../../../bench/figures/report.ts';
import { resultSchema } from '../../../bench/figures/result-schema.ts';
import { renderReportPage } from '../../../bench/html/report-page.ts';

const fanOut = stored('fan-out');
const burst = stored('burst');

test('a page of stored results needs nothing but itself, and has a table beside every plot', () => {
  const page = renderReportPage(again(report([fanOut], [burst])), null);
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
  const plots = page.match(/<svg /g)?.length ?? 0;
  expect(plots).toBeGreaterThan(5);
  expect(page.match(/<details><summary>Values<\/summary>/g)).toHaveLength(plots);
  expect(page).toContain('2 scenarios in 60 s: no fault');
  expect(page).not.toContain('What changed');
});

test('every id is on the page once, and every link leads to one', () => {
  const page = renderReportPage(report([fanOut], [burst]), report([fanOut], [burst]));
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
});

test('a figure that is worse than before is in the first sentence, in words, and in the figures of its scenario', () => {
  const slower = {
    ...fanOut,
    figures: fanOut.figures.map(({ value, ...rest }) => ({
      ...rest,
      value: rest.name === 'last_reader_p50' && value !== null ? value * 3 : value,
    })),
  };
  const page = renderReportPage(report([slower], [burst]), report([fanOut], [burst]));
  expect(page).toContain('no fault, 1 figure worse than before');
  expect(page.match(/<strong class="worse">\+200 %, worse<\/strong>/g)).toHaveLength(2);
});

test('two runs that are alike say so', () => {
  const page = renderReportPage(report([fanOut], [burst]), report([fanOut], [burst]));
  expect(page).toContain('nothing worse than before');
  expect(page).toContain('No figure has moved by more than noise.');
});

test('a fault, a run that failed and what was left out stand at the head', () => {
  const [first, second] = report([{ ...fanOut, faults: ['lost: 1 of 2 deliveries'] }], []).parts;
  const parts = [
    first,
    { ...second, failures: ['cc cannot compile'] },
    { ...second, name: 'painted', leftOut: 'needs /usr/bin/chromium' },
  ];
  const page = renderReportPage(reportSchema.parse({ ...report([fanOut], []), parts }), null);
  expect(page).toContain('2 faults');
  expect(page).toContain('<li>fan-out: lost: 1 of 2 deliveries</li>');
  expect(page).toContain('<li>burst: cc cannot compile</li>');
  expect(page).toContain('<li>left out: painted: needs /usr/bin/chromium</li>');
});

test('several rounds stand beside their median', () => {
  const page = renderReportPage(report([fanOut, fanOut], [burst]), null);
  expect(page).toContain('<th scope="col">median</th><th scope="col">rounds</th>');
});

test('text of a report is escaped wherever it stands', () => {
  const hostile = '"><script>alert(1)</script>&\'';
  const result = {
    ...fanOut,
    scenario: hostile,
    warnings: [hostile],
    faults: [hostile],
    command: hostile,
    settings: { [hostile]: hostile },
    figures: fanOut.figures.map((one) => ({ ...one, label: hostile, run: hostile })),
  };
  const one = report([result], []);
  const parts = one.parts.map((part) => ({
    ...part,
    name: hostile,
    summary: hostile,
    leftOut: hostile,
    failures: [hostile],
  }));
  const page = renderReportPage(
    { ...one, machine: { commit: hostile, cpu: hostile }, parts },
    { ...one, at: hostile, machine: { commit: hostile }, parts },
  );
  expect(page).not.toContain('<script');
  expect(page).not.toContain("&'");
});

function stored(name: string): Result {
  return resultSchema.parse(
    JSON.parse(readFileSync(new URL(`../../../bench/results/${name}.json`, import.meta.url), 'utf8')),
  );
}

function again(one: Report): Report {
  return reportSchema.parse(JSON.parse(JSON.stringify(one)));
}

function report(fanOuts: Result[], bursts: Result[]): Report {
  const part = (name: string, runs: Result[]) => ({
    name,
    summary: 'Does it.',
    runs,
    seconds: 30,
    leftOut: null,
    failures: [],
  });
  return {
    kind: 'report',
    at: '2026-02-03T04:05:06.000Z',
    machine: { cpu: 'A', cores: 2, commit: 'abc1234' },
    isShort: false,
    rounds: 1,
    seconds: 60,
    parts: [part('fan-out', fanOuts), part('burst', bursts)],
    comparison: null,
  };
}
