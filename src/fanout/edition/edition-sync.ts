import type { Logger } from 'pino';
import type { Entry, Head } from '../../log/entries/entry.ts';
import type { LogReader } from '../../log/entries/log-reader.ts';
import { isRewritten } from '../../log/entries/rewritten.ts';
import type { Counters } from '../scheduling/counters.ts';
import type { Edition, HeadReads } from './edition.ts';
import { EditionLoads, type LoadTurns } from './load-turns.ts';
import { type Home, Replica, type ReplicaLimits } from './replica.ts';

export interface EditionSyncDeps {
  readonly home: Home;
  readonly log: LogReader;
  readonly limits: ReplicaLimits;
  readonly turns: LoadTurns;
  readonly counters: Counters;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Called after every change that readers can see. */
  onChange(edition: Edition): void;
  /** Called after every read of the log's head that found the replica at the head. */
  onHeadRead(edition: Edition): void;
}

const bufferedEntries = 4_096;
const failedHeadsBeforeStale = 2;
const passesPerRepair = 8;

/**
 * Keeps the replica of one edition current. It follows entries and closes gaps by reading the log. The follower subscribes
 * before the first read, and entries that arrive during a read are merged afterwards, so that none is missed. At most one
 * repair runs at a time. While the log is unreachable, the edition keeps its replica and is marked stale.
 */
export class EditionSync implements Edition {
  readonly id: string;
  readonly #deps: EditionSyncDeps;
  #replica: Replica | null = null;
  #epochChanges = 0;
  #revision = 0;
  #isStale = false;
  #isFollowing = false;
  #buffer: Entry[] = [];
  #repair: Promise<void> | null = null;
  /** The task of the repair's next pass. */
  #need: 'nothing' | 'range' | 'load' = 'load';
  #failedHeads = 0;
  readonly #loads: EditionLoads;
  #headReads: HeadReads = { begun: 0, confirmed: 0 };
  /** The log no longer contains what the replica holds, and has no new epoch yet. */
  #isSuspect = false;
  #headReading: Promise<void> | null = null;
  #announceLoaded: () => void = () => undefined;
  readonly #loaded = new Promise<void>((resolve) => {
    this.#announceLoaded = resolve;
  });

  constructor(deps: EditionSyncDeps) {
    this.id = deps.home.id;
    this.#deps = deps;
    this.#loads = new EditionLoads(deps.turns);
  }

  /** Resolves when the first replica has loaded. */
  get whenLoaded(): Promise<void> {
    return this.#loaded;
  }

  get replica(): Replica | null {
    return this.#replica;
  }

  get epochChanges(): number {
    return this.#epochChanges;
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
      this.#addToBuffer(entry);
      return;
    }
    const outcome = this.#replica.apply(entry);
    if (outcome === 'duplicate') return;
    if (outcome === 'applied') {
      this.#changed();
      if (this.#replica.isThin) void this.#fill();
      return;
    }
    this.#addToBuffer(entry);
    // A range read includes our newest entry again, which shows whether the log is still the same history.
    void this.#start(outcome === 'epoch' ? 'load' : 'range');
  }

  /** The follower has subscribed (again), so earlier entries may be missing. Resolves when the repair has ended or failed. */
  onReady(): Promise<void> {
    this.#isFollowing = true;
    this.#loads.tryAtOnce();
    return this.#start('range');
  }

  onLost(): void {
    this.#isFollowing = false;
    this.#setStale(true);
  }

  /** Compares the replica with the log's head. Called once a second. Never rejects. */
  async checkHead(): Promise<void> {
    if (this.#headReading !== null || this.#repair !== null) return;
    if (!this.#replica || this.#need !== 'nothing') {
      if (this.#isFollowing && this.#loads.mayTry()) await this.#start('range');
      return;
    }
    this.#headReading = this.#compareHead(this.#replica).finally(() => {
      this.#headReading = null;
    });
    await this.#headReading;
  }

  /** Waits for a comparison under way, compares again, and marks the edition stale if that fails. */
  async checkHeadAgain(): Promise<void> {
    while (this.#repair ?? this.#headReading) await (this.#repair ?? this.#headReading);
    const failed = this.#failedHeads;
    await this.checkHead();
    if (this.#failedHeads > failed) this.#setStale(true);
  }

  async #compareHead(replica: Replica): Promise<void> {
    const before = headOf(replica);
    const begun = this.#headReads.begun + 1;
    this.#headReads = { ...this.#headReads, begun };
    try {
      const head = await this.#deps.log.head(this.id);
      this.#failedHeads = 0;
      if (this.#replica !== replica) return;
      if (head.epoch !== replica.epoch) await this.#start('load');
      else if (head.seq < before.seq || (head.seq === before.seq && head.hash !== before.hash))
        await this.#start('range');
      else if (this.#isSuspect) await this.#suspect(replica);
      else if (head.seq > replica.head) await this.#start('range');
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
        if (pass === passesPerRepair)
          throw new Error(`the log and its messages still disagree after ${passesPerRepair} passes`);
        await this.#pass();
      }
      this.#failedHeads = 0;
      if (this.#isFollowing && !this.#isSuspect) this.#setStale(false);
    } catch (error) {
      this.#failed(error, 'edition not repaired');
    }
  }

  /** A need that arises during a pass is for the next pass. A pass that fails leaves its need in place. */
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

  /** Brings in older items, in its turn. Entries are applied until then. */
  async #fill(): Promise<void> {
    if (await this.#loads.waitOnce()) await this.#start('load');
  }

  #ask(need: 'nothing' | 'range' | 'load'): void {
    if (this.#need !== 'load') this.#need = need;
  }

  async #load(): Promise<void> {
    const { counters, home, limits, log, logger } = this.#deps;
    counters.reloads++;
    const state = await this.#loads.read(() => log.load(this.id, limits), this.#replica === null);
    // No client could resume in an edition without an epoch. A worker creates one within a second.
    if (state.head.epoch === '') throw new Error('the edition has no epoch yet: no worker has run');
    const before = this.#replica;
    const again = state.entries.find(({ seq }) => seq === before?.head)?.hash;
    if (before && isRewritten(headOf(before), state.head, again)) return this.#suspect(before);
    this.#replica = new Replica(home, state, limits);
    this.#isSuspect = false;
    if (before && before.epoch !== state.head.epoch) {
      logger.error({ edition: this.id, from: before.epoch, to: state.head.epoch, seq: state.head.seq }, 'log replaced');
      this.#epochChanges++;
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

  /** Keeps the replica, marked stale, until the log has a new epoch: two histories must not share one. */
  async #suspect({ epoch, head: seq }: Replica): Promise<void> {
    const { counters, log, logger } = this.#deps;
    this.#buffer = [];
    this.#setStale(true);
    if (!this.#isSuspect) {
      this.#isSuspect = true;
      counters.suspected++;
      logger.error({ edition: this.id, epoch, seq }, 'history rewritten');
    }
    await log.suspect(this.id, epoch);
  }

  /** Applies the entries that arrived during a read. Skips entries of another epoch: the head shows which epoch is current. */
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

  #addToBuffer(entry: Entry): void {
    this.#buffer.push(entry);
    // A dropped entry shows up as a gap, which the next repair reads from the log.
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
