import { percentile, type Series } from './figure.ts';

/** Where a number went over a long time. */
export interface Trend {
  /** Medians of the first and the last third of the time. */
  readonly early: number | null;
  readonly late: number | null;
  /** Least squares over the last two thirds: the first warms up. Per minute; null for fewer than three points. */
  readonly perMinute: number | null;
}

export function trendOf(points: Series['points']): Trend {
  const third = Math.max(1, Math.floor(points.length / 3));
  const median = (some: Series['points']) =>
    percentile(
      some.map(([, value]) => value),
      0.5,
    );
  const slope = slopeOf(points.slice(third));
  return {
    early: median(points.slice(0, third)),
    late: median(points.slice(-third)),
    perMinute: slope === null ? null : slope * 60,
  };
}

function slopeOf(points: Series['points']): number | null {
  if (points.length < 3) return null;
  const mean = (pick: 0 | 1) => points.reduce((sum, point) => sum + point[pick], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const [top, bottom] = points.reduce(
    ([xy, xx], [x, y]) => [xy + (x - meanX) * (y - meanY), xx + (x - meanX) ** 2] as const,
    [0, 0] as const,
  );
  return bottom === 0 ? null : top / bottom;
}
