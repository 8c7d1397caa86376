import { expect, test } from 'vitest';
import { figureValue } from '../../../bench/figures/figure.ts';
import { Arrivals } from '../../../bench/readers/arrivals.ts';
import { dueAtOf, dueLink } from '../../../bench/readers/due-link.ts';
import type { Sighting } from '../../../bench/readers/frame-cache.ts';
import { cdfOf, latencyFigures, latencyOf, reachCurves } from '../../../bench/readers/latency.ts';

test('a link carries the moment that a POST was due, and no other link does', () => {
  expect(dueAtOf(dueLink(123_456.789_4))).toBe(123_456.789);
  expect([dueAtOf('https://news.example/due/5'), dueAtOf(`${dueLink(5)}x`)]).toEqual([null, null]);
});

test('every delivery counts from the moment that its POST was due, over all processes', () => {
  const [one, other] = [new Arrivals(), new Arrivals()];
  for (let ms = 1; ms <= 100; ms++) (ms % 2 === 0 ? one : other).record(sighting(4, 1_000), 1_000 + ms);
  const figures = latencyFigures(latencyOf([one.take(), other.take()]));
  expect(figureValue({ figures }, 'delivery_p50')).toBeCloseTo(50, 0);
  expect(figureValue({ figures }, 'delivery_p99')).toBeCloseTo(99, 0);
  expect(figureValue({ figures }, 'delivery_max')).toBeCloseTo(100, 0);
});

test('what was taken once is not counted again, and what was never due is not counted', () => {
  const arrivals = new Arrivals();
  arrivals.record(sighting(4, 0), 5);
  arrivals.take();
  arrivals.record(sighting(5, null), 7);
  const latency = latencyOf([arrivals.take()]);
  expect(latency.entries).toEqual([]);
  expect(cdfOf(latency)).toEqual([]);
  expect(latencyFigures(latency).map((one) => one.value)).toEqual(Array(6).fill(null));
});

test('a delivery of over a minute is counted as long as it was', () => {
  const arrivals = new Arrivals();
  arrivals.record(sighting(4, 0), 150_000);
  expect(latencyFigures(latencyOf([arrivals.take()])).at(-1)?.value).toBeCloseTo(150_000, -3);
});

test('the distribution rises to p99.99', () => {
  const arrivals = new Arrivals();
  for (let ms = 1; ms <= 20_000; ms++) arrivals.record(sighting(4, 0), ms);
  const cdf = cdfOf(latencyOf([arrivals.take()]));
  expect([cdf[0]?.quantile, cdf.at(-1)?.quantile]).toEqual([0, 0.9999]);
  expect(cdf.map((point) => point.ms)).toEqual(cdf.map((point) => point.ms).toSorted((a, b) => a - b));
});

test('the spread of an item over two processes ends with all readers at the time of the last', () => {
  const [one, other] = [new Arrivals(), new Arrivals()];
  const [fast, slow] = [sighting(4, 0), sighting(5, 100)];
  for (let i = 1; i <= 400; i++) {
    one.record(fast, i / 10);
    other.record(fast, i / 20);
  }
  one.record(slow, 300);
  const curves = reachCurves(latencyOf([one.take(), other.take()]), 800);
  expect(curves.map((curve) => curve.label)).toEqual(['median item', 'slowest item']);
  expect(curves[0]?.points.at(-1)).toEqual([40, 1]);
  expect(curves[0]?.points[0]).toEqual([0.05, 0.00125]);
  expect(curves[1]?.points).toEqual([[200, 0.00125]]);
});

function sighting(seq: number, dueAt: number | null): Sighting {
  const key = `${seq} ${dueAt}`;
  const known = sightings.get(key) ?? {
    seq,
    id: `item-${seq}`,
    version: 1,
    appendedAt: 0,
    dueAt,
    count: 0,
    first: 0,
    last: 0,
    liveCount: 0,
    liveLast: 0,
  };
  sightings.set(key, known);
  return known;
}

const sightings = new Map<string, Sighting>();
