import { dirname } from 'node:path';
import { check, type FaultAccount, type Verdict } from './checker/checker.ts';
import { type EventOf, History, readHistory } from './checker/history.ts';
import { ProofWatch } from './checker/proof-watch.ts';
import { type Violation, violationKinds } from './checker/violation.ts';
import type { Fault } from './faults/fault.ts';
import { pause, randomOf } from './fuzz/random.ts';
import { FeedReader, type FeedReaderOptions } from './site/feed-reader.ts';
import { type HealthSeen, HealthWatch } from './site/health-watch.ts';
import { due, readLog } from './site/log-at-rest.ts';
import { endOfNewcomer } from './site/newcomer.ts';
import { headlineForm, Newsdesk } from './site/newsdesk.ts';
import { type Scene, writeLogs } from './site/scene.ts';

export interface RunOptions<Kind extends Scene> {
  readonly seed: number;
  readonly isShort: boolean;
  readonly faults: readonly Fault<Kind>[];
  /** Requests of the desk. */
  readonly perSecond: number;
  /** Where the history goes. The logs of the processes go beside it. */
  readonly file: string;
  /** The project folder of another version, built, to roll to and back; null: there is none. */
  readonly otherFolder: string | null;
  /** Opens the site. */
  open(): Promise<Kind>;
  /** Hears of each fault when it has been lived through. */
  onFault(row: Row): void;
}

export interface Row extends FaultAccount {
  readonly rows: string;
  readonly counts: Readonly<Record<Violation['kind'], number>>;
  /** From the strike until it shows outside: a request refused or unanswered, a reader stale or disconnected. */
  readonly detectMs: number | null;
  /** From the end of the fault until all that was accepted is at every reader and nobody is stale. */
  readonly settleMs: number | null;
  /** The longest time without a new entry at a reader, from the fault until the desk stops. */
  readonly silentMs: number;
  /** From the end of the fault until the next accepted request. */
  readonly firstAcceptedMs: number | null;
  /** How long that may take; null: any time before the run gives up. */
  readonly acceptsWithinMs: number | null;
  /** The bound of `silentMs`; null: none. */
  readonly silentAtMostMs: number | null;
  readonly skipped: string | null;
  /** What the api said that accepted items rest on: before the fault, and each change; empty where nobody asked. */
  readonly health: readonly HealthSeen[];
}

/** Every transport, with a filter and without. A poll with one would be at the head only when its time is up. */
const audience: readonly Pick<FeedReaderOptions, 'transport' | 'section' | 'fields'>[] = [
  { transport: 'websocket', section: null },
  { transport: 'websocket', section: null },
  { transport: 'websocket', section: null, fields: 'full' },
  { transport: 'websocket', section: 'politics', fields: 'full' },
  { transport: 'events', section: null },
  { transport: 'events', section: 'economy', fields: 'full' },
  { transport: 'polls', section: null, fields: 'full' },
  { transport: 'polls', section: null },
];

const settleBoundMs = 45_000;

/** One site, one history, one fault after the other; the verdict is made from the history's file. */
export async function torture<Kind extends Scene>(
  options: RunOptions<Kind>,
): Promise<{ readonly verdict: Verdict; readonly rows: readonly Row[] }> {
  const random = randomOf(options.seed);
  const history = new History(options.file);
  await using site = await options.open();
  const readers = audience.map(
    ({ transport, section, fields }, at) =>
      new FeedReader({
        name: `reader-${at + 1} (${transport}${section === null ? '' : `, ${section}`})`,
        transport,
        section,
        ...(fields && { fields }),
        history,
        random,
        first: at,
        silenceMs: site.readerSilenceMs,
        entrances: () => site.entrances,
      }),
  );
  const isSeen = (id: string, version: number) =>
    readers.every((reader) => reader.section !== null || reader.hasSeen(id, version));
  const desk = new Newsdesk({ history, random, url: site.apiUrl, isSeen });
  const rows: Row[] = [];
  try {
    for (const fault of options.faults) {
      const row = await new Ordeal(fault, options, site, history, readers, desk, random).run();
      rows.push(row);
      options.onFault(row);
    }
  } finally {
    for (const reader of readers) reader.close();
    await desk.stop();
    await history.close();
    await writeLogs(site, dirname(options.file));
  }
  return { verdict: check(readHistory(options.file)), rows };
}

class Ordeal<Kind extends Scene> {
  readonly #fault: Fault<Kind>;
  readonly #options: RunOptions<Kind>;
  readonly #site: Kind;
  readonly #history: History;
  readonly #readers: readonly FeedReader[];
  readonly #desk: Newsdesk;
  readonly #random: () => number;
  readonly #proofs: ProofWatch;
  #struckAt = 0;
  #healedAt = 0;
  #troubleAt: number | null = null;
  #newestSeq: number | undefined;
  #newsAt = 0;
  #silentMs = 0;

  constructor(
    fault: Fault<Kind>,
    options: RunOptions<Kind>,
    site: Kind,
    history: History,
    readers: readonly FeedReader[],
    desk: Newsdesk,
    random: () => number,
  ) {
    this.#fault = fault;
    this.#options = options;
    this.#site = site;
    this.#history = history;
    this.#readers = readers;
    this.#desk = desk;
    this.#random = random;
    this.#proofs = new ProofWatch(history, site.apiUrl);
  }

  async run(): Promise<Row> {
    const { name: fault, mayLoseData = false, failsOver = false, cutsReaders = false } = this.#fault;
    const losesData = mayLoseData || this.#fault.losesData === true;
    const history = this.#history;
    const kind = { losesData, failsOver, cutsReaders, mayKeepEpoch: mayLoseData };
    history.add({ e: 'fault', fault, at: history.now(), ...kind });
    const lostEpoch = this.#fault.losesData ? await this.#site.direct.hget('fw:{en}:meta', 'epoch') : null;
    const health = this.#watchHealth();
    this.#desk.start(this.#options.perSecond);
    this.#proofs.start();
    await pause(700);
    this.#struckAt = history.now();
    this.#newsAt = this.#struckAt;
    const watch = setInterval(() => this.#look(), 20);
    const skipped = await this.#fault.strike({
      site: this.#site,
      desk: this.#desk,
      history,
      random: this.#random,
      isShort: this.#options.isShort,
      otherFolder: this.#options.otherFolder,
    });
    this.#healedAt = history.now();
    history.add({ e: 'healed', at: this.#healedAt });
    const firstAcceptedMs = await this.#firstAccepted();
    await pause(500);
    await this.#desk.stop();
    if (losesData) this.#desk.forget();
    const settledAt = await this.#settled(lostEpoch);
    clearInterval(watch);
    await this.#proofs.stop();
    await this.#writeDown();
    return this.#row(firstAcceptedMs, settledAt, skipped, (await health?.end(this.#struckAt)) ?? []);
  }

  #watchHealth(): HealthWatch | null {
    const read = this.#site.health?.bind(this.#site);
    return read ? new HealthWatch(read, () => this.#history.now()) : null;
  }

  #look(): void {
    this.#lookForNews();
    if (this.#troubleAt !== null) return;
    const isTroubled = this.#desk.lastTroubleAt > this.#struckAt || this.#readers.some((reader) => !reader.isLive);
    if (isTroubled) this.#troubleAt = this.#history.now();
  }

  #lookForNews(): void {
    const seq = this.#readers[0]?.cursor.position?.seq;
    if (seq === this.#newestSeq) return;
    const now = this.#history.now();
    this.#silentMs = Math.max(this.#silentMs, now - this.#newsAt);
    this.#newestSeq = seq;
    this.#newsAt = now;
  }

  /** ms after the end of the fault; the desk is still posting. */
  async #firstAccepted(): Promise<number | null> {
    const bound = this.#history.now() + settleBoundMs;
    while (this.#desk.lastAcceptedAt < this.#healedAt) {
      if (this.#history.now() > bound) return null;
      await pause(20);
    }
    return this.#desk.lastAcceptedAt - this.#healedAt;
  }

  /** Nothing is due any more, and every reader is live at the log's head; in another epoch than the one that has lost entries. */
  async #settled(lostEpoch: string | null): Promise<number | null> {
    const bound = this.#history.now() + settleBoundMs;
    while (this.#history.now() < bound) {
      const [epoch, seq] = await this.#site.direct.hmget('fw:{en}:meta', 'epoch', 'seq');
      const isAt = (reader: FeedReader) =>
        reader.isLive && reader.cursor.position?.epoch === epoch && reader.cursor.position?.seq === Number(seq ?? 0);
      const isWhole = epoch !== lostEpoch && (await due(this.#site.direct)) === 0;
      if (isWhole && this.#readers.every(isAt)) return this.#history.now();
      await pause(50);
    }
    return null;
  }

  async #writeDown(): Promise<void> {
    const at = this.#history.now();
    const ended = this.#readers.map((reader): EventOf<'ended'> => {
      const { position, items, floor } = reader.cursor;
      return {
        e: 'ended',
        at,
        reader: reader.name,
        section: reader.section,
        isLive: reader.isLive,
        epoch: position?.epoch ?? '',
        seq: position?.seq ?? 0,
        floor,
        shown: items.map((item) => `${item.id} ${item.version}`),
      };
    });
    const head = Number((await this.#site.direct.hget('fw:{en}:meta', 'seq')) ?? 0);
    const newcomers = await Promise.all(this.#site.fanouts.map((fanout) => endOfNewcomer(fanout, head, at)));
    // After the readers: none is ahead of it.
    this.#history.add(await readLog(this.#site.direct, at));
    if (this.#fault.searchesMemory) await this.#searchMemory();
    for (const one of [...ended, ...newcomers]) this.#history.add(one);
  }

  async #searchMemory(): Promise<void> {
    for (const process of ['fanout-1', 'fanout-2'] as const) {
      const headlines = new Set((await this.#site.memoryOf?.(process))?.match(headlineForm));
      this.#history.add({ e: 'remembered', at: this.#history.now(), process, headlines: [...headlines] });
    }
  }

  #row(
    firstAcceptedMs: number | null,
    settledAt: number | null,
    skipped: string | null,
    health: readonly HealthSeen[],
  ): Row {
    const { accounts, violations } = check(this.#history.events);
    const { name, rows, acceptsWithinMs = null, silentAtMostMs = null } = this.#fault;
    const own = violations.filter(({ fault }) => fault === name);
    const counts = Object.fromEntries(
      violationKinds.map((kind) => [kind, own.filter((one) => one.kind === kind).length]),
    );
    return {
      ...(accounts.find(({ fault }) => fault === name) ?? {
        fault: name,
        accepted: 0,
        refused: 0,
        unknown: 0,
        declared: 0,
      }),
      rows,
      counts: counts as Row['counts'],
      detectMs: this.#troubleAt === null ? null : this.#troubleAt - this.#struckAt,
      settleMs: settledAt === null ? null : Math.max(0, settledAt - this.#healedAt),
      silentMs: this.#silentMs,
      firstAcceptedMs,
      acceptsWithinMs,
      silentAtMostMs,
      skipped,
      health,
    };
  }
}
