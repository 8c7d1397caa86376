import type { Logger } from 'pino';
import type { Site } from '../item/site.ts';
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

export interface FanoutDeps {
  readonly reader: LogReader;
  readonly follower: LogFollower;
  readonly site: Site;
  readonly options: FanoutOptions;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly clock: Clock;
}
