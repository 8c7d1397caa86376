import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { canaryEdition } from '../item/canary.ts';
import { parseOrigins } from '../protocol/origins.ts';
import { Admission, type AdmissionDeps, type Door } from './admission/admission.ts';
import { clientKey, parseTrust } from './admission/client-address.ts';
import { isPlain } from './admission/plain-filter.ts';
import { retryWindow } from './admission/retry-window.ts';
import { CurrentTerms, longBeatOf } from './admission/terms.ts';
import { DeliveryProof } from './delivery/delivery-proof.ts';
import { type Edition, ItemTexts } from './edition/edition.ts';
import { EditionSync } from './edition/edition-sync.ts';
import { LoadTurns } from './edition/load-turns.ts';
import { createReads } from './edition/reads.ts';
import { replicaLimits } from './edition/replica.ts';
import { Endpoints, type EndpointsDeps } from './endpoints/endpoints.ts';
import { createFeedView, type FeedView } from './endpoints/feed-view.ts';
import type { Fanout, FanoutDeps, FanoutStats } from './fanout-options.ts';
import { Feeds, feedLimits } from './feed/feeds.ts';
import type { Reader, ReaderContext } from './reader/reader.ts';
import { ReaderSchedule } from './reader/reader-schedule.ts';
import { SendBatch } from './reader/send-batch.ts';
import { Counters } from './scheduling/counters.ts';
import { StallGate } from './scheduling/stall-gate.ts';

const headCheckMs = 1_000;
const feedCheckMs = 5_000;
const beatBuckets = 200;

type Shared = Pick<EndpointsDeps, 'history' | 'items' | 'clientOf' | 'origins' | 'edition' | 'batch'>;

/** Throws on origins or a proxy setting that it cannot parse. */
export function createFanout(deps: FanoutDeps): Fanout {
  return new FanoutProcess(deps);
}

/**
 * Wires the rooms together. `EditionSync` follows the log and calls `#changed`, which schedules the feeds of the edition;
 * `Admission` turns requests from the endpoints into readers and calls `#joined` and `#left`.
 */
class FanoutProcess implements Fanout {
  readonly view: FeedView;
  readonly #deps: FanoutDeps;
  readonly #counters = new Counters();
  readonly #texts = new ItemTexts();
  readonly #editions = new Map<string, EditionSync>();
  readonly #terms: CurrentTerms;
  readonly #feeds: Feeds;
  readonly #gate: StallGate;
  readonly #schedule: ReaderSchedule;
  readonly #admission: Admission;
  readonly #endpoints: Endpoints;
  readonly #proof: DeliveryProof;
  readonly #watchers: (() => void)[] = [];
  readonly #stops: (() => void)[] = [];
  readonly #onFault = (error: unknown) => {
    this.#counters.faults++;
    this.#deps.logger.error({ err: error }, 'connection ended by a defect');
  };
  #connections = 0;
  #isDraining = false;

  constructor(deps: FanoutDeps) {
    const { clock, options, site, log } = deps;
    const edition = (id: string) => this.#editions.get(id);
    const origins = parseOrigins(options.allowedOrigins);
    const trust = parseTrust(options.trustProxy);
    const reads = {
      ...createReads({ site, log, clock, counters: this.#counters, edition }),
      clientOf: (request: IncomingMessage) => clientKey(request, trust),
    };
    this.#deps = deps;
    this.#terms = new CurrentTerms(options.beatMs, options.acceptRate, () => this.#connections);
    this.view = createFeedView({ ...reads, edition, onChange: (watcher) => this.#watchers.push(watcher) });
    this.#feeds = this.#createFeeds();
    const batch = deps.sendAll && new SendBatch(deps.sendAll, this.#counters, this.#onFault);
    this.#proof = new DeliveryProof(clock, deps.reporting, () => batch?.flush());
    this.#gate = new StallGate(clock, (ms) => this.#stalled(ms));
    this.#schedule = new ReaderSchedule({
      clock,
      counters: this.#counters,
      beats: { usual: beatBuckets, long: Math.round((beatBuckets * longBeatOf(options.beatMs)) / options.beatMs) },
      onSlice: () => this.#proof.ledger.settle(),
      whenMayWrite: () => this.#gate.opening(),
      scope: batch,
      ...(deps.isDeskWaiting && { isDeskWaiting: deps.isDeskWaiting }),
    });
    this.#admission = this.#createAdmission({ origins, trust, edition });
    this.#schedule.addSource(this.#admission.queue);
    this.#endpoints = this.#createEndpoints({ ...reads, origins, edition, batch });
    this.#addEditions();
  }

  async start(): Promise<void> {
    const { clock, follower, options } = this.#deps;
    const editions = [...this.#editions.values()];
    this.#stops.push(
      clock.every(headCheckMs, () => {
        for (const edition of editions) void edition.checkHead();
      }),
      clock.every(options.beatMs / beatBuckets, () => {
        if (this.#connections > 0) this.#schedule.tick();
      }),
      clock.every(feedCheckMs, () => this.#feeds.expire(clock.now())),
      this.#gate.start(),
      this.#proof.start(() => this.#readersByEdition()),
    );
    const loaded = Promise.all(editions.map((edition) => edition.whenLoaded));
    await follower.start({
      onEntry: (id, entry) => this.#editions.get(id)?.onEntry(entry),
      onReady: () => void Promise.all(editions.map((edition) => edition.onReady())),
      onLost: () => {
        for (const edition of editions) edition.onLost();
      },
    });
    await loaded;
  }

  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, door: Door = 'public'): void {
    this.#endpoints.handleUpgrade(request, socket, head, door);
  }

  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#endpoints.handleRequest(request, response);
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
      isNative: this.#deps.sendAll !== undefined,
      editions: Object.fromEntries(editions),
      counters: this.#counters,
    };
  }

  async drain(ms: number): Promise<void> {
    this.#isDraining = true;
    this.#admission.refuseAll();
    this.#endpoints.answerAll();
    const { withinMs } = retryWindow(this.#connections, this.#deps.options.acceptRate);
    await this.#schedule.drain({ afterMs: 500, withinMs }, ms);
  }

  async close(): Promise<void> {
    this.#isDraining = true;
    for (const stop of this.#stops.splice(0)) stop();
    this.#admission.refuseAll();
    this.#endpoints.answerAll();
    for (const reader of [...this.#schedule.readers()]) reader.end();
    this.#endpoints.close();
    await Promise.all([this.#proof.finish(), this.#deps.follower.close()]);
  }

  #createFeeds(): Feeds {
    const { options, site } = this.#deps;
    return new Feeds(options.feeds ?? feedLimits, {
      texts: this.#texts,
      terms: (isStale, hasLongBeat) => this.#terms.current(isStale, hasLongBeat),
      onTouched: (feed, seq) => this.#proof.ledger.target(feed, seq, feed.readers.length),
      isPlain: (filter) => isPlain(filter, site),
    });
  }

  #createAdmission(checks: Pick<AdmissionDeps, 'origins' | 'trust' | 'edition'>): Admission {
    const { clock, options, site, isFull } = this.#deps;
    return new Admission({
      ...checks,
      site,
      clock,
      counters: this.#counters,
      feeds: this.#feeds,
      acceptRate: options.acceptRate,
      maxConnectionsPerAddress: options.maxConnectionsPerAddress,
      filtersPerAddress: options.feeds?.perAddress ?? feedLimits.perAddress,
      readers: this.#readerContext(),
      isDraining: () => this.#isDraining,
      isFull: () => isFull?.() ?? false,
      hasNews: () => this.#schedule.hasNews,
      wake: () => this.#schedule.wake(),
      onJoin: (reader) => this.#joined(reader),
      onLeave: (reader) => this.#left(reader),
    });
  }

  #createEndpoints(shared: Shared): Endpoints {
    const { clock, logger, options, site, unread } = this.#deps;
    return new Endpoints({
      ...shared,
      site,
      texts: this.#texts,
      logger,
      terms: (isStale) => this.#terms.current(isStale),
      clock,
      admission: this.#admission,
      opening: () => this.#gate.opening(),
      noProgressMs: options.noProgressMs ?? 60_000,
      ...(unread && { unread }),
      retryMs: () => this.#retryMs(),
      painted: this.#proof.takeSample.bind(this.#proof),
    });
  }

  #readerContext(): ReaderContext {
    return {
      counters: this.#counters,
      ledger: this.#proof.ledger,
      now: () => this.#deps.clock.now(),
      onFlushed: (reader) => {
        this.#counters.caughtUp++;
        this.#schedule.resume(reader);
      },
      onFault: this.#onFault,
    };
  }

  #addEditions(): void {
    const { clock, site, log, options, logger, reporting } = this.#deps;
    const homes = site.editions.filter((home) => home.access === 'public');
    const shared = {
      log,
      limits: options.replica ?? replicaLimits,
      turns: new LoadTurns(clock, reporting?.processes),
      counters: this.#counters,
      logger,
      onChange: this.#changed.bind(this),
      onHeadRead: (edition: Edition) => this.#schedule.resumeAll([...this.#feeds.rejectPositions(edition)]),
    };
    for (const home of reporting ? [...homes, canaryEdition] : homes)
      this.#editions.set(home.id, new EditionSync({ ...shared, home }));
  }

  async #stalled(ms: number): Promise<void> {
    this.#counters.stalls++;
    this.#deps.logger.warn({ ms: Math.round(ms) }, 'process stalled');
    await Promise.all([...this.#editions.values()].map((edition) => edition.checkHeadAgain()));
  }

  #changed(edition: Edition): void {
    this.#proof.ledger.open(edition);
    this.#endpoints.forget();
    for (const watcher of this.#watchers) watcher();
    this.#feeds.forgetIdle(edition.id);
    this.#schedule.announce(this.#feeds.concerned(edition), edition.replica);
  }

  #joined(reader: Reader): void {
    if (reader.feed.edition.id !== canaryEdition.id) this.#connections++;
    this.#schedule.add(reader);
  }

  #left(reader: Reader): void {
    if (reader.feed.edition.id !== canaryEdition.id) this.#connections--;
    this.#schedule.remove(reader);
  }

  #readersByEdition(): Readonly<Record<string, number>> {
    const ids = [...this.#editions.keys()].filter((id) => id !== canaryEdition.id);
    return Object.fromEntries(ids.map((id) => [id, this.#feeds.readersOf(id)]));
  }

  /** A new random time for each stream, so that clients return spread over the reconnect window. */
  #retryMs(): number {
    const { afterMs, withinMs } = retryWindow(this.#connections, this.#deps.options.acceptRate);
    return afterMs + Math.random() * withinMs;
  }
}
