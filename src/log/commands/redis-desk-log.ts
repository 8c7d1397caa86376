import type { Redis } from 'ioredis';
import { z } from 'zod';
import { commandStates } from '../../item/command.ts';
import { channelsOf, editionKeys } from '../redis/redis-keys.ts';
import type { RedisConnection } from '../redis/shards.ts';
import { type AcceptOptions, accept } from './acceptance.ts';
import { listHeld, listItems, readItem, readVersions } from './desk-items.ts';
import type { CommandStatus, DeskLog } from './desk-log.ts';
import { Outcomes } from './outcomes.ts';
import { linkTranslation, readTranslations } from './translations.ts';

/** Accepts a damaged record, so that the desk can show its refusal. */
const statusRecord = z.object({
  item: z.string().catch(''),
  version: z.coerce.number().catch(0),
  state: z.enum(commandStates),
  seq: z.coerce.number().optional(),
  problem: z.string().optional(),
});

/**
 * How long a worker may take for an append that it is woken for, ms. From POST to append 99 % take 8 to 14 ms (bench api, idle), and
 * a job that is added too early costs Redis more than the rest of the item.
 */
const quietMs = 50;

export interface DeskLogOptions extends AcceptOptions {
  /** A separate connection, for outcomes. */
  readonly subscriber: Redis;
}

/** The log in Redis, for the API. Every acceptance is one script; a refused request leaves nothing in Redis. */
export function createDeskLog(options: DeskLogOptions): DeskLog {
  const { shards, prefix } = options;
  const { redis } = shards.site;
  const of = (edition: string) => shards.of(edition).redis;
  const now = (edition?: string) => (edition === undefined ? shards.site : shards.of(edition)).clock.now();
  const outcomes = new Outcomes(
    options.subscriber,
    options.editions.map((edition) => channelsOf(options.subscriber, prefix).outcomes(edition)),
  );
  const status = (edition: string, commandId: string) => statusOf(of(edition), prefix, edition, commandId);
  return {
    now,
    accept: (request) => accept(options, request),
    status,
    settled: async (edition, commandId, waitMs) => {
      // Subscribe before the read, so that no outcome between the two is missed.
      using wait = outcomes.wait(waitMs);
      await wait.ready;
      for (let id = commandId; ; ) {
        const outcome = wait.next(id);
        const newest = await newestOf(of(edition), prefix, edition, id);
        if (newest?.status.state !== 'queued' || wait.isOver()) return newest?.status ?? null;
        if (newest.commandId === id) await outcome;
        else id = newest.commandId; // an edit replaced it: wait for the newer command
      }
    },
    isOverSoon: (edition, commandId) =>
      outcomes.hears(channelsOf(options.subscriber, prefix).outcomes(edition), commandId, quietMs),
    editionOf: async (editions, itemId) => {
      const found = await Promise.all(
        editions.map((edition) => of(edition).exists(editionKeys(prefix, edition).item(itemId))),
      );
      return editions[found.indexOf(1)] ?? null;
    },
    item: (edition, id) => readItem(of(edition), prefix, edition, id),
    versions: (edition, id) => readVersions(of(edition), prefix, edition, id),
    linkTranslation: (originalId, edition, id) => linkTranslation(redis, options, originalId, edition, id),
    translations: (editions, item) => readTranslations(redis, prefix, editions, item),
    held: (edition) => listHeld(of(edition), prefix, edition, now(edition)),
    list: (edition, request) => listItems(of(edition), prefix, edition, request),
  };
}

async function statusOf(
  redis: RedisConnection,
  prefix: string,
  edition: string,
  commandId: string,
): Promise<CommandStatus | null> {
  return (await newestOf(redis, prefix, edition, commandId))?.status ?? null;
}

/** The command, or the newest one that replaced it. */
async function newestOf(
  redis: RedisConnection,
  prefix: string,
  edition: string,
  commandId: string,
): Promise<{ readonly commandId: string; readonly status: CommandStatus } | null> {
  const keys = editionKeys(prefix, edition);
  let id = commandId;
  let record = await redis.hgetall(keys.command(id));
  // Each one is newer, so this ends.
  for (;;) {
    const { superseded: newer } = record;
    if (!newer) break;
    id = newer;
    record = await redis.hgetall(keys.command(id));
  }
  if (Object.keys(record).length === 0) return null;
  const { item, version, state, seq, problem } = statusRecord.parse(record);
  const status = {
    id: item,
    version,
    state,
    ...(seq !== undefined && { seq }),
    ...(problem !== undefined && { problem }),
  };
  return { commandId: id, status };
}
