import { median } from './comparison.ts';
import type { Figure } from './figure.ts';
import type { Part, Report } from './report.ts';

/** A figure over the rounds of one report. */
export interface Figured extends Omit<Figure, 'value'> {
  /** Median; null where no round has it. */
  readonly value: number | null;
  /** What the rounds gave. */
  readonly values: readonly number[];
}

/** A figure beside what it was in an earlier report. */
export interface Change {
  readonly part: string;
  readonly figure: Figured;
  readonly before: number;
  /** As a share of what it was: 0.1 is a tenth more. */
  readonly change: number;
  /** A change of no more than this share says nothing. */
  readonly noise: number;
  readonly verdict: 'worse' | 'better' | 'as before' | 'not judged';
}

/** The figures of a part, in the order of its last run. */
export function figuresOf({ runs }: Pick<Part, 'runs'>): readonly Figured[] {
  return (runs.at(-1)?.figures ?? []).map((figure) => {
    const values = runs.flatMap((run) => run.figures.find((one) => isSame(one, figure))?.value ?? []);
    return { ...figure, value: median(values), values };
  });
}

/** Every figure that both have; parts that were measured otherwise, with other readers for example, are left out. */
export function changesOf(now: Report, before: Report): readonly Change[] {
  return now.parts.flatMap((part) => {
    const earlier = before.parts.find((one) => one.name === part.name);
    if (earlier === undefined || !isComparable(part, earlier)) return [];
    const known = figuresOf(earlier);
    return figuresOf(part).flatMap((figure) => {
      const old = known.find((one) => isSame(one, figure));
      return old === undefined ? [] : (changeOf(part.name, figure, old) ?? []);
    });
  });
}

/** "+12 %"; of nothing there is no share. */
export function shareWords(change: number): string {
  if (!Number.isFinite(change)) return 'none before';
  return `${change > 0 ? '+' : ''}${(change * 100).toFixed(Math.abs(change) < 0.1 ? 1 : 0)} %`;
}

/** Whether both were measured with the same settings. */
export function isComparable(a: Pick<Part, 'runs'>, b: Pick<Part, 'runs'>): boolean {
  const settings = (part: Pick<Part, 'runs'>) =>
    JSON.stringify(Object.entries(part.runs.at(-1)?.settings ?? {}).toSorted());
  return a.runs.length > 0 && b.runs.length > 0 && settings(a) === settings(b);
}

function changeOf(part: string, figure: Figured, old: Figured): Change | null {
  if (figure.value === null || old.value === null) return null;
  const change = old.value === 0 ? (figure.value === 0 ? 0 : Number.POSITIVE_INFINITY) : figure.value / old.value - 1;
  const noise = Math.max(leastNoise(figure), noiseOf(figure), noiseOf(old));
  return { part, figure, before: old.value, change, noise, verdict: judge(figure, old.value, change, noise) };
}

function judge(figure: Figured, before: number, change: number, noise: number): Change['verdict'] {
  const better = betterWhen(figure);
  // A share of less than nothing says nothing.
  if (better === null || before < 0 || (figure.value ?? 0) < 0) return 'not judged';
  const isTiny = Math.abs((figure.value ?? 0) - before) < smallest(figure);
  if (isTiny || Math.abs(change) <= noise) return 'as before';
  return change > 0 === (better === 'more') ? 'better' : 'worse';
}

/** How far the rounds of one report lie apart, as a share of their median. Of a single round that is a guess by its kind. */
function noiseOf({ values, value, ...figure }: Figured): number {
  if (values.length < 2 || value === null || value === 0) return singleNoise(figure);
  return (Math.max(...values) - Math.min(...values)) / value;
}

function singleNoise(figure: Pick<Figure, 'name' | 'unit'>): number {
  if (isCounted(figure)) return 0;
  if (/max|longest|p99/.test(figure.name)) return 1;
  return figure.unit === 'ms' || figure.unit === 's' ? 0.4 : 0.2;
}

/** Even rounds that agree are not better than that. */
function leastNoise(figure: Pick<Figure, 'name' | 'unit'>): number {
  return isCounted(figure) ? 0 : 0.05;
}

/** What a reader must never see: one is one too many. */
function isCounted({ name }: Pick<Figure, 'name'>): boolean {
  return /^(gaps|duplicates|lost)$/.test(name);
}

/** Below that nobody notices. */
function smallest({ unit }: Pick<Figure, 'unit'>): number {
  return { ms: 1, s: 0.05, us: 0.2, MB: 1, kB: 0.2, cores: 0.02, bytes: 1, 'per second': 1, '': 1 }[unit];
}

function betterWhen({ name, unit }: Pick<Figure, 'name' | 'unit'>): 'less' | 'more' | null {
  if (/attack|control|slope|per_minute|window|early/.test(name)) return null;
  if (name.startsWith('redis')) return 'less';
  if (unit === 'per second') return /^(post|json|feed)/.test(name) ? 'more' : null;
  if (unit === '')
    return isCounted({ name }) || /skipped|refused/.test(name) ? 'less' : name === 'held' ? 'more' : null;
  return 'less';
}

function isSame(a: Pick<Figure, 'name' | 'run'>, b: Pick<Figure, 'name' | 'run'>): boolean {
  return a.name === b.name && a.run === b.run;
}
