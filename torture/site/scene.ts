import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  /** What each process has logged, line by line. */
  readonly logs?: ReadonlyMap<string, readonly string[]>;
  /** What accepted items rest on, as the api says it. Absent: nobody asks. */
  health?(): Promise<string>;
  /** What a fan-out has in memory, as text. */
  memoryOf?(process: 'fanout-1' | 'fanout-2'): Promise<string>;
}

export async function writeLogs({ logs }: Scene, folder: string): Promise<void> {
  for (const [process, lines] of logs ?? []) await writeFile(join(folder, `${process}.log`), `${lines.join('\n')}\n`);
}
