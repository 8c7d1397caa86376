import { type Buckets, percentileOf, sumOf } from '../item/histogram.ts';
import type { DeliveryReport, PaintedReport } from '../log/rollcall/delivery-report.ts';

/** The delivery of one entry, over all fan-out processes. Counts are readers (see `DeliveryReport`). */
export interface Proof {
  readonly version: number;
  readonly seq: number;
  /** new, corrected, refile, attached, released; retracted, withheld, expired, moved. */
  readonly what: string;
  /** RFC 3339: Redis' clock at the append. */
  readonly at: string;
  /** `proven`: every process that may have had readers at the append has reported, and no reader waits. `partial`: otherwise. */
  readonly state: 'proven' | 'partial';
  readonly targeted: number;
  readonly written: number;
  /** Targeted readers that were busy at their turn: they have caught up since, or still wait. */
  readonly skipped: number;
  readonly caughtUp: number;
  readonly waiting: number;
  readonly left: number;
  readonly resumed: number;
  /** From the append to the write, ms; p50 and p99 to about 5 %. Null before the first write. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  readonly processes: readonly { readonly process: string; readonly targeted: number; readonly waiting: number }[];
  /** Processes that may have had readers at the append and have not reported this entry. Their readers may still show the old text. */
  readonly silent: readonly string[];
  readonly silentProcesses: readonly SilentProcess[];
}

/** A process that has not reported, with the figures of its last roll call. */
export interface SilentProcess {
  readonly process: string;
  /** Its readers in the edition. */
  readonly readers: number;
  /** RFC 3339. */
  readonly lastHeardAt: string;
}

/** Reports of browsers. Any client can send them, so they are an estimate and never part of a proof. */
export interface Painted {
  readonly version: number;
  readonly samples: number;
  /** From the frame's arrival in a browser to the paint, ms. */
  readonly delayMs: { readonly p50: number; readonly p99: number };
}

/** The report of a process on one entry, with its field `<seq> <process>`. */
export type Reported = readonly [field: string, report: DeliveryReport];

export function processOf(field: string): string {
  return field.slice(field.indexOf(' ') + 1);
}

/**
 * Adds up the reports of all processes on one entry. `silent` is null if this api process was not listening at the append, so it
 * does not know which processes had readers. Then only `wasProven` counts: the verdict of an api process that was listening.
 */
export function proofOf(
  reports: readonly Reported[],
  silent: readonly SilentProcess[] | null,
  wasProven: boolean,
): Proof {
  const sum = (pick: (report: DeliveryReport) => number) =>
    reports.reduce((total, [, report]) => total + pick(report), 0);
  const all = reports.map(([, report]) => report);
  const [first] = all;
  if (!first) throw new Error('a proof needs a report');
  const isKnown = silent !== null || wasProven;
  const waiting = sum(waitingOf);
  return {
    version: first.version,
    seq: first.seq,
    what: first.what,
    at: new Date(first.at).toISOString(),
    state: waiting === 0 && !silent?.length && isKnown ? 'proven' : 'partial',
    targeted: sum((report) => report.targeted),
    written: sum((report) => report.written),
    skipped: sum((report) => report.caughtUp) + waiting,
    caughtUp: sum((report) => report.caughtUp),
    waiting,
    left: sum((report) => report.left),
    resumed: sum((report) => report.resumed),
    latencyMs: latencyOf(
      sumOf(all.map((report) => report.latency)),
      all.reduce((most, { maxMs }) => Math.max(most, maxMs), 0),
    ),
    processes: reports.map(([field, report]) => ({
      process: processOf(field),
      targeted: report.targeted,
      waiting: waitingOf(report),
    })),
    silent: silent?.map(({ process }) => process) ?? [],
    silentProcesses: silent ?? [],
  };
}

/** The counts of a report only rise, so the sum says which of two reports is newer. */
export function progressOf(report: DeliveryReport): number {
  return report.targeted + report.written + report.caughtUp + report.left + report.resumed;
}

function waitingOf({ targeted, written, caughtUp, left }: DeliveryReport): number {
  return targeted - written - caughtUp - left;
}

function latencyOf(buckets: Buckets, max: number): Proof['latencyMs'] {
  const p50 = percentileOf(buckets, 0.5);
  const p99 = percentileOf(buckets, 0.99);
  if (p50 === null || p99 === null) return null;
  return { p50: Math.round(Math.min(p50, max)), p99: Math.round(Math.min(p99, max)), max: Math.round(max) };
}

export function paintedOf(reports: readonly PaintedReport[]): readonly Painted[] {
  const versions = [...new Set(reports.map((report) => report.version))].sort((a, b) => b - a);
  return versions.map((version) => {
    const of = reports.filter((report) => report.version === version);
    const delay = sumOf(of.map((report) => report.delay));
    return {
      version,
      samples: of.reduce((total, report) => total + report.samples, 0),
      delayMs: { p50: Math.round(percentileOf(delay, 0.5) ?? 0), p99: Math.round(percentileOf(delay, 0.99) ?? 0) },
    };
  });
}
