import { type Figure, type Result, renderValue, type Series } from '../figures/figure.ts';
import { exponentOf } from '../figures/growth.ts';
import { linearAxis, logAxis, quantileAxis, shareAxis } from './axis.ts';
import type { Plot } from './plot.ts';

/** What of a result can be seen better than read. */
export function plotsOf(result: Result): readonly Plot[] {
  return [...cdfPlot(result), ...reachPlot(result), ...seriesPlots(result.series ?? []), ...growthPlots(result)];
}

function cdfPlot(result: Result): readonly Plot[] {
  const cdf = result.cdf ?? [];
  if (cdf.length === 0) return [];
  const marks = [
    { quantile: 0.5, name: 'p50' },
    { quantile: 0.99, name: 'p99' },
    { quantile: 0.9999, name: 'p99.99' },
  ].flatMap(({ quantile, name }) => {
    const point = cdf.find((one) => one.quantile >= quantile);
    return point === undefined ? [] : { x: point.quantile, y: point.ms, text: `${name} ${ms(point.ms)}` };
  });
  return [
    {
      title: 'How long deliveries took',
      summary: `Milliseconds from the POST to each delivery by share of the deliveries: ${marks.map((mark) => mark.text).join(', ')}.`,
      x: quantileAxis('share of the deliveries that took no longer'),
      y: linearAxis(
        'ms since the POST was due',
        cdf.map((point) => point.ms),
      ),
      lines: [{ label: '', points: cdf.map((point) => [point.quantile, point.ms]), marks }],
    },
  ];
}

function reachPlot(result: Result): readonly Plot[] {
  const curves = (result.reach ?? []).filter((curve) => curve.points.length > 0);
  if (curves.length === 0) return [];
  const last = curves.map((curve) => `${curve.label} ${ms(curve.points.at(-1)?.[0] ?? 0)}`);
  return [
    {
      title: 'How an item reached the readers',
      summary: `Share of the readers that have an item over milliseconds since its POST; the last reader: ${last.join(', ')}.`,
      x: linearAxis(
        'ms since the POST was due',
        curves.flatMap((curve) => curve.points.map(([at]) => at)),
      ),
      y: shareAxis('readers that have it'),
      lines: curves.map((curve) => ({ label: curve.label, points: [[0, 0], ...curve.points] })),
    },
  ];
}

/** Series of one unit share a plot. */
function seriesPlots(series: readonly Series[]): readonly Plot[] {
  const drawn = series.filter((one) => one.points.length > 1);
  const units = [...new Set(drawn.map((one) => one.unit))];
  return units.map((unit) => {
    const lines = drawn.filter((one) => one.unit === unit);
    const seconds = Math.max(...lines.flatMap((line) => line.points.map(([at]) => at)));
    const perTick = seconds > 600 ? 60 : 1;
    return {
      title: titles[unit] ?? unit,
      summary: lines.map((line) => `${line.label}: ${ends(line)}`).join('; '),
      x: linearAxis(`${perTick === 60 ? 'minutes' : 'seconds'} since the start`, [seconds / perTick]),
      y: linearAxis(
        unit === '' ? 'count' : unit,
        lines.flatMap((line) => line.points.map(([, value]) => value)),
      ),
      lines: lines.map((line) => ({
        label: line.label,
        points: line.points.map(([at, value]) => [at / perTick, value] as const),
      })),
    };
  });
}

/** Over powers of ten, where a cost that does not depend on the size is level, and one that is proportional rises as fast as the size. */
function growthPlots(result: Result): readonly Plot[] {
  return (result.growth ?? []).map(({ label, of, unit, points }) => {
    const exponent = exponentOf(points)?.toFixed(2) ?? 'not known';
    const last = points.at(-1) ?? [1, 0];
    return {
      title: label,
      summary: `${label} by ${of}: ${points.map(([size, cost]) => `${renderValue({ value: cost, unit })} at ${size}`).join(', ')}; exponent ${exponent}.`,
      x: logAxis(
        of,
        points.map(([size]) => size),
      ),
      y: logAxis(
        unit === '' ? 'count' : unit,
        points.map(([, cost]) => cost),
      ),
      lines: [{ label: '', points, marks: [{ x: last[0], y: last[1], text: `exponent ${exponent}` }] }],
    };
  });
}

const titles: Partial<Record<Figure['unit'], string>> = {
  MB: 'Memory',
  kB: 'Memory',
  bytes: 'Memory',
  ms: 'Delay',
  us: 'Delay',
  cores: 'CPU',
  'per second': 'Rate',
  '': 'Count',
};

function ends(series: Series): string {
  const value = (point: readonly [number, number] | undefined) =>
    renderValue({ value: point?.[1] ?? null, unit: series.unit });
  return `${value(series.points[0])} at the start, ${value(series.points.at(-1))} at the end`;
}

function ms(value: number): string {
  return renderValue({ value, unit: 'ms' });
}
