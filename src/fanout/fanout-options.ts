import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Site } from '../item/site.ts';
import type { LogFollower, LogReader } from '../log/entries/entry.ts';
import type { ProcessReport } from '../log/rollcall/delivery-report.ts';
import type { Door } from './admission/admission.ts';
import type { ReplicaLimits } from './edition/replica.ts';
import type { FeedView } from './endpoints/feed-view.ts';
import type { FeedLimits } from './feed/feeds.ts';
import type { UnreadBytes } from './reader/socket-transport.ts';
import type { Clock } from './scheduling/clock.ts';
import type { Counters } from './scheduling/counters.ts';

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

/** How a process tells the desk what it has delivered. */
export interface FanoutTelling {
  /** Of this process, unlike any other's. */
  readonly process: string;
  /** Redis' clock, ms. */
  logNow(): number;
  /** False when nobody can have heard it. */
  say(report: ProcessReport): Promise<boolean>;
  /** The newest canary that has come through a socket of this process. */
  canary(): ProcessReport['canary'];
  isReady(): boolean;
}

export interface FanoutDeps {
  /** Without it nobody is told. */
  readonly telling?: FanoutTelling;
  readonly reader: LogReader;
  readonly follower: LogFollower;
  readonly site: Site;
  readonly options: FanoutOptions;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly clock: Clock;
  /** What clients leave unread. No bound if left out. */
  readonly unread?: UnreadBytes;
  /** No room in memory for more readers. Those who are there are served. */
  readonly isFull?: () => boolean;
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
  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, door?: Door): void;
  /** False when the path is not one of the feed's. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  readonly view: FeedView;
  isReady(): boolean;
  /** Null, or what resolves once memory may be answered from again: the process has stood still and is reading the heads. */
  whenFresh(): Promise<void> | null;
  stats(): FanoutStats;
  /** Refuses new readers, sends the others away within `ms`, and resolves when none is left. */
  drain(ms: number): Promise<void>;
  close(): Promise<void>;
}
