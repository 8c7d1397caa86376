/** One measured number. `value` is null where it could not be had (not on this machine, no /proc, no Redis address). */
export interface Figure {
  readonly name: string;
  readonly label: string;
  readonly value: number | null;
  readonly unit: 'ms' | 'us' | 's' | 'bytes' | 'kB' | 'MB' | 'per second' | 'cores' | '';
  /** Which of several runs it is of; their figures stand together. */
  readonly run?: string;
}

/** Something measured over time: [s since the start of the run, value]. */
export interface Series {
  readonly name: string;
  readonly label: string;
  readonly unit: Figure['unit'];
  readonly points: readonly (readonly [number, number])[];
}

/** A share (0 to 1) of all deliveries that took at most this long. */
export interface Quantile {
  readonly quantile: number;
  readonly ms: number;
}

/** Points of a line in a plot. */
export interface Curve {
  readonly label: string;
  readonly points: readonly (readonly [number, number])[];
}

/** What a scenario has measured. */
export interface Measurement {
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly figures: readonly Figure[];
  /** More detail for one figure, such as Redis' commands by name. */
  readonly details: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly series?: readonly Series[];
  readonly warnings: readonly string[];
  /** Whatever a reader must never see. Not empty: the run has failed. */
  readonly faults: readonly string[];
  /** Distribution of ms from the moment that a POST was due to each delivery. */
  readonly cdf?: readonly Quantile[];
  /** Share of the readers reached (0 to 1) over ms since the POST was due. */
  readonly reach?: readonly Curve[];
  /** Costs at growing sizes. */
  readonly growth?: readonly GrowthCurve[];
}

/** What something costs at growing sizes. */
export interface GrowthCurve {
  readonly name: string;
  /** The cost, in words. */
  readonly label: string;
  /** What grows. */
  readonly of: string;
  readonly unit: Figure['unit'];
  /** [size, cost], sizes rising. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Result extends Measurement {
  readonly scenario: string;
  readonly at: string;
  readonly machine: Readonly<Record<string, string | number>>;
  /** The command that measures the same again; without keys. */
  readonly command?: string;
}

export function figure(name: string, label: string, value: number | null, unit: Figure['unit'] = ''): Figure {
  return { name, label, value, unit };
}

/** The smallest value that at least `share` of them do not exceed; null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

export function figureValue(result: Pick<Result, 'figures'>, name: string): number | null {
  return result.figures.find((one) => one.name === name)?.value ?? null;
}

/** A result as lines for a terminal. */
export function renderResult(result: Result): string {
  const width = Math.max(...result.figures.map((one) => one.label.length));
  const lines = result.figures.flatMap((one, i) => [
    ...(one.run !== undefined && one.run !== result.figures[i - 1]?.run ? [one.run] : []),
    `  ${one.label.padEnd(width)}  ${renderValue(one)}`,
  ]);
  const details = Object.entries(result.details)
    .filter(([, counts]) => Object.keys(counts).length > 0)
    .map(
      ([name, counts]) =>
        `  ${name}: ${Object.entries(counts)
          .map(([key, value]) => `${key} ${value}`)
          .join(', ')}`,
    );
  return [
    `${result.scenario}: ${Object.entries(result.settings)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
    ...lines,
    ...details,
    ...result.warnings.map((warning) => `  warning: ${warning}`),
    ...(result.faults.length === 0
      ? ['  no gap, no duplicate, nothing lost']
      : result.faults.map((fault) => `  FAULT: ${fault}`)),
  ].join('\n');
}

export function renderValue(one: Pick<Figure, 'value' | 'unit'>): string {
  if (one.value === null) return 'not known here';
  const digits = Math.abs(one.value) >= 100 || Number.isInteger(one.value) ? 0 : Math.abs(one.value) >= 10 ? 1 : 2;
  const text = one.value.toLocaleString('en', { maximumFractionDigits: digits });
  return one.unit === '' ? text : `${text} ${one.unit}`;
}
