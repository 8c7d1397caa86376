import type { RedisConnection } from '../../src/log/redis/shards.ts';

/** What a run needs of the site that it tortures. */
export interface Scene extends AsyncDisposable {
  /** The harness' own way to Redis; it waits while there is none. */
  readonly direct: RedisConnection;
  readonly apiUrl: string;
  /** `host:port` of each fan-out. */
  readonly fanouts: readonly string[];
  /** `host:port` that readers come to. */
  readonly entrances: readonly string[];
  /** How long a reader may hear nothing on a stream before it connects again. */
  readonly readerSilenceMs: number;
  /** What a fan-out has in memory, as text. */
  memoryOf?(process: 'fanout-1' | 'fanout-2'): Promise<string>;
}
