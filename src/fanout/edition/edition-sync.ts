import type { Logger } from 'pino';
import type { Entry, Head, LogReader } from '../../log/entries/entry.ts';
import { isRewritten } from '../../log/entries/rewritten.ts';
import type { Counters } from '../scheduling/counters.ts';
import type { Edition, HeadReads } from './edition.ts';
import { type Home, Replica, type ReplicaLimits } from './replica.ts';

export interface EditionSyncDeps {
  readonly home: Home;
  readonly log: LogReader;
  readonly limits: ReplicaLimits;
  readonly counters: Counters;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Called after every change of what readers can be told. */
  onChange(edition: Edition): void;
  /** Called after every read of the log's head that found the replica there. */
  onHeadRead(edition: Edition): void;
}

const bufferedEntries = 4_096;
const failedHeadsBeforeStale = 2;
const passesARepair = 8;

/**
 * Keeps one edition's replica current: follows entries, and repairs what is missing by reading the log. The follower is
 * subscribed before anything is read and what it brings during a read is merged after it, so nothing falls between.
 * There is never more than one repair at a time. Without the log it goes on serving what it has, marked stale.
 */
export class EditionSync implements Edition {
  readonly id: string;
  readonly #deps: EditionSyncDeps;
  #replica: Replica | null = null;
  #generation = 0;
  #revision = 0;
  #isStale = false;
  #isFollowing = false;
  #buffer: Entry[] = [];
  #repair: Promise<void> | null = null;
  /** What the next pass of the repair has to do. */
  #need: 'nothing' | 'range' | 'load' = 'load';
  #failedHeads = 0;
  #headReads: HeadReads = { begun: 0, confirmed: 0 };
  /** The log is not what the replica holds, and has not taken a new epoch yet. */
  #isSuspect = false;
  #headReading: Promise<void> | null = null;
  #announceLoaded: () => void = () => undefined;
  readonly #loaded = new Promise<void>((resolve) => {
    this.#announceLoaded = resolve;
  });

  constructor(deps: EditionSyncDeps) {
    this.id = deps.home.id;
    this.#deps = deps;
  }

  /** Resolves when there is something to serve. */
  get whenLoaded(): Promise<void> {
    return this.#loaded;
  }

  get replica(): Replica | null {
    return this.#replica;
  }

  get generation(): number {
    return this.#generation;
  }

  get revision(): number {
    return this.#revision;
  }

  get headReads(): HeadReads {
    return this.#headReads;
  }

  get isStale(): boolean {
    return this.#isStale;
  }

  onEntry(entry: Entry): void {
    if (this.#repair || !this.#replica) {
      this.#keep(entry);
      return;
    }
    const outcome = this.#replica.apply(entry);
    if (outcome === 'duplicate') return;
    if (outcome === 'applied') {
      this.#changed();
      if (this.#replica.isThin) void this.#start('load');
      return;
    }
    this.#keep(entry);
    // A range reads the last entry again, which decides whether it is of the same history.
    void this.#start(outcome === 'epoch' ? 'load' : 'range');
  }

  /** Subscribed (again): whatever was published before may be missing. Resolves when the repair has ended, well or not. */
  onReady(): Promise<void> {
    this.#isFollowing = true;
    return this.#start('range');
  }

  onLost(): void {
    this.#isFollowing = false;
    this.#setStale(true);
  }

  /** Compares with the log's head; called once a second. Rejects never. */
  async checkHead(): Promise<void> {
    if (this.#headReading !== null || this.#repair !== null) return;
    if (!this.#replica || this.#need !== 'nothing') {
      if (this.#isFollowing) await this.#start('range');
      return;
    }
    this.#headReading = this.#compareHead(this.#replica).finally(() => {
      this.#headReading = null;
    });
    await this.#headReading;
  }

  /** Compares anew, whatever was under way, and says `stale` when that could not be done. */
  async checkHeadAgain(): Promise<void> {
    while (this.#repair ?? this.#headReading) await (this.#repair ?? this.#headReading);
    const failed = this.#failedHeads;
    await this.checkHead();
    if (this.#failedHeads > failed) this.#setStale(true);
  }

  async #compareHead(known: Replica): Promise<void> {
    const at = headOf(known);
    const begun = this.#headReads.begun + 1;
    this.#headReads = { ...this.#headReads, begun };
    try {
      const head = await this.#deps.log.head(this.id);
      this.#failedHeads = 0;
      if (this.#replica !== known) return;
      if (head.epoch !== known.epoch) await this.#start('load');
      else if (head.seq < at.seq || (head.seq === at.seq && head.hash !== at.hash)) await this.#start('range');
      else if (this.#isSuspect) await this.#suspect(known);
      else if (head.seq > known.head) await this.#start('range');
      else {
        if (this.#isFollowing) this.#setStale(false);
        this.#headReads = { ...this.#headReads, confirmed: begun };
        this.#deps.onHeadRead(this);
      }
    } catch (error) {
      this.#failed(error, 'head not read');
    }
  }

  #start(need: 'range' | 'load'): Promise<void> {
    this.#ask(need);
    this.#repair ??= this.#run().finally(() => {
      this.#repair = null;
    });
    return this.#repair;
  }

  async #run(): Promise<void> {
    try {
      for (let pass = 0; this.#need !== 'nothing'; pass++) {
        if (pass === passesARepair) throw new Error('the log and its messages do not fit together');
        await this.#pass();
      }
      this.#failedHeads = 0;
      if (this.#isFollowing && !this.#isSuspect) this.#setStale(false);
    } catch (error) {
      this.#failed(error, 'edition not repaired');
    }
  }

  /** What is asked for while it reads is for the next pass; what it could not do is still to be done. */
  async #pass(): Promise<void> {
    const need = this.#need;
    this.#need = 'nothing';
    try {
      if (need === 'load' || !this.#replica) await this.#load();
      else await this.#range(this.#replica);
    } catch (error) {
      this.#ask(need);
      throw error;
    }
  }

  #ask(need: 'nothing' | 'range' | 'load'): void {
    if (this.#need !== 'load') this.#need = need;
  }

  async #load(): Promise<void> {
    const { counters, home, limits, log, logger } = this.#deps;
    counters.reloads++;
    const state = await log.load(this.id, limits);
    // Nobody could come back with a position in it; a worker gives it one within a second.
    if (state.head.epoch === '') throw new Error('this edition has no epoch yet: no worker has run');
    const before = this.#replica;
    const again = state.entries.find(({ seq }) => seq === before?.head)?.hash;
    if (before && isRewritten(headOf(before), state.head, again)) return this.#suspect(before);
    this.#replica = new Replica(home, state, limits);
    this.#isSuspect = false;
    if (before && before.epoch !== state.head.epoch) {
      logger.error({ edition: this.id, from: before.epoch, to: state.head.epoch, seq: state.head.seq }, 'log replaced');
      this.#generation++;
    }
    this.#merge(this.#replica);
    this.#announceLoaded();
    this.#changed();
  }

  async #range(replica: Replica): Promise<void> {
    const { counters, log } = this.#deps;
    counters.repairs++;
    const entries = await log.range(this.id, headOf(replica));
    if (entries === 'rewritten') return this.#suspect(replica);
    const isWhole = entries?.every((entry) => ['applied', 'duplicate'].includes(replica.apply(entry)));
    if (!isWhole) this.#need = 'load';
    else this.#merge(replica);
    this.#changed();
  }

  /** Goes on showing what it has, as stale, until the log has taken a new epoch: two histories must not share one. */
  async #suspect({ epoch, head: seq }: Replica): Promise<void> {
    const { counters, log, logger } = this.#deps;
    this.#buffer = [];
    this.#setStale(true);
    if (!this.#isSuspect) {
      this.#isSuspect = true;
      counters.suspected++;
      logger.error({ edition: this.id, epoch, seq }, 'history rewritten: what was read is not in the log any more');
    }
    await log.suspect(this.id, epoch);
  }

  /** What the follower brought during a read. Entries of another epoch are left out: the head tells which one counts. */
  #merge(replica: Replica): void {
    const entries = this.#buffer;
    this.#buffer = [];
    for (const [index, entry] of entries.entries()) {
      if (replica.apply(entry) !== 'gap') continue;
      this.#buffer = entries.slice(index);
      this.#need = 'range';
      return;
    }
  }

  #keep(entry: Entry): void {
    this.#buffer.push(entry);
    // What is let go here is a gap later, and read from the log.
    if (this.#buffer.length > bufferedEntries) this.#buffer.shift();
  }

  #failed(error: unknown, message: string): void {
    this.#failedHeads++;
    const { logger } = this.#deps;
    if (this.#failedHeads === failedHeadsBeforeStale) logger.warn({ edition: this.id, err: error }, message);
    if (this.#failedHeads >= failedHeadsBeforeStale || this.#need !== 'nothing') this.#setStale(true);
  }

  #setStale(isStale: boolean): void {
    if (isStale === this.#isStale) return;
    this.#isStale = isStale;
    this.#deps.logger.info({ edition: this.id, isStale }, 'staleness changed');
    this.#changed();
  }

  #changed(): void {
    this.#revision++;
    this.#deps.onChange(this);
  }
}

function headOf(replica: Replica): Head {
  const { epoch, head: seq } = replica;
  return { epoch, seq, hash: replica.hashAt(seq) };
}
