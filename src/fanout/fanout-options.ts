import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Site } from '../item/site.ts';
import type { LogFollower, LogReader } from '../log/entries/log-reader.ts';
import type { Door } from './admission/admission.ts';
import type { Reporting } from './delivery/delivery-proof.ts';
import type { ReplicaLimits } from './edition/replica.ts';
import type { FeedView } from './endpoints/feed-view.ts';
import type { FeedLimits } from './feed/feeds.ts';
import type { SendAll } from './reader/send-batch.ts';
import type { UnreadBytes } from './reader/socket-transport.ts';
import type { Clock } from './scheduling/clock.ts';
import type { Counters } from './scheduling/counters.ts';

export interface FanoutOptions {
  readonly beatMs: number;
  /** New readers per second. */
  readonly acceptRate: number;
  readonly maxConnectionsPerAddress: number;
  /** `*`, or origins separated by commas. */
  readonly allowedOrigins: string;
  /** Empty, a number of hops, or addresses and CIDRs separated by commas. */
  readonly trustProxy: string;
  /** A reader is cut when a write to it makes no progress for this long. Default: 60,000. */
  readonly noProgressMs?: number;
  readonly feeds?: FeedLimits;
  readonly replica?: ReplicaLimits;
}

export interface FanoutDeps {
  /** Without it the process reports no deliveries and serves no canary. */
  readonly reporting?: Reporting;
  readonly log: LogReader;
  readonly follower: LogFollower;
  readonly site: Site;
  readonly options: FanoutOptions;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly clock: Clock;
  /** Bounds the bytes that clients leave unread. Without it there is no bound. */
  readonly unread?: UnreadBytes;
  /** The native part. Without it Node writes every frame. */
  readonly sendAll?: SendAll;
  /** True when there is no memory for more readers. Connected readers are still served. */
  readonly isFull?: () => boolean;
  /** True while the desk waits for an answer that this thread has to pass on: slices are then short. */
  readonly isDeskWaiting?: () => boolean;
}

/** The state of a process for metrics and health checks. */
export interface FanoutStats {
  readonly connections: number;
  /** Connections that wait for their turn to join. */
  readonly waiting: number;
  readonly feeds: number;
  /** Frames leave through the native part. */
  readonly isNative: boolean;
  readonly editions: Readonly<Record<string, { readonly head: number; readonly isStale: boolean }>>;
  readonly counters: Readonly<Counters>;
}

/** The public, live part of one process. It follows the log and serves every feed from memory. */
export interface Fanout {
  /** Resolves once every public edition has loaded; until then `isReady` is false. It retries while the log is unreachable. */
  start(): Promise<void>;
  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, door?: Door): void;
  /** False when the path does not belong to the feed. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  readonly view: FeedView;
  isReady(): boolean;
  /** Null, or, after a stall, a promise that resolves once the process has read the heads and may answer from memory again. */
  whenFresh(): Promise<void> | null;
  stats(): FanoutStats;
  /** Refuses new readers, disconnects the others within `ms`, and resolves when none is left. */
  drain(ms: number): Promise<void>;
  close(): Promise<void>;
}
