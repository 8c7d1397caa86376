/** One direction of a plot. */
export interface Axis {
  readonly title: string;
  readonly ticks: readonly Tick[];
  /** Where a value lies: 0 at the start of the axis, 1 at its end. */
  at(value: number): number;
  /** The value in words, as a table has it. */
  text(value: number): string;
}

export interface Tick {
  /** 0 to 1. */
  readonly at: number;
  readonly text: string;
}

/** From zero to a round number that no value exceeds. */
export function linearAxis(title: string, values: readonly number[]): Axis {
  const most = values.reduce((max, value) => Math.max(max, value), 0);
  const step = niceStep(most < smallest ? 1 : most / wantedTicks);
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  const end = count * step;
  return {
    title,
    ticks: Array.from({ length: count + 1 }, (_, i) => ({ at: i / count, text: tickText(i * step, step) })),
    at: (value) => value / end,
    text: (value) => value.toLocaleString('en', { maximumSignificantDigits: 3 }),
  };
}

/** Every power of ten takes the same room. */
export function logAxis(title: string, values: readonly number[]): Axis {
  const powers = values.filter((value) => value > 0).map(Math.log10);
  const first = Math.floor(Math.min(0, ...powers) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.max(first, ...powers) - 1e-9));
  const at = (value: number) => Math.max(0, (Math.log10(Math.max(value, 10 ** first)) - first) / (last - first));
  const shown = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  return {
    title,
    ticks: shown.map((value) => ({ at: at(value), text: tickText(value, Math.min(1, value)) })),
    at,
    text: (value) => value.toLocaleString('en', { maximumSignificantDigits: 3 }),
  };
}

/** From nothing to all. */
export function shareAxis(title: string): Axis {
  const shares = [0, 0.25, 0.5, 0.75, 1];
  return {
    title,
    ticks: shares.map((share) => ({ at: share, text: percent(share) })),
    at: (value) => value,
    text: percent,
  };
}

/** Every further nine takes the same room: rare deliveries are what a reader remembers. Ends at 99.99 %. */
export function quantileAxis(title: string): Axis {
  const at = (share: number) => Math.min(1, -Math.log10(Math.max(1 - share, 1e-4)) / 4);
  const shares = [0, 0.9, 0.99, 0.999, 0.9999];
  return { title, ticks: shares.map((share) => ({ at: at(share), text: percent(share) })), at, text: percent };
}

/** 1, 2 or 5 times a power of ten, at least as large as asked. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5].find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

const wantedTicks = 5;
/** Nothing that is measured: its powers of ten would leave the range of numbers. */
const smallest = 1e-9;

function tickText(value: number, step: number): string {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
