import type { ProcessReport, RollCall } from './delivery-report.ts';

/** A process that has not called for this long does not count as running. */
const presentMs = 3_500;
/** Within this, every running process has called. */
const callsWithinMs = 1_200;
/** For this long, a silent process may still have readers. */
export const rememberedMs = 600_000;

/** The newest call of a process, without its deliveries. */
export type Caller = Omit<ProcessReport, 'deliveries' | 'painted' | 'leaving'>;

/** A process that calls, or fell silent without a goodbye. */
export interface Heard extends Caller {
  readonly heardAgoMs: number;
}

/** The processes that called on the roll call lately. */
export class Roll {
  readonly #now: () => number;
  readonly #since: number;
  /** Hears no more calls. */
  readonly stop: () => void;
  #isWhole: boolean;
  /** Readers of the running processes by edition, and what each of these added to it. In the order of their newest calls. */
  readonly #readers = new Map<string, number>();
  readonly #counted = new Map<string, { readonly readers: Caller['readers']; readonly at: number }>();
  /** In the order of their newest calls. */
  readonly #heard = new Map<string, { readonly caller: Caller; readonly at: number }>();

  /** `now` is monotonic, ms. A roll that is not whole waits for `recall`. */
  constructor(rollCall: RollCall, now: () => number = () => performance.now(), isWhole = true) {
    this.#now = now;
    this.#isWhole = isWhole;
    this.#since = now();
    this.stop = rollCall.listen((report) => this.#hear(report));
  }

  /** The running processes: they called in the last seconds and did not say goodbye. */
  present(): readonly Caller[] {
    const since = this.#now() - presentMs;
    return [...this.#heard.values()].flatMap(({ caller, at }) => (at >= since ? [caller] : []));
  }

  /** Connected readers by edition, over the running processes. Counted with each call, because a fleet has many times many editions. */
  readers(): Readonly<Record<string, number>> {
    this.#uncountSilent(this.#now());
    return Object.fromEntries(this.#readers);
  }

  /**
   * The processes that may have had readers that many ms ago: heard in the last ten minutes, without a goodbye since. A process
   * that cannot reach Redis is among them, because its readers still show the older text. Null if this process was not listening
   * yet, or does not know yet which processes fell silent before.
   */
  presentAgo(agoMs: number): readonly Heard[] | null {
    if (!this.#isWhole || this.#now() - agoMs - callsWithinMs < this.#since) return null;
    return this.heard();
  }

  /** Every process heard in the last ten minutes, without a goodbye since. */
  heard(): readonly Heard[] {
    const now = this.#now();
    this.#forget(now);
    return [...this.#heard.values()].map(({ caller, at }) => ({ ...caller, heardAgoMs: now - at }));
  }

  /** Adds the processes that others heard before this process listened. */
  recall(before: readonly Heard[]): void {
    this.#isWhole = true;
    const now = this.#now();
    const since = [...this.#heard];
    this.#heard.clear();
    for (const { heardAgoMs, ...caller } of before.toSorted((a, b) => b.heardAgoMs - a.heardAgoMs))
      this.#heard.set(caller.process, { caller, at: now - heardAgoMs });
    for (const [process, heard] of since) {
      this.#heard.delete(process);
      this.#heard.set(process, heard);
    }
  }

  #hear({ process, startedAt, readers, canary, isReady, leaving }: ProcessReport): void {
    const at = this.#now();
    this.#heard.delete(process);
    this.#uncount(process);
    if (!leaving) {
      this.#heard.set(process, { caller: { process, startedAt, readers, canary, isReady }, at });
      this.#counted.set(process, { readers, at });
      for (const [edition, count] of Object.entries(readers)) this.#add(edition, count);
    }
    this.#uncountSilent(at);
    this.#forget(at);
  }

  #uncountSilent(now: number): void {
    for (const [process, { at }] of this.#counted) {
      if (at >= now - presentMs) return;
      this.#uncount(process);
    }
  }

  #uncount(process: string): void {
    for (const [edition, count] of Object.entries(this.#counted.get(process)?.readers ?? {}))
      this.#add(edition, -count);
    this.#counted.delete(process);
    if (this.#counted.size === 0) this.#readers.clear();
  }

  #add(edition: string, change: number): void {
    this.#readers.set(edition, (this.#readers.get(edition) ?? 0) + change);
  }

  #forget(now: number): void {
    for (const [process, { at }] of this.#heard) {
      if (at >= now - rememberedMs) return;
      this.#heard.delete(process);
    }
  }
}
