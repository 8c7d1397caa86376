import { type Figure, figure, type GrowthCurve, renderValue } from './figure.ts';

/**
 * The exponent k of cost = c * size^k that fits best, by least squares over the logarithms. 0: the cost does not depend on the size,
 * 1: it is proportional. Null for fewer than two points that are above zero.
 */
export function exponentOf(points: GrowthCurve['points']): number | null {
  const logs = points.flatMap(([size, cost]) =>
    size > 0 && cost > 0 ? [{ x: Math.log(size), y: Math.log(cost) }] : [],
  );
  const mean = (pick: (log: { readonly x: number; readonly y: number }) => number) =>
    logs.reduce((sum, log) => sum + pick(log), 0) / logs.length;
  const [x, y] = [mean((log) => log.x), mean((log) => log.y)];
  const spread = logs.reduce((sum, log) => sum + (log.x - x) ** 2, 0);
  if (logs.length < 2 || spread === 0) return null;
  return logs.reduce((sum, log) => sum + (log.x - x) * (log.y - y), 0) / spread;
}

/** The cost at each size, and the exponent, as rows of one table. */
export function growthFigures({ name, label, of, unit, points }: GrowthCurve): readonly Figure[] {
  const exponent = exponentOf(points);
  const run = `${label}, by ${of}`;
  return [
    ...points.map(([size, cost]) => ({
      ...figure(`${name}_${size}`, renderValue({ value: size, unit: '' }), cost, unit),
      run,
    })),
    { ...figure(`${name}_exponent`, 'exponent', exponent === null ? null : Math.round(exponent * 100) / 100), run },
  ];
}
