import { isDeepStrictEqual } from 'node:util';
import { canaryEdition } from '../item/canary.ts';
import { editionKeys } from '../log/redis/redis-keys.ts';
import type { RedisConnection } from '../log/redis/shards.ts';
import {
  type DeliveryReport,
  type PaintedReport,
  type ProcessReport,
  parseDelivery,
  type RollCall,
} from '../log/rollcall/delivery-report.ts';
import type { Roll } from '../log/rollcall/roll.ts';
import {
  type Painted,
  type Proof,
  paintedOf,
  processOf,
  progressOf,
  proofOf,
  type Reported,
  type SilentProcess,
} from './proof.ts';

export interface ItemDelivery {
  /** Newest first. Empty: no process has reported this item, which proves nothing. */
  readonly proofs: readonly Proof[];
  readonly estimate: { readonly note: string; readonly painted: readonly Painted[] };
}

/** The readers and processes of this moment. */
export interface Audience {
  /** Connected readers, by edition. */
  readonly readers: Readonly<Record<string, number>>;
  readonly processes: readonly {
    readonly process: string;
    readonly isReady: boolean;
    /** ms since the last canary arrived; null: none yet. */
    readonly provenAgoMs: number | null;
  }[];
  /** ms within which every process has received a canary. Null: at least one process has not received any. */
  readonly provenAgoMs: number | null;
}

export interface DeliveriesDeps {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly rollCall: RollCall;
  readonly roll: Roll;
  /** The clock of the Redis that has this edition, ms. */
  readonly now: (edition: string) => number;
  /** Whether another api process saves what all have heard. Default: none does. */
  readonly isSaved?: () => boolean;
}

interface Unsaved {
  readonly key: string;
  readonly field: string;
  readonly text: string;
  /** Monotonic, ms. */
  readonly heardAt: number;
}

const itemsKept = 2_000;
const saveAfterMs = 1_000;
const tellAfterMs = 100;
const keptSeconds = 30 * 86_400;
/** For this long, an api keeps what another one saves, so that it can save it when that one is gone. */
const heldMs = 30_000;

const estimateNote = 'A sample that browsers report. It cannot be verified and proves nothing.';

/** Keeps the reports of fan-out processes: in memory at once, in Redis a second later, so that they outlive this process. */
export class Deliveries {
  readonly #deps: DeliveriesDeps;
  /** By item, then by `<seq> <process>`. */
  readonly #reports = new Map<string, Map<string, DeliveryReport>>();
  readonly #painted = new Map<string, Map<string, PaintedReport>>();
  /** By edition, then by key and field. */
  readonly #unsaved = new Map<string, Map<string, Unsaved>>();
  /** By item, its edition: items whose newest entry is not proven yet. */
  readonly #undecided = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  /** By item, its edition: items of which hearers are told a moment later. Null: the next one is told at once. */
  #untold: Map<string, string> | null = null;
  readonly #hearers: ((edition: string, itemId: string) => void)[] = [];

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
    deps.rollCall.listen((report) => this.#hear(report));
  }

  /** Calls back when `newest` of an item may have changed. */
  onProof(hear: (edition: string, itemId: string) => void): void {
    this.#hearers.push(hear);
  }

  /** All proofs of an item, including those that an earlier process saved. Rejects while Redis is unreachable. */
  async of(edition: string, itemId: string): Promise<ItemDelivery> {
    const reports = new Map<string, DeliveryReport>();
    const kept = await this.#deps.redis.hgetall(this.#key(edition, itemId));
    for (const [field, text] of Object.entries(kept)) {
      const report = parseDelivery(text);
      if (report) reports.set(field, report);
    }
    for (const [field, report] of this.#reports.get(itemId) ?? [])
      if (isNewer(report, reports.get(field))) reports.set(field, report);
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
    const newest = reports.reduce((seq, [, report]) => Math.max(seq, report.seq), -1);
    const last = reports.filter(([, report]) => report.seq === newest);
    return last.length === 0 ? null : this.#proof(last, false);
  }

  audience(): Audience {
    const present = this.#deps.roll.present();
    const processes = present.map((report) => ({
      process: report.process,
      isReady: report.isReady,
      provenAgoMs: report.canary && Math.max(0, Math.round(this.#deps.now(canaryEdition.id) - report.canary.at)),
    }));
    const ages = processes.map(({ provenAgoMs }) => provenAgoMs ?? Number.POSITIVE_INFINITY);
    const oldest = ages.reduce((most, age) => Math.max(most, age), Number.NEGATIVE_INFINITY);
    return { readers: this.#deps.roll.readers(), processes, provenAgoMs: Number.isFinite(oldest) ? oldest : null };
  }

  /** Saves the reports that are not saved yet. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#save();
  }

  #hear(report: ProcessReport): void {
    for (const delivery of report.deliveries) {
      const { edition, itemId, seq } = delivery;
      const field = `${seq} ${report.process}`;
      // A process repeats every report ten times; this one is saved already or about to be.
      if (isDeepStrictEqual(this.#reports.get(itemId)?.get(field), delivery)) continue;
      remember(this.#reports, itemId, field, delivery);
      this.#keep(edition, itemId, field, JSON.stringify(delivery));
      this.#undecided.set(itemId, edition);
      this.#tell(edition, itemId);
    }
    for (const painted of report.painted)
      remember(this.#painted, painted.itemId, `${painted.version} ${report.process}`, painted);
    if (this.#unsaved.size + this.#undecided.size > 0)
      this.#timer ??= setTimeout(() => void this.#save(), saveAfterMs).unref();
  }

  #keep(edition: string, itemId: string, field: string, text: string): void {
    const key = this.#key(edition, itemId);
    const unsaved = this.#unsaved.get(edition) ?? new Map<string, Unsaved>();
    this.#unsaved.set(edition, unsaved.set(`${key} ${field}`, { key, field, text, heardAt: performance.now() }));
  }

  /** Reports that cannot be saved now are saved next time. One pipeline per edition: in a cluster the editions are on different nodes. */
  async #save(): Promise<void> {
    this.#timer = undefined;
    this.#decide();
    if (this.#deps.isSaved?.()) return this.#hold();
    await Promise.all([...this.#unsaved].map(([edition, unsaved]) => this.#saveEdition(edition, unsaved)));
  }

  /** Another process is saving. */
  #hold(): void {
    const since = performance.now() - heldMs;
    for (const [edition, unsaved] of this.#unsaved) {
      for (const [place, { heardAt }] of unsaved) if (heardAt < since) unsaved.delete(place);
      if (unsaved.size === 0) this.#unsaved.delete(edition);
    }
  }

  /** An entry can become proven without a report: when the last silent process says goodbye. */
  #decide(): void {
    for (const itemId of this.#undecided.keys()) {
      if (this.#undecided.size <= itemsKept) break;
      this.#undecided.delete(itemId);
    }
    for (const [itemId, edition] of this.#undecided) {
      const proof = this.newest(itemId);
      this.#tell(edition, itemId);
      if (proof?.state === 'partial') continue;
      this.#undecided.delete(itemId);
      if (proof) this.#keep(edition, itemId, verdictOf(proof.seq), proof.at);
    }
  }

  /** A proof is a sum over all processes. So it is told a few times a second, not for each report of each process. */
  #tell(edition: string, itemId: string): void {
    if (this.#untold) this.#untold.set(itemId, edition);
    else this.#tellAll(new Map([[itemId, edition]]));
  }

  #tellAll(changed: ReadonlyMap<string, string>): void {
    for (const [itemId, edition] of changed) for (const hear of this.#hearers) hear(edition, itemId);
    const untold = new Map<string, string>();
    this.#untold = untold;
    setTimeout(() => {
      this.#untold = null;
      if (untold.size > 0) this.#tellAll(untold);
    }, tellAfterMs).unref();
  }

  async #saveEdition(edition: string, unsaved: Map<string, Unsaved>): Promise<void> {
    const batch = [...unsaved];
    const texts = new Map<string, Map<string, string>>();
    for (const [, { key, field, text }] of batch) texts.set(key, (texts.get(key) ?? new Map()).set(field, text));
    const pipeline = this.#deps.redis.pipeline();
    // One command for the reports of all processes, so that the commands do not grow with the fleet.
    for (const [key, fields] of texts) pipeline.hset(key, fields).expire(key, keptSeconds);
    const replies = await pipeline.exec().catch(() => null);
    if (!replies || replies.some(([error]) => error)) return;
    for (const [place, saved] of batch) if (unsaved.get(place) === saved) unsaved.delete(place);
    if (unsaved.size === 0) this.#unsaved.delete(edition);
  }

  /** `wasProven`: a process that listened at the time found the entry proven. */
  #proof(reports: readonly Reported[], wasProven: boolean): Proof {
    const [first] = reports;
    if (!first) throw new Error('a proof needs a report');
    const silent = this.#silent(first[1], new Set(reports.map(([field]) => processOf(field))));
    return proofOf(reports, silent, wasProven);
  }

  /**
   * The processes that have to report and have not. Each process that may have had readers at the append has to report, even if it
   * has ended or cannot reach Redis. A process that started later has the entry from its first load. Null: this process was not
   * listening at the append.
   */
  #silent({ edition, at }: DeliveryReport, heard: ReadonlySet<string>): readonly SilentProcess[] | null {
    const now = this.#deps.now(edition);
    const wereThere = this.#deps.roll.presentAgo(Math.max(0, now - at));
    const silent = wereThere?.filter(({ process, startedAt }) => startedAt < at && !heard.has(process));
    return (
      silent?.map(({ process, readers, heardAgoMs }) => ({
        process,
        readers: readers[edition] ?? 0,
        lastHeardAt: new Date(now - heardAgoMs).toISOString(),
      })) ?? null
    );
  }

  #key(edition: string, itemId: string): string {
    return editionKeys(this.#deps.prefix, edition).delivery(itemId);
  }
}

/** Whether a report replaces the stored one, which may belong to an entry of another epoch with the same seq. */
function isNewer(report: DeliveryReport, stored: DeliveryReport | undefined): boolean {
  if (!stored || report.at > stored.at) return true;
  return report.at === stored.at && progressOf(report) >= progressOf(stored);
}

/** The field that records that an entry was proven. */
function verdictOf(seq: number): string {
  return `proven ${seq}`;
}

/** Drops the item whose newest report is the oldest. */
function remember<Report>(all: Map<string, Map<string, Report>>, item: string, field: string, report: Report): void {
  const reports = all.get(item) ?? new Map<string, Report>();
  reports.set(field, report);
  all.delete(item);
  all.set(item, reports);
  const [oldest] = all.keys();
  if (all.size > itemsKept && oldest !== undefined) all.delete(oldest);
}
