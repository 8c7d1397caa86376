import { Redis } from 'ioredis';
import type { Facets } from '../../src/item/item.ts';
import type { LogFollower, LogReader } from '../../src/log/entries/log-reader.ts';
import { createLogFollower } from '../../src/log/entries/redis-log-follower.ts';
import { settleEpochs } from '../../src/log/redis/epoch.ts';
import { migrate } from '../../src/log/redis/schema-version.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../log/edition-log.ts';
import { facets } from '../resources/memory-log.ts';

/** Each call accepts and appends a command, and resolves with the entry's seq. */
export interface FollowedLog extends AsyncDisposable, Pick<EditionLog, 'redis' | 'prefix'> {
  readonly log: LogReader & LogFollower;
  publish(id: string, headline: string, itemFacets?: Facets): Promise<number>;
  withhold(id: string): Promise<number>;
  release(id: string): Promise<number>;
  retract(id: string, notice?: string): Promise<number>;
}

/** Includes the editions of the shipped configuration, for a real process that follows the same Redis. */
const everyEdition = ['en', 'ar', 'es', '_canary'];

/** The log of `en` in a real Redis, as a fan-out follows it. */
export async function openFollowedLog(url: string): Promise<FollowedLog> {
  const written = await openEditionLog(url, { editions: ['en'] });
  const { redis, prefix, reader } = written;
  const subscriber = new Redis(url);
  const follower = createLogFollower({
    subscriber,
    prefix,
    editions: ['en'],
    onBadMessage: (_edition, error) => {
      throw error;
    },
  });
  await migrate({ redis, prefix, editions: everyEdition });
  await settleEpochs(redis, prefix, everyEdition);

  const run = async (request: Parameters<EditionLog['run']>[0]) => {
    const outcome = await written.run(request);
    if (outcome.type !== 'appended') throw new Error(`not appended: ${JSON.stringify(outcome)}`);
    return outcome.seq;
  };

  return {
    redis,
    prefix,
    log: { ...reader, start: (callbacks) => follower.start(callbacks), close: () => follower.close() },
    publish: (itemId, headline, itemFacets = facets()) =>
      run({ itemId, action: 'publish', body: bodyOf(headline, itemFacets), facets: itemFacets }),
    withhold: (itemId) => run({ itemId, action: 'withhold' }),
    release: (itemId) => run({ itemId, action: 'release' }),
    retract: (itemId, notice) =>
      run({ itemId, action: 'retract', reason: 'wrong', ...(notice !== undefined && { notice }) }),
    [Symbol.asyncDispose]: async () => {
      await follower.close();
      subscriber.disconnect();
      await written[Symbol.asyncDispose]();
    },
  };
}
