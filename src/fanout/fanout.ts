import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { canaryEdition } from '../item/canary.ts';
import { Admission, type Door } from './admission/admission.ts';
import { parseTrust } from './admission/client-address.ts';
import { parseOrigins } from './admission/origins.ts';
import { isPlain } from './admission/plain-filter.ts';
import { retryWindow } from './admission/retry-window.ts';
import { Sessions } from './admission/terms.ts';
import { Delivery } from './delivery/delivery-proof.ts';
import { type Edition, ItemTexts } from './edition/edition.ts';
import { EditionSync } from './edition/edition-sync.ts';
import { createReads } from './edition/reads.ts';
import { replicaLimits } from './edition/replica.ts';
import { Edges } from './endpoints/endpoints.ts';
import { createFeedView, type FeedView } from './endpoints/feed-view.ts';
import type { Fanout, FanoutDeps, FanoutStats } from './fanout-options.ts';
import { Feeds, feedLimits } from './feed/feeds.ts';
import { pollFraming } from './feed/framing.ts';
import { BeatWheel } from './reader/beat-wheel.ts';
import { Goodbye } from './reader/goodbye.ts';
import { NewsSource, ReadySource } from './reader/news.ts';
import type { Reader, ReaderContext } from './reader/reader.ts';
import { Counters } from './scheduling/counters.ts';
import { StallGate } from './scheduling/stall-gate.ts';
import { Sweep } from './scheduling/sweep.ts';

const headCheckMs = 1_000;
const feedCheckMs = 5_000;
const beatBuckets = 200;

/** Throws on options that cannot be understood (origins, proxies). */
export function createFanout(deps: FanoutDeps): Fanout {
  return new FanoutProcess(deps);
}

class FanoutProcess implements Fanout {
  readonly view: FeedView;
  readonly #deps: FanoutDeps;
  readonly #counters = new Counters();
  readonly #texts = new ItemTexts();
  readonly #editions = new Map<string, EditionSync>();
  readonly #feeds: Feeds;
  readonly #news = new NewsSource();
  readonly #ready = new ReadySource();
  readonly #wheel: BeatWheel;
  readonly #gate: StallGate;
  readonly #sweep: Sweep;
  readonly #goodbye: Goodbye;
  readonly #admission: Admission;
  readonly #edges: Edges;
  readonly #delivery: Delivery;
  readonly #watchers: (() => void)[] = [];
  readonly #stops: (() => void)[] = [];
  #connections = 0;
  #isDraining = false;

  constructor(deps: FanoutDeps) {
    const { clock, options, site, reader, logger } = deps;
    this.#deps = deps;
    const sessions = new Sessions(options.beatMs, options.acceptRate, () => this.#connections);
    const session = (isStale: boolean) => sessions.current(isStale);
    const edition = (id: string) => this.#editions.get(id);
    const reads = createReads({ ...options, site, reader, clock, counters: this.#counters, edition });
    this.view = createFeedView({ ...reads, edition, onChange: (watcher) => this.#watchers.push(watcher) });
    const origins = parseOrigins(options.allowedOrigins);
    this.#feeds = new Feeds(options.feeds ?? feedLimits, {
      texts: this.#texts,
      session,
      onTouched: (feed, seq) => this.#delivery.ledger.target(feed, seq, feed.readers.length),
      isPlain: (filter) => isPlain(filter, site),
    });
    this.#delivery = new Delivery(clock, deps.telling);
    this.#gate = new StallGate(clock, (ms) => this.#stoodStill(ms));
    this.#sweep = new Sweep(
      clock,
      this.#counters,
      () => this.#delivery.ledger.settle(),
      () => this.#gate.opening(),
    );
    this.#goodbye = new Goodbye(clock, () => this.#sweep.wake());
    this.#wheel = new BeatWheel(beatBuckets, (remaining) => this.#goOn(remaining));
    this.#admission = new Admission({
      site,
      clock,
      counters: this.#counters,
      feeds: this.#feeds,
      origins,
      trust: parseTrust(options.trustProxy),
      acceptRate: options.acceptRate,
      maxConnectionsPerAddress: options.maxConnectionsPerAddress,
      filtersPerAddress: options.feeds?.perAddress ?? feedLimits.perAddress,
      readers: this.#readerContext(),
      edition,
      isDraining: () => this.#isDraining,
      isFull: () => deps.isFull?.() ?? false,
      wake: () => this.#sweep.wake(),
      onJoin: (joined) => this.#joined(joined),
      onLeave: (left) => this.#left(left),
    });
    this.#edges = new Edges({
      ...reads,
      site,
      texts: this.#texts,
      origins,
      logger,
      edition,
      session,
      clock,
      admission: this.#admission,
      opening: () => this.#gate.opening(),
      noProgressMs: options.noProgressMs ?? 60_000,
      ...(deps.unread && { unread: deps.unread }),
      retryMs: () => this.#retryMs(),
      painted: this.#delivery.takeSample.bind(this.#delivery),
    });
    for (const source of [this.#news, this.#ready, this.#admission.queue, this.#wheel, this.#goodbye])
      this.#sweep.add(source);
    this.#addEditions();
  }

  async start(): Promise<void> {
    const { clock, follower, options } = this.#deps;
    const editions = [...this.#editions.values()];
    this.#stops.push(
      clock.every(headCheckMs, () => {
        for (const edition of editions) void edition.checkHead();
      }),
      clock.every(options.beatMs / beatBuckets, () => this.#beat()),
      clock.every(feedCheckMs, () => this.#feeds.expire(clock.now())),
    );
    this.#stops.push(
      this.#gate.start(),
      this.#delivery.start(() => this.#readers()),
    );
    const loaded = Promise.all(editions.map((edition) => edition.whenLoaded));
    await follower.start({
      onEntry: (id, entry) => this.#editions.get(id)?.onEntry(entry),
      onReady: () => {
        for (const edition of editions) void edition.onReady();
      },
      onLost: () => {
        for (const edition of editions) edition.onLost();
      },
    });
    await loaded;
  }

  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, door: Door = 'public'): void {
    this.#edges.handleUpgrade(request, socket, head, door);
  }

  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#edges.handleRequest(request, response);
  }

  isReady(): boolean {
    return !this.#isDraining && [...this.#editions.values()].every((edition) => edition.replica !== null);
  }

  whenFresh(): Promise<void> | null {
    return this.#gate.opening();
  }

  stats(): FanoutStats {
    const editions = [...this.#editions].map(
      ([id, { replica, isStale }]) => [id, { head: replica?.head ?? 0, isStale }] as const,
    );
    return {
      connections: this.#connections,
      waiting: this.#admission.queue.length,
      feeds: this.#feeds.size,
      editions: Object.fromEntries(editions),
      counters: this.#counters,
    };
  }

  async drain(ms: number): Promise<void> {
    this.#isDraining = true;
    this.#admission.refuseAll();
    this.#edges.answerAll();
    const { withinMs } = retryWindow(this.#connections, this.#deps.options.acceptRate);
    const readers = [...this.#wheel.readers()];
    await this.#goodbye.run(readers, { afterMs: 500, withinMs }, ms, () => this.#wheel.readers());
  }

  async close(): Promise<void> {
    this.#isDraining = true;
    for (const stop of this.#stops.splice(0)) stop();
    this.#admission.refuseAll();
    this.#edges.answerAll();
    for (const reader of [...this.#wheel.readers()]) reader.end();
    this.#edges.close();
    await Promise.all([this.#delivery.sayGoodbye(), this.#deps.follower.close()]);
  }

  #addEditions(): void {
    const { site, reader, options, logger } = this.#deps;
    const homes = site.editions.filter((home) => home.access === 'public');
    const limits = options.replica ?? replicaLimits;
    const heard = {
      onChange: this.#changed.bind(this),
      onHeadRead: (edition: Edition) => [...this.#feeds.takenBack(edition)].forEach(this.#goOn, this),
    };
    for (const home of this.#deps.telling ? [...homes, canaryEdition] : homes) {
      const deps = { home, reader, limits, counters: this.#counters, logger, ...heard };
      this.#editions.set(home.id, new EditionSync(deps));
    }
  }

  async #stoodStill(ms: number): Promise<void> {
    this.#counters.stalls++;
    this.#deps.logger.warn({ ms: Math.round(ms) }, 'stood still: the log is read before anyone is written to');
    await Promise.all([...this.#editions.values()].map((edition) => edition.checkHeadAgain()));
  }

  #changed(edition: Edition): void {
    this.#delivery.ledger.open(edition);
    this.#edges.forget();
    for (const watcher of this.#watchers) watcher();
    this.#feeds.forgetIdle(edition.id);
    this.#news.announce(this.#feeds.of(edition.id), edition.replica);
    this.#sweep.wake();
  }

  #readerContext(): ReaderContext {
    return {
      counters: this.#counters,
      ledger: this.#delivery.ledger,
      now: () => this.#deps.clock.now(),
      onFlushed: (reader) => {
        this.#counters.caughtUp++;
        this.#goOn(reader);
      },
      onFault: (error) => {
        this.#counters.faults++;
        this.#deps.logger.error({ err: error }, 'connection ended by a fault of ours');
      },
    };
  }

  /** Connected, by edition. */
  #readers(): Readonly<Record<string, number>> {
    const ids = [...this.#editions.keys()].filter((id) => id !== canaryEdition.id);
    return Object.fromEntries(ids.map((id) => [id, this.#feeds.readersOf(id)]));
  }

  #goOn(reader: Reader): void {
    this.#ready.add(reader);
    this.#sweep.wake();
  }

  /** Drawn anew for each stream: all of them coming back at one moment is what the window is for. */
  #retryMs(): number {
    const { afterMs, withinMs } = retryWindow(this.#connections, this.#deps.options.acceptRate);
    return afterMs + Math.random() * withinMs;
  }

  #joined(reader: Reader): void {
    if (reader.feed.edition.id !== canaryEdition.id) this.#connections++;
    // A poll is answered or its time is up before a beat would be due.
    if (reader.transport.framing !== pollFraming) this.#wheel.add(reader);
    this.#goOn(reader);
  }

  #left(reader: Reader): void {
    if (reader.feed.edition.id !== canaryEdition.id) this.#connections--;
    this.#wheel.remove(reader);
  }

  #beat(): void {
    if (this.#connections === 0) return;
    this.#wheel.tick();
    this.#sweep.wake();
  }
}
