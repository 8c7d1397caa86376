import fc from 'fast-check';
import { expect, test } from 'vitest';
import { figure, type Result } from '../../../bench/figures/figure.ts';
import { linearAxis, niceStep, quantileAxis } from '../../../bench/html/axis.ts';
import { placeLabels } from '../../../bench/html/label.ts';
import { renderPage } from '../../../bench/html/page.ts';
import { renderPlot } from '../../../bench/html/plot.ts';

const result: Result = {
  scenario: 'fan-out',
  at: '2026-02-03T04:05:06.000Z',
  machine: { cpu: 'A <fast> & "quiet" CPU', cores: 4 },
  settings: { readers: 1_000, rate: 3 },
  figures: [
    figure('last_reader_p50', 'last reader after POST, p50', 123, 'ms'),
    figure('last_reader_max', 'last reader after POST, max', 234, 'ms'),
    figure('lost', 'lost', 0),
    figure('cores', 'CPU of the fan-out', null, 'cores'),
    figure('redis_idle', 'Redis commands, idle', 65, 'per second'),
  ],
  details: { 'Redis while items went out': { xadd: 30 } },
  warnings: [],
  faults: [],
  command: 'npm run bench -- fan-out',
  cdf: [
    { quantile: 0, ms: 10 },
    { quantile: 0.5, ms: 90 },
    { quantile: 0.9999, ms: 234 },
  ],
  reach: [
    {
      label: 'median item',
      points: [
        [10, 0.1],
        [123, 1],
      ],
    },
  ],
  series: [
    {
      name: 'rss',
      label: 'RSS',
      unit: 'MB',
      points: [
        [0, 100],
        [1, 120],
      ],
    },
  ],
};

test('an axis begins at zero and ends at a round number that no value exceeds', () => {
  const axis = linearAxis('ms', [3, 187]);
  expect(axis.ticks.map((tick) => tick.text)).toEqual(['0', '50', '100', '150', '200']);
  expect([axis.at(0), axis.at(200)]).toEqual([0, 1]);
  expect(linearAxis('cores', [0.23]).ticks.map((tick) => tick.text)).toEqual([
    '0.00',
    '0.05',
    '0.10',
    '0.15',
    '0.20',
    '0.25',
  ]);
  expect(linearAxis('ms', []).ticks.length).toBeGreaterThan(1);
});

test('an axis of any values has few ticks and holds them all', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true })), (values) => {
      const axis = linearAxis('', values);
      expect(axis.ticks.length).toBeLessThanOrEqual(7);
      for (const value of values) expect(axis.at(value)).toBeLessThanOrEqual(1 + 1e-9);
    }),
  );
  expect([0.03, 1, 1.2, 4, 7].map(niceStep)).toEqual([0.05, 1, 2, 5, 10]);
});

test('every further nine of a quantile takes the same room', () => {
  const { ticks, at } = quantileAxis('');
  expect(ticks.map((tick) => tick.text)).toEqual(['0 %', '90 %', '99 %', '99.9 %', '99.99 %']);
  for (const [i, tick] of ticks.entries()) expect(tick.at).toBeCloseTo(i / 4, 9);
  expect(at(1)).toBe(1);
});

test('a label stands clear of the lines, of other labels and of the edge', () => {
  const frame = { left: 0, top: 0, right: 200, bottom: 100 };
  const line = Array.from({ length: 100 }, (_, i) => ({ x: 2 * i, y: 50 }));
  const spots = [{ x: 198, y: 50 }];
  const placed = placeLabels(
    [
      { text: 'one', spots },
      { text: 'other', spots },
    ],
    line,
    frame,
  );
  expect(placed.map((label) => label.text)).toEqual(['one', 'other']);
  for (const { y } of placed) expect(y < 50 || y > 60).toBe(true);
  expect(Math.abs((placed[0]?.y ?? 0) - (placed[1]?.y ?? 0))).toBeGreaterThan(12);
});

test('a page needs nothing but itself, and says what was measured', () => {
  const page = renderPage(result);
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
  expect(page).toContain('1,000 readers, the last one after 123 ms (worst 234 ms), 0 lost');
  expect(page.match(/<svg [^>]*role="img"/g)).toHaveLength(3);
  expect(page.match(/<caption>[^<]*/g)).toContain('<caption>Redis');
  expect(page).toContain('npm run bench -- fan-out');
  expect(page).toContain('not known here');
});

test('text from outside is escaped wherever it stands', () => {
  const hostile = '"><script>alert(1)</script>&\'';
  const page = renderPage({
    ...result,
    scenario: hostile,
    at: hostile,
    settings: { readers: 5, [hostile]: hostile },
    figures: [figure('x', hostile, 1)],
    details: { [hostile]: { [hostile]: 1 } },
    warnings: [hostile],
    faults: [hostile],
    command: hostile,
    reach: [{ label: hostile, points: [[1, 1]] }],
    series: [
      {
        name: hostile,
        label: hostile,
        unit: 'MB',
        points: [
          [0, 1],
          [1, 2],
        ],
      },
    ],
  });
  expect(page).not.toContain('<script');
  expect(page).not.toContain("&'");
});

test('a line without a spread and a plot without a line are drawn', () => {
  const axis = linearAxis('ms', [0]);
  const plot = { title: 'Nothing', summary: '', x: axis, y: axis };
  expect(renderPlot({ ...plot, lines: [{ label: 'flat', points: [[0, 0]] }] }, 'p')).not.toContain('NaN');
  expect(renderPlot({ ...plot, lines: [] }, 'p')).not.toContain('NaN');
});
