import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../peers/program.ts';
import { nginxProgram } from '../target/nginx.ts';

/** A scenario as a report runs it. */
export interface PlannedPart {
  /** Unique in a report. */
  readonly name: string;
  readonly scenario: string;
  readonly argv: readonly string[];
  /** A guess for a machine of two cores. */
  readonly seconds: number;
  /** Why it cannot run here, or is not part of such a report; null when it is. */
  readonly leftOut: string | null;
}

/** What a plan depends on. */
export interface PlanOptions {
  readonly isShort: boolean;
  /** A built folder of another version, for `rolling`; empty: there is none. */
  readonly rollingFrom: string;
}

interface Row {
  readonly scenario: string;
  readonly name?: string;
  readonly full: Size;
  /** Within three minutes with all the others; null: it says nothing in so short a time. */
  readonly short: Size | null;
  missing?(): string | null;
}

interface Size {
  readonly argv: string;
  readonly seconds: number;
}

const browser = () => (existsSync('/usr/bin/chromium') ? null : 'needs /usr/bin/chromium');
const compiler = () => (findProgram('cc') === null ? 'needs a C compiler (cc)' : null);
const nginx = () => (existsSync(nginxProgram) ? null : 'needs nginx');

/** The most telling first: what no time is left for stands at the end. */
const rows: readonly Row[] = [
  {
    scenario: 'fan-out',
    full: { argv: '', seconds: 28 },
    short: { argv: '--readers 2000 --items 12', seconds: 14 },
  },
  {
    scenario: 'burst',
    full: { argv: '', seconds: 22 },
    short: { argv: '--readers 2000', seconds: 10 },
  },
  {
    scenario: 'one-machine',
    full: { argv: '', seconds: 30 },
    short: { argv: '--readers 1000 --items 20 --warm-up 50', seconds: 14 },
  },
  {
    scenario: 'storm',
    full: { argv: '', seconds: 40 },
    short: { argv: '--readers 1000 --items 6', seconds: 20 },
  },
  {
    scenario: 'idle',
    full: { argv: '', seconds: 32 },
    short: { argv: '--readers 2000 --seconds 2', seconds: 12 },
  },
  {
    scenario: 'api',
    full: { argv: '', seconds: 90 },
    short: { argv: '--seconds 2 --items 20 --readers 0', seconds: 20 },
  },
  {
    scenario: 'desk',
    full: { argv: '', seconds: 60 },
    short: { argv: '--readers 500 --items 3', seconds: 18 },
    missing: browser,
  },
  {
    scenario: 'painted',
    full: { argv: '', seconds: 170 },
    short: { argv: '--readers 500 --items 12 --changes 1', seconds: 20 },
    missing: browser,
  },
  {
    scenario: 'ladder',
    full: { argv: '', seconds: 240 },
    short: { argv: '--start 500 --step 500 --max-readers 1000 --items 6', seconds: 16 },
  },
  {
    scenario: 'soak',
    full: { argv: '', seconds: 620 },
    short: { argv: '--readers 500 --minutes 0.2 --sample-seconds 1', seconds: 20 },
  },
  { scenario: 'joins', full: { argv: '', seconds: 60 }, short: null },
  { scenario: 'storm-flash', full: { argv: '', seconds: 60 }, short: null },
  { scenario: 'tasks', full: { argv: '', seconds: 120 }, short: null, missing: browser },
  { scenario: 'slow-readers', full: { argv: '', seconds: 180 }, short: null, missing: compiler },
  {
    scenario: 'flood',
    name: 'flood of silence',
    full: { argv: '--mode silence', seconds: 60 },
    short: null,
  },
  {
    scenario: 'flood',
    name: 'flood of requests',
    full: { argv: '--seconds 60', seconds: 700 },
    short: null,
    missing: nginx,
  },
];

/**
 * The parts of a report, in the order in which they run; `scenarios` are all that there are. One that has no row here runs as it is,
 * and only in a full report.
 */
export function planReport(scenarios: readonly string[], options: PlanOptions): readonly PlannedPart[] {
  const known = new Set(rows.map((row) => row.scenario));
  const others = scenarios
    .filter((name) => !known.has(name))
    .map((scenario): Row => ({ scenario, full: { argv: '', seconds: 120 }, short: null }));
  return [...rows, ...others].map((row) => planned(row.scenario === 'rolling' ? rollingRow(options) : row, options));
}

function rollingRow({ rollingFrom }: PlanOptions): Row {
  return {
    scenario: 'rolling',
    full: { argv: `--from ${rollingFrom}`, seconds: 300 },
    short: null,
    missing: () => {
      if (rollingFrom === '') return 'needs --rolling-from <the built folder of another version>';
      return existsSync(join(rollingFrom, 'dist/src/main.js')) ? nginx() : `${rollingFrom} has no dist/src/main.js`;
    },
  };
}

function planned({ scenario, name = scenario, full, short, missing }: Row, { isShort }: PlanOptions): PlannedPart {
  const size = isShort ? short : full;
  return {
    name,
    scenario,
    argv: (size ?? full).argv.split(' ').filter(Boolean),
    seconds: (size ?? full).seconds,
    leftOut: size === null ? 'not with --short' : (missing?.() ?? null),
  };
}
