import type { Logger } from 'pino';
import type { Site } from '../item/site.ts';
import type { ProcessReport } from '../log/delivery.ts';
import type { LogFollower, LogReader } from '../log/entry.ts';
import type { Clock } from './clock.ts';
import type { FeedLimits } from './feeds.ts';
import type { ReplicaLimits } from './replica.ts';

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
}
