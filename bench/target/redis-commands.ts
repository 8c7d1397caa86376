import { Redis } from 'ioredis';
import type { Clock } from '../process/clock.ts';

/** Calls since the server started, by command name. */
export type CommandCounts = Readonly<Record<string, number>>;

/** What Redis was asked to do between two moments. */
export interface CommandUse {
  readonly total: number;
  readonly seconds: number;
  readonly byName: CommandCounts;
}

/** Counts what a Redis executes; its own questions are left out of the count. */
export class CommandCounter implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #clock: Clock;

  constructor(url: string, clock: Clock) {
    this.#redis = new Redis(url, { commandTimeout: 5_000, maxRetriesPerRequest: 1 });
    // Without a listener a lost connection would end the process; the command that follows rejects with it.
    this.#redis.on('error', () => undefined);
    this.#clock = clock;
  }

  /** Starts a count; the function that it resolves with ends it. */
  async start(): Promise<() => Promise<CommandUse>> {
    const before = await this.#counts();
    const startedAt = this.#clock();
    return async () => commandUse(before, await this.#counts(), (this.#clock() - startedAt) / 1_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
  }

  async #counts(): Promise<CommandCounts> {
    return parseCommandStats(await this.#redis.info('commandstats'));
  }
}

/** Lines such as `cmdstat_xadd:calls=30,usec=412,...`. */
export function parseCommandStats(info: string): CommandCounts {
  const counts: Record<string, number> = {};
  for (const match of info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    if (match[1] !== undefined && match[1] !== 'info') counts[match[1]] = Number(match[2]);
  }
  return counts;
}

export function commandUse(before: CommandCounts, after: CommandCounts, seconds: number): CommandUse {
  const rises = Object.entries(after).map(([name, calls]) => [name, calls - (before[name] ?? 0)] as const);
  const byName = Object.fromEntries(rises.filter(([, calls]) => calls > 0).sort((a, b) => b[1] - a[1]));
  return { total: Object.values(byName).reduce((sum, calls) => sum + calls, 0), seconds, byName };
}

/** Calls beyond what an idle system would have made in the same time. */
export function beyondIdle(use: CommandUse, idle: CommandUse): number {
  return Math.round(use.total - (idle.total / idle.seconds) * use.seconds);
}
