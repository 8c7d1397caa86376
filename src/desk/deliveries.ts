import type { Redis } from 'ioredis';
import { type Buckets, percentileOf, sumOf } from '../item/histogram.ts';
import {
  type DeliveryReport,
  type PaintedReport,
  type ProcessReport,
  parseDelivery,
  type RollCall,
} from '../log/delivery.ts';
import { editionKeys } from '../log/keys.ts';
import type { Roll } from '../log/roll.ts';

/** What has become of one entry, over all fan-out processes. Counts are readers (see `DeliveryReport`). */
export interface Proof {
  readonly version: number;
  readonly seq: number;
  /** new, corrected, refile, attached, released; retracted, withheld, expired, moved. */
  readonly what: string;
  /** RFC 3339: Redis' clock at the append. */
  readonly at: string;
  /** `proven`: every process that was there at the append has reported and nobody waits. `partial`: anything else. */
  readonly state: 'proven' | 'partial';
  readonly targeted: number;
  readonly written: number;
  /** Of those targeted, the busy ones at their turn: caught up since, or still waiting. */
  readonly skipped: number;
  readonly caughtUp: number;
  readonly waiting: number;
  readonly left: number;
  readonly resumed: number;
  /** From append to written, ms; p50 and p99 to about 5 %. Null while nobody has been written to. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  readonly processes: readonly { readonly process: string; readonly targeted: number; readonly waiting: number }[];
  /** Processes that were there at the append and have not reported this entry. */
  readonly silent: readonly string[];
}

/** What browsers have said. Anybody can say it, so it is an estimate and never part of a proof. */
export interface Painted {
  readonly version: number;
  readonly samples: number;
  /** From the frame's arrival in a browser to the paint, ms. */
  readonly delayMs: { readonly p50: number; readonly p99: number };
}

export interface ItemDelivery {
  /** Newest first. Empty: no process has reported this item, which is not a proof of anything. */
  readonly proofs: readonly Proof[];
  readonly estimate: { readonly note: string; readonly painted: readonly Painted[] };
}

/** Who is there now. */
export interface Audience {
  /** Readers connected, by edition. */
  readonly readers: Readonly<Record<string, number>>;
  readonly processes: readonly {
    readonly process: string;
    readonly isReady: boolean;
    /** ms since the last proof by canary; null: none yet. */
    readonly provenAgoMs: number | null;
  }[];
  /** ms since the oldest of the newest proofs: every process has proven delivery since then. Null: at least one has not. */
  readonly provenAgoMs: number | null;
}

export interface DeliveriesDeps {
  readonly redis: Redis;
  readonly prefix: string;
  readonly rollCall: RollCall;
  readonly roll: Roll;
  /** Redis' clock, ms. */
  readonly now: () => number;
}

const itemsKept = 2_000;
const saveAfterMs = 1_000;
const keptSeconds = 30 * 86_400;

const estimateNote = 'A sample that browsers send by themselves; it cannot be checked and proves nothing.';

/** Keeps what fan-out processes report: in memory at once, in Redis a second later, so that it outlives this process. */
export class Deliveries {
  readonly #deps: DeliveriesDeps;
  /** By item, then by `<seq> <process>`. */
  readonly #reports = new Map<string, Map<string, DeliveryReport>>();
  readonly #painted = new Map<string, Map<string, PaintedReport>>();
  readonly #unsaved = new Map<string, DeliveryReport>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
    deps.rollCall.listen((report) => this.#hear(report));
  }

  /** Everything that is known of an item's deliveries; reads what an earlier process has kept. Rejects while Redis is away. */
  async of(edition: string, itemId: string): Promise<ItemDelivery> {
    const reports = new Map<string, DeliveryReport>();
    const kept = await this.#deps.redis.hgetall(this.#key(edition, itemId));
    for (const [field, text] of Object.entries(kept)) {
      const report = parseDelivery(text);
      if (report) reports.set(field, report);
    }
    for (const [field, report] of this.#reports.get(itemId) ?? [])
      if (progressOf(report) >= progressOf(reports.get(field))) reports.set(field, report);
    const seqs = [...new Set([...reports.values()].map((report) => report.seq))].sort((a, b) => b - a);
    return {
      proofs: seqs.map((seq) =>
        this.#proof(
          [...reports].filter(([, report]) => report.seq === seq),
          kept[verdictOf(seq)] !== undefined,
        ),
      ),
      estimate: { note: estimateNote, painted: paintedOf([...(this.#painted.get(itemId)?.values() ?? [])]) },
    };
  }

  /** The newest proof of an item from memory, for lists. */
  newest(itemId: string): Proof | null {
    const reports = [...(this.#reports.get(itemId) ?? [])];
    const newest = Math.max(...reports.map(([, report]) => report.seq));
    return reports.length === 0
      ? null
      : this.#proof(
          reports.filter(([, report]) => report.seq === newest),
          false,
        );
  }

  audience(): Audience {
    const present = this.#deps.roll.present();
    const readers: Record<string, number> = {};
    for (const report of present)
      for (const [edition, count] of Object.entries(report.readers)) readers[edition] = (readers[edition] ?? 0) + count;
    const processes = present.map((report) => ({
      process: report.process,
      isReady: report.isReady,
      provenAgoMs: report.canary && Math.max(0, Math.round(this.#deps.now() - report.canary.at)),
    }));
    const ages = processes.map(({ provenAgoMs }) => provenAgoMs ?? Number.POSITIVE_INFINITY);
    const oldest = Math.max(...ages);
    return { readers, processes, provenAgoMs: Number.isFinite(oldest) ? oldest : null };
  }

  /** Saves what is not saved yet. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#save();
  }

  #hear(report: ProcessReport): void {
    for (const delivery of report.deliveries) {
      const field = `${delivery.seq} ${report.process}`;
      remember(this.#reports, delivery.itemId, field, delivery);
      this.#unsaved.set(`${this.#key(delivery.edition, delivery.itemId)} ${field}`, delivery);
    }
    for (const painted of report.painted)
      remember(this.#painted, painted.itemId, `${painted.version} ${report.process}`, painted);
    if (this.#unsaved.size > 0) this.#timer ??= setTimeout(() => void this.#save(), saveAfterMs).unref();
  }

  /** What cannot be saved now is saved with what comes next. */
  async #save(): Promise<void> {
    this.#timer = undefined;
    const batch = [...this.#unsaved];
    if (batch.length === 0) return;
    const pipeline = this.#deps.redis.pipeline();
    for (const { itemId, edition } of new Map(batch.map(([, report]) => [report.itemId, report])).values()) {
      const proof = this.newest(itemId);
      if (proof?.state === 'proven') pipeline.hset(this.#key(edition, itemId), verdictOf(proof.seq), proof.at);
    }
    for (const [place, report] of batch) {
      const [key = '', ...field] = place.split(' ');
      pipeline.hset(key, field.join(' '), JSON.stringify(report)).expire(key, keptSeconds);
    }
    const replies = await pipeline.exec().catch(() => null);
    if (!replies || replies.some(([error]) => error)) return;
    for (const [place, report] of batch) if (this.#unsaved.get(place) === report) this.#unsaved.delete(place);
  }

  /** `wasProven`: somebody who was listening at the time has found it proven. */
  #proof(reports: readonly (readonly [field: string, report: DeliveryReport])[], wasProven: boolean): Proof {
    const sum = (pick: (report: DeliveryReport) => number) =>
      reports.reduce((total, [, report]) => total + pick(report), 0);
    const all = reports.map(([, report]) => report);
    const [first] = all;
    if (!first) throw new Error('a proof of nothing');
    const heard = reports.map(([field]) => field.slice(field.indexOf(' ') + 1));
    // Silence is never a proof: whoever was there then has to have reported, also one that has gone since. Whoever came
    // after the entry had it from its first snapshot on.
    const ago = Math.max(0, this.#deps.now() - first.at);
    const wereThere = this.#deps.roll.presentAgo(ago);
    const silent = (wereThere ?? [])
      .filter(({ process, startedAt }) => !heard.includes(process) && startedAt < first.at)
      .map(({ process }) => process);
    const isKnown = wereThere !== null || wasProven;
    const waiting = sum(waitingOf);
    return {
      version: first.version,
      seq: first.seq,
      what: first.what,
      at: new Date(first.at).toISOString(),
      state: waiting === 0 && silent.length === 0 && isKnown ? 'proven' : 'partial',
      targeted: sum((report) => report.targeted),
      written: sum((report) => report.written),
      skipped: sum((report) => report.caughtUp) + waiting,
      caughtUp: sum((report) => report.caughtUp),
      waiting,
      left: sum((report) => report.left),
      resumed: sum((report) => report.resumed),
      latencyMs: latencyOf(sumOf(all.map((report) => report.latency)), Math.max(...all.map((report) => report.maxMs))),
      processes: reports.map(([, report], at) => ({
        process: heard[at] ?? '',
        targeted: report.targeted,
        waiting: waitingOf(report),
      })),
      silent,
    };
  }

  #key(edition: string, itemId: string): string {
    return editionKeys(this.#deps.prefix, edition).delivery(itemId);
  }
}

/** How far a report has come: its counts only rise. */
function progressOf(report: DeliveryReport | undefined): number {
  return report ? report.targeted + report.written + report.caughtUp + report.left + report.resumed : -1;
}

/** The field that says that an entry was proven. */
function verdictOf(seq: number): string {
  return `proven ${seq}`;
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

function paintedOf(reports: readonly PaintedReport[]): readonly Painted[] {
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

/** Newest items stay. */
function remember<Report>(all: Map<string, Map<string, Report>>, item: string, field: string, report: Report): void {
  const reports = all.get(item) ?? new Map<string, Report>();
  reports.set(field, report);
  all.delete(item);
  all.set(item, reports);
  const [oldest] = all.keys();
  if (all.size > itemsKept && oldest !== undefined) all.delete(oldest);
}
