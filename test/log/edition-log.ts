import type { Redis } from 'ioredis';
import { monotonicFactory } from 'ulid';
import type { Facets, ItemBody } from '../../src/item/item.ts';
import type { Replicated } from '../../src/log/commands/acceptance.ts';
import type { AcceptOutcome, AcceptRequest, DeskLog } from '../../src/log/commands/desk-log.ts';
import { createDeskLog } from '../../src/log/commands/redis-desk-log.ts';
import { createWorkerLog } from '../../src/log/commands/redis-worker-log.ts';
import type { AppendOutcome, WorkerLog } from '../../src/log/commands/worker-log.ts';
import type { Entry } from '../../src/log/entries/entry.ts';
import type { LogReader } from '../../src/log/entries/log-reader.ts';
import { createLogReader } from '../../src/log/entries/redis-log-reader.ts';
import { type RedisConnection, Shards } from '../../src/log/redis/shards.ts';
import { connectRedis, whenReady } from '../../src/ops/redis/redis.ts';
import { parseRedisAddress } from '../../src/ops/redis/redis-address.ts';
import { addressOf, ownPrefix } from '../resources/redis-server.ts';

export interface EditionLog<Connection extends RedisConnection = Redis> extends AsyncDisposable {
  readonly redis: Connection;
  readonly prefix: string;
  readonly desk: DeskLog;
  readonly worker: WorkerLog;
  readonly reader: LogReader;
  newId(): string;
  /** Accepts with the usual rest of a request. */
  accept(request: Partial<AcceptRequest> & Pick<AcceptRequest, 'action' | 'itemId'>): Promise<AcceptOutcome>;
  /** Accepts and appends at once; the outcome of the append. */
  run(request: Partial<AcceptRequest> & Pick<AcceptRequest, 'action' | 'itemId'>): Promise<AppendOutcome>;
  append(commandId: string): Promise<AppendOutcome>;
  /** Entries after this seq, whatever the epoch. */
  after(seq: number): Promise<readonly Entry[] | null>;
  /** Every value that Redis holds under this log's prefix, by key: for a search and for comparisons. */
  dump(): Promise<readonly { readonly key: string; readonly text: string }[]>;
}

const facets: Facets = { sections: ['health'], regions: [], topics: [], urgency: 'urgent' };

export function bodyOf(headline: string, more: Partial<ItemBody> = {}): string {
  return JSON.stringify({ edition: 'en', language: 'en', dir: 'ltr', headline, ...facets, ...more });
}

export interface EditionLogOptions {
  readonly prefix?: string;
  /** en and ar. */
  readonly editions?: readonly string[];
  readonly noticeMs?: number;
  readonly entriesKept?: number;
  /** How long the worker keeps an item, days. */
  readonly itemDays?: number;
  readonly replicated?: Replicated;
}

/** The three faces of a log, over real Redis under a prefix of its own, connected as the real processes are. */
export function openEditionLog(url: string, options: EditionLogOptions = {}): Promise<EditionLog> {
  const address = addressOf(url);
  const redis = connectRedis(address, 'command', 'log', () => undefined);
  return openLog(
    redis,
    connectRedis(address, 'subscriber', 'outcomes', () => undefined),
    options,
  );
}

/** The same in a cluster. */
export function openClusterLog(url: string, options: EditionLogOptions = {}): Promise<EditionLog<RedisConnection>> {
  const address = parseRedisAddress({ REDIS_URL: url });
  const redis = connectRedis(address, 'command', 'log', () => undefined);
  return openLog(
    redis,
    connectRedis(address, 'subscriber', 'outcomes', () => undefined),
    options,
  );
}

async function openLog<Connection extends RedisConnection>(
  redis: Connection,
  subscriber: Redis,
  options: EditionLogOptions,
): Promise<EditionLog<Connection>> {
  const { prefix = ownPrefix(), editions = ['en', 'ar'], replicated = null, ...kept } = options;
  await whenReady(redis); // a clock that is asked over an opening connection is ahead
  const shards = new Shards(redis, prefix, editions);
  await shards.start();
  const newId = monotonicFactory();
  const desk = createDeskLog({ shards, subscriber, prefix, editions, itemDays: 400, replicated });
  const worker = createWorkerLog({ shards, prefix, entriesKept: 10_000, itemDays: 1, ...kept });
  const accept: EditionLog['accept'] = (request) =>
    desk.accept({
      commandId: `c_${newId().toLowerCase()}`,
      edition: 'en',
      by: { keyId: 'key1', name: 'Night desk' },
      deadlineMs: desk.now(request.edition ?? 'en') + 2_000,
      facets,
      ...request,
    });
  const append: EditionLog['append'] = async (commandId) => {
    const command = await worker.command('en', commandId);
    if (!command) throw new Error(`no command ${commandId}`);
    return worker.append(command);
  };
  return {
    redis,
    prefix,
    desk,
    worker,
    reader: createLogReader({ redis, prefix }),
    newId,
    accept,
    append,
    after: async (seq) => {
      const found = await createLogReader({ redis, prefix }).range('en', { epoch: '', seq, hash: '' });
      if (found === 'rewritten') throw new Error('read as of no epoch, and found rewritten');
      return found;
    },
    run: async (request) => {
      const outcome = await accept(request);
      if (outcome.type !== 'accepted') throw new Error(`refused: ${outcome.problem}`);
      return append(outcome.commandId);
    },
    dump: async () => {
      const keys = await redis.keys(`${prefix}:*`);
      return Promise.all(keys.toSorted().map(async (key) => ({ key, text: await readValue(redis, key) })));
    },
    [Symbol.asyncDispose]: async () => {
      shards.stop();
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}

async function readValue(redis: RedisConnection, key: string): Promise<string> {
  const type = await redis.type(key);
  if (type === 'hash') {
    // Redis changes the order of a hash's fields while it moves them into a larger table.
    return JSON.stringify(Object.entries(await redis.hgetall(key)).toSorted(byKey));
  }
  if (type === 'stream') return JSON.stringify(await redis.xrange(key, '-', '+'));
  if (type === 'zset') return JSON.stringify(await redis.zrange(key, 0, '-1'));
  if (type === 'string') return (await redis.get(key)) ?? '';
  throw new Error(`${key} is a ${type}: say here how to read it`);
}

function byKey([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}
