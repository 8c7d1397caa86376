import { once } from 'node:events';
import { Redis } from 'ioredis';
import type { Facets, ItemBody } from '../../src/item/item.ts';
import { createDeskLog } from '../../src/log/commands/redis-desk-log.ts';
import { createWorkerLog } from '../../src/log/commands/redis-worker-log.ts';
import type { LogFollower, LogReader } from '../../src/log/entries/log-reader.ts';
import { createLogFollower } from '../../src/log/entries/redis-log-follower.ts';
import { createLogReader } from '../../src/log/entries/redis-log-reader.ts';
import { settleEpochs } from '../../src/log/redis/epoch.ts';
import { RedisClock } from '../../src/log/redis/redis-clock.ts';
import { migrate } from '../../src/log/redis/schema-version.ts';
import { facets } from './memory-log.ts';

export interface RedisNewsroom extends AsyncDisposable {
  readonly log: LogReader & LogFollower;
  /** Accepts and appends at once; resolves with the entry's seq. */
  publish(id: string, headline: string, itemFacets?: Facets): Promise<number>;
  withhold(id: string): Promise<number>;
  release(id: string): Promise<number>;
  retract(id: string, notice?: string): Promise<number>;
  /** How often each Redis command has been called. */
  commandCounts(): Promise<ReadonlyMap<string, number>>;
}

/** Includes the editions of the shipped configuration, for a real process that follows the same Redis. */
const everyEdition = ['en', 'ar', 'es', '_canary'];

/** The log in a real Redis. Each call accepts and appends a command. */
export async function openNewsroom(url: string, prefix: string): Promise<RedisNewsroom> {
  const [command, subscriber, outcomes] = [new Redis(url), new Redis(url), new Redis(url)];
  await once(command, 'ready');
  const clock = new RedisClock(command);
  await clock.sample();
  const deskLog = createDeskLog({
    redis: command,
    subscriber: outcomes,
    clock,
    prefix,
    editions: ['en'],
    itemDays: 400,
  });
  const workerLog = createWorkerLog({ redis: command, clock, prefix, entriesKept: 10_000, itemDays: 1 });
  const reader = createLogReader({ redis: command, prefix });
  const follower = createLogFollower({
    subscriber,
    prefix,
    editions: ['en'],
    onBadMessage: (_edition, error) => {
      throw error;
    },
  });
  await migrate({ redis: command, prefix, editions: everyEdition });
  await settleEpochs(command, prefix, everyEdition);
  let commands = 0;

  const run = async (
    request: Pick<Parameters<typeof deskLog.accept>[0], 'itemId' | 'action' | 'body' | 'facets' | 'notice' | 'reason'>,
  ) => {
    const by = { keyId: 'test', name: 'Test' };
    const accepted = await deskLog.accept({
      ...request,
      commandId: `command${commands++}`,
      edition: 'en',
      by,
      deadlineMs: clock.now() + 5_000,
    });
    if (accepted.type !== 'accepted') throw new Error(`not accepted: ${accepted.problem}`);
    const stored = await workerLog.command('en', accepted.commandId);
    const outcome = stored && (await workerLog.append(stored));
    if (outcome?.type !== 'appended') throw new Error(`not appended: ${JSON.stringify(outcome)}`);
    return outcome.seq;
  };

  return {
    log: { ...reader, start: (callbacks) => follower.start(callbacks), close: () => follower.close() },
    publish: (itemId, headline, itemFacets = facets()) => {
      const body: ItemBody = { ...itemFacets, edition: 'en', language: 'en', dir: 'ltr', headline };
      return run({ itemId, action: 'publish', body: JSON.stringify(body), facets: itemFacets });
    },
    withhold: (itemId) => run({ itemId, action: 'withhold' }),
    release: (itemId) => run({ itemId, action: 'release' }),
    retract: (itemId, notice) =>
      run({ itemId, action: 'retract', reason: 'wrong', ...(notice !== undefined && { notice }) }),
    commandCounts: async () => {
      const lines = (await command.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
      return new Map([...lines].map(([, name = '', calls]) => [name, Number(calls)]));
    },
    [Symbol.asyncDispose]: async () => {
      await follower.close();
      for (const redis of [command, subscriber, outcomes]) redis.disconnect();
    },
  };
}
