import { expect, test } from 'vitest';
import { exponentOf, growthFigures } from '../../../bench/figures/growth.ts';
import { plotsOf } from '../../../bench/html/result-plots.ts';

test('the exponent says how a cost grows with the size', () => {
  const curve = (cost: (size: number) => number) =>
    [1, 10, 100, 1_000].map((size): [number, number] => [size, cost(size)]);
  expect(exponentOf(curve(() => 7))).toBeCloseTo(0);
  expect(exponentOf(curve((size) => size * 3))).toBeCloseTo(1);
  expect(exponentOf(curve((size) => size ** 2))).toBeCloseTo(2);
  expect(exponentOf([[1, 5]])).toBeNull();
  expect(
    exponentOf([
      [1, 0],
      [10, 0],
    ]),
  ).toBeNull();
});

test('a growing cost is a row of figures and a plot whose axes are powers of ten', () => {
  const points = [
    [1, 2],
    [10, 2],
    [1_000, 2.1],
  ] as const;
  const curve = { name: 'saves', label: 'commands per item', of: 'fan-outs', unit: '', points } as const;
  expect(growthFigures(curve).map(({ name, value }) => [name, value])).toEqual([
    ['saves_1', 2],
    ['saves_10', 2],
    ['saves_1000', 2.1],
    ['saves_exponent', 0.01],
  ]);
  const nothing = { figures: [], settings: {}, details: {}, warnings: [], faults: [] };
  const result = { scenario: 'growth', at: '2026-11-30T00:00:00Z', machine: {}, growth: [curve], ...nothing };
  const [plot] = plotsOf(result);
  expect(plot?.x.ticks.map(({ text }) => text)).toEqual(['1', '10', '100', '1,000']);
  expect(plot?.summary).toBe('commands per item by fan-outs: 2 at 1, 2 at 10, 2.1 at 1000; exponent 0.01.');
});
