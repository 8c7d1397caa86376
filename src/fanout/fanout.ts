import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Site } from '../item/site.ts';
import type { LogFollower, LogReader } from '../log/entry.ts';
import { BeatWheel } from './beat-wheel.ts';
import { parseTrust } from './client-address.ts';
import type { Clock } from './clock.ts';
import { Counters } from './counters.ts';
import { type Edition, ItemTexts } from './edition.ts';
import { EditionSync } from './edition-sync.ts';
import { createFeedView, type FeedView } from './feed-view.ts';
import { type FeedLimits, Feeds, feedLimits } from './feeds.ts';
import { Goodbye } from './goodbye.ts';
import { JsonEdge } from './json-edge.ts';
import { NewsSource, ReadySource } from './news.ts';
import { parseOrigins } from './origins.ts';
import type { Reader, ReaderContext } from './reader.ts';
import { type ReplicaLimits, replicaLimits } from './replica.ts';
import { retryWindow } from './retry-window.ts';
import { Sessions } from './sessions.ts';
import { Sweep } from './sweep.ts';
import { WsEdge } from './ws-edge.ts';

export interface FanoutOptions {
  readonly beatMs: number;
  /** New readers a second. */
  readonly acceptRate: number;
  readonly maxConnectionsPerAddress: number;
  /** `*` or origins divided by commas. */
  readonly allowedOrigins: string;
  /** Empty, a number of hops, or addresses and CIDRs divided by commas. */
  readonly trustProxy: string;
  /** A reader whose write makes no progress for this long is cut. */
  readonly noProgressMs?: number;
  readonly feeds?: FeedLimits;
  readonly replica?: ReplicaLimits;
}

export interface FanoutDeps {
  readonly reader: LogReader;
  readonly follower: LogFollower;
  readonly site: Site;
  readonly options: FanoutOptions;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly clock: Clock;
}

export interface FanoutStats {
  readonly connections: number;
  readonly waiting: number;
  readonly feeds: number;
  readonly editions: Readonly<Record<string, { readonly head: number; readonly isStale: boolean }>>;
  readonly counters: Readonly<Counters>;
}

/** All that is public and live in one process: it reads the log, never Redis by itself, and serves from memory. */
export interface Fanout {
  /** Resolves once every public edition has been loaded; until then `isReady` is false. It keeps trying while the log is away. */
  start(): Promise<void>;
  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
  /** False when the path is not one of the feed's. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  readonly view: FeedView;
  isReady(): boolean;
  stats(): FanoutStats;
  /** Refuses new readers, sends the others away within `ms`, and resolves when none is left. */
  drain(ms: number): Promise<void>;
  close(): Promise<void>;
}

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
  readonly #sweep: Sweep;
  readonly #goodbye: Goodbye;
  readonly #webSockets: WsEdge;
  readonly #json: JsonEdge;
  readonly #stops: (() => void)[] = [];
  #connections = 0;
  #isDraining = false;

  constructor(deps: FanoutDeps) {
    const { clock, options, site, reader, logger } = deps;
    this.#deps = deps;
    const sessions = new Sessions(options.beatMs, options.acceptRate, () => this.#connections);
    const session = (isStale: boolean) => sessions.current(isStale);
    const edition = (id: string) => this.#editions.get(id);
    this.view = createFeedView({ site, reader, edition });
    const origins = parseOrigins(options.allowedOrigins);
    this.#feeds = new Feeds(options.feeds ?? feedLimits, { texts: this.#texts, session });
    this.#sweep = new Sweep(clock, this.#counters);
    this.#goodbye = new Goodbye(clock, () => this.#sweep.wake());
    this.#wheel = new BeatWheel(beatBuckets, (remaining) => this.#goOn(remaining));
    this.#json = new JsonEdge({ site, reader, texts: this.#texts, origins, logger, edition, session });
    this.#webSockets = new WsEdge({
      site,
      clock,
      counters: this.#counters,
      feeds: this.#feeds,
      origins,
      trust: parseTrust(options.trustProxy),
      acceptRate: options.acceptRate,
      maxConnectionsPerAddress: options.maxConnectionsPerAddress,
      noProgressMs: options.noProgressMs ?? 60_000,
      readers: this.#readerContext(),
      edition,
      isDraining: () => this.#isDraining,
      wake: () => this.#sweep.wake(),
      onJoin: (joined) => this.#joined(joined),
      onLeave: (left) => this.#left(left),
    });
    for (const source of [this.#news, this.#ready, this.#webSockets.queue, this.#wheel, this.#goodbye])
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

  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#webSockets.handleUpgrade(request, socket, head);
  }

  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#json.handle(request, response);
  }

  isReady(): boolean {
    return !this.#isDraining && [...this.#editions.values()].every((edition) => edition.replica !== null);
  }

  stats(): FanoutStats {
    const editions = [...this.#editions].map(
      ([id, { replica, isStale }]) => [id, { head: replica?.head ?? 0, isStale }] as const,
    );
    return {
      connections: this.#connections,
      waiting: this.#webSockets.queue.length,
      feeds: this.#feeds.size,
      editions: Object.fromEntries(editions),
      counters: this.#counters,
    };
  }

  async drain(ms: number): Promise<void> {
    this.#isDraining = true;
    this.#webSockets.refuseAll();
    const { withinMs } = retryWindow(this.#connections, this.#deps.options.acceptRate);
    const readers = [...this.#wheel.readers()];
    await this.#goodbye.run(readers, { afterMs: 500, withinMs }, ms, () => this.#wheel.readers());
  }

  async close(): Promise<void> {
    this.#isDraining = true;
    for (const stop of this.#stops.splice(0)) stop();
    this.#webSockets.refuseAll();
    for (const reader of [...this.#wheel.readers()]) reader.transport.terminate();
    this.#webSockets.close();
    await this.#deps.follower.close();
  }

  #addEditions(): void {
    const { site, reader, options, logger } = this.#deps;
    for (const home of site.editions) {
      if (home.access === 'key') continue;
      const limits = options.replica ?? replicaLimits;
      const onChange = (edition: Edition) => this.#changed(edition);
      this.#editions.set(
        home.id,
        new EditionSync({ home, reader, limits, counters: this.#counters, logger, onChange }),
      );
    }
  }

  #changed(edition: Edition): void {
    this.#json.forget();
    for (const feed of this.#feeds.of(edition.id)) this.#news.add(feed);
    this.#sweep.wake();
  }

  #readerContext(): ReaderContext {
    return {
      counters: this.#counters,
      onFlushed: (reader) => {
        this.#counters.caughtUp++;
        this.#goOn(reader);
      },
    };
  }

  #goOn(reader: Reader): void {
    this.#ready.add(reader);
    this.#sweep.wake();
  }

  #joined(reader: Reader): void {
    this.#connections++;
    this.#wheel.add(reader);
    this.#goOn(reader);
  }

  #left(reader: Reader): void {
    this.#connections--;
    this.#wheel.remove(reader);
  }

  #beat(): void {
    if (this.#connections === 0) return;
    this.#wheel.tick();
    this.#sweep.wake();
  }
}
