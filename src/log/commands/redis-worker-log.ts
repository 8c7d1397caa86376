import type { ChainableCommander } from 'ioredis';
import { z } from 'zod';
import { type Command, type CommandKind, commandKinds } from '../../item/command.ts';
import { ParseError, parseCommand } from '../entries/reply.ts';
import { settleEpoch } from '../redis/epoch.ts';
import { keepReadScript } from '../redis/hash-reader.ts';
import { clockErrorMs } from '../redis/redis-clock.ts';
import { nullIfWrongType, redisErrorKind } from '../redis/redis-error.ts';
import { channelsOf, editionKeys, queueKeys, siteKeys } from '../redis/redis-keys.ts';
import { overTtlSeconds } from '../redis/retention.ts';
import { migrate } from '../redis/schema-version.ts';
import { Script } from '../redis/script.ts';
import type { Shards } from '../redis/shards.ts';
import { type AppendOptions, append } from './append.ts';
import { followUpOf } from './follow-up.ts';
import { KnownHeads } from './known-heads.ts';
import type { Due, OpenCommand, WorkerLog } from './worker-log.ts';

const refuseScript = new Script(new URL('./refuse.lua', import.meta.url), {
  keys: ['due', 'command'],
  args: ['base', 'commandId', 'problem', 'overTtl', 'outcomesChannel', 'deskChannel'],
});

const kinds = z.enum(commandKinds);

export interface WorkerLogOptions extends AppendOptions {
  readonly shards: Pick<Shards, 'site' | 'of'>;
}

/** The log in Redis, for a worker. */
export function createWorkerLog(options: WorkerLogOptions): WorkerLog {
  const { shards, prefix } = options;
  const of = (edition: string) => shards.of(edition).redis;
  const now = (edition: string) => shards.of(edition).clock.now();
  const heads = new KnownHeads();
  const appendKnown = async (edition: string, commands: readonly Command[], passed: readonly string[] | null) => {
    const before = heads.of(edition);
    const outcomes = await append(options, edition, commands, passed);
    const isRewritten = outcomes
      .filter((outcome) => outcome.type === 'appended')
      .map((outcome) => !outcome.seen && heads.appended(edition, before, outcome))
      .includes(true);
    // If this fails, the next look at the epoch finds another entry in the place of the newest.
    if (isRewritten && before)
      await of(edition)
        .set(editionKeys(prefix, edition).suspect, before.epoch)
        .catch(() => undefined);
    return outcomes;
  };
  return {
    now,
    command: async (edition, commandId) => {
      const key = editionKeys(prefix, edition).command(commandId);
      const record = await of(edition).hgetall(key).catch(unreadableIfWrongType);
      if (Object.keys(record).length > 0) return parseCommand(record);
      const lost = followUpOf(edition, commandId);
      if (!lost) return null;
      await of(edition).hset(key, lost);
      return parseCommand(lost);
    },
    append: async (command) => {
      const [outcome] = await appendKnown(command.edition, [command], null);
      if (!outcome) throw new Error('append.lua returned no outcome');
      if (outcome.type === 'failed') throw outcome.error;
      return outcome;
    },
    open: (edition, limit, named) => readOpen(options, edition, limit, named),
    appendAll: appendKnown,
    settleSchema: async (editions) => {
      const { redis } = shards.site;
      if ((await redis.exists(siteKeys(prefix).schema)) === 0) await migrate({ redis, prefix, editions });
    },
    settleEpoch: async (edition) =>
      heads.read(edition, await settleEpoch(of(edition), prefix, edition, heads.of(edition))),
    keepReadScript: (edition) => keepReadScript(of(edition), editionKeys(prefix, edition).meta),
    overdue: async (edition, olderThanMs, limit, from) => {
      const { due } = editionKeys(prefix, edition);
      const until = now(edition) - olderThanMs;
      const [least, skip] = from ? [from.dueAt, from.skip] : ['-inf', 0];
      return withKinds(
        options,
        edition,
        await of(edition).zrangebyscore(due, least, until, 'WITHSCORES', 'LIMIT', skip, limit),
      );
    },
    newlyOverdue: async (edition, olderThanMs, limit) => {
      const { due } = editionKeys(prefix, edition);
      const until = now(edition) - olderThanMs;
      return withKinds(
        options,
        edition,
        await of(edition).zrevrangebyscore(due, until, '-inf', 'WITHSCORES', 'LIMIT', 0, limit),
      );
    },
    refuse: (edition, commandId, problem) => refuse(options, edition, commandId, problem),
  };
}

async function refuse(
  { shards, prefix }: WorkerLogOptions,
  edition: string,
  commandId: string,
  problem: string,
): Promise<void> {
  const { redis } = shards.of(edition);
  const keys = editionKeys(prefix, edition);
  const channels = channelsOf(redis, prefix);
  await refuseScript.run(redis, {
    keys: { due: keys.due, command: keys.command(commandId) },
    args: {
      base: keys.base,
      commandId,
      problem,
      overTtl: overTtlSeconds,
      outcomesChannel: channels.outcomes(edition),
      deskChannel: channels.desk,
    },
  });
}

/** `found` is a flat list: id, due time, id, due time. */
async function withKinds(
  { shards, prefix }: WorkerLogOptions,
  edition: string,
  found: readonly string[],
): Promise<readonly Due[]> {
  const keys = editionKeys(prefix, edition);
  const ids = found.filter((_, at) => at % 2 === 0);
  const { redis } = shards.of(edition);
  const readings = await Promise.all(ids.map((id) => redis.hget(keys.command(id), 'kind').catch(nullIfWrongType)));
  return ids.map((commandId, at) => ({
    commandId,
    dueAt: Math.floor(Number(found[at * 2 + 1])),
    kind: kindOf(readings[at]),
  }));
}

/** What is named is read with the list, so a command that was just accepted costs one round trip. */
async function readOpen(
  { shards, prefix }: WorkerLogOptions,
  edition: string,
  limit: number,
  named: readonly string[],
): Promise<readonly OpenCommand[]> {
  const keys = editionKeys(prefix, edition);
  const jobs = queueKeys(prefix, edition, 'publish');
  const { redis, clock } = shards.of(edition);
  // The clock is an estimate. The script decides about a command that is almost due.
  const until = clock.now() + clockErrorMs;
  const first = redis.pipeline().zrangebyscore(keys.due, '-inf', until, 'WITHSCORES', 'LIMIT', 0, limit);
  for (const id of named) first.hgetall(keys.command(id));
  const [listed, ...ofNamed] = await settledOf(first);
  const found = pairs.parse(resultOf(listed));
  const others = [...found.keys()].filter((id) => !named.includes(id));
  const second = redis.pipeline();
  for (const id of others) second.hgetall(keys.command(id)).exists(jobs.job(id));
  const ofOthers = others.length === 0 ? [] : await settledOf(second);
  const commandOf = async (id: string, reply: Reply | undefined) => {
    const record = recordOf.parse(resultOf(reply, nullIfWrongType));
    const lost = record && Object.keys(record).length === 0 ? followUpOf(edition, id) : null;
    if (lost) await redis.hset(keys.command(id), lost);
    return parseOpen(lost ?? record);
  };
  const read = new Map<string, Pick<OpenCommand, 'command' | 'hasJob'>>();
  for (const [at, id] of named.entries()) read.set(id, { command: await commandOf(id, ofNamed[at]), hasJob: false });
  for (const [at, id] of others.entries()) {
    const hasJob = resultOf(ofOthers[at * 2 + 1]) === 1;
    read.set(id, { command: await commandOf(id, ofOthers[at * 2]), hasJob });
  }
  return [...new Set([...found.keys(), ...named])].map((commandId) => ({
    commandId,
    dueAt: found.get(commandId) ?? null,
    ...(read.get(commandId) ?? { command: null, hasJob: false }),
  }));
}

const recordOf = z.record(z.string(), z.string()).nullable();

/** A flat list of ids and due times. Behind the point of a time is the number that orders the commands of one millisecond. */
const pairs = z
  .array(z.string())
  .transform(
    (flat) => new Map(flat.flatMap((id, at) => (at % 2 === 0 ? [[id, Math.floor(Number(flat[at + 1]))]] : []))),
  );

type Reply = readonly [error: Error | null, value?: unknown];

async function settledOf(pipeline: ChainableCommander): Promise<readonly Reply[]> {
  const replies = await pipeline.exec();
  if (!replies) throw new Error('Redis did not answer');
  return replies;
}

function resultOf(reply: Reply = [null], onError?: (error: unknown) => null): unknown {
  const [error, value] = reply;
  if (!error) return value;
  if (!onError) throw error;
  return onError(error);
}

function parseOpen(record: Readonly<Record<string, string>> | null): OpenCommand['command'] {
  if (record === null) return new ParseError('the record is not a hash');
  if (Object.keys(record).length === 0) return null;
  // A later version that changes what a command is writes `v`, so that this one leaves it.
  if (Number(record['v'] ?? 1) > 1) return 'newer';
  try {
    return parseCommand(record);
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
}

/** A key of another type is not a command. After any other error (Redis is unreachable) a retry can succeed. */
function unreadableIfWrongType(error: unknown): never {
  if (redisErrorKind(error) === 'wrong-type') throw new ParseError('the record is not a hash', { cause: error });
  throw error;
}

/** A record without a kind gets the one of an ordinary command: the worker that takes it refuses it. */
function kindOf(kind: string | null | undefined): CommandKind {
  return kinds.safeParse(kind).data ?? 'publish';
}
