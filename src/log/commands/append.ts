import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Command, commandKinds } from '../../item/command.ts';
import { parseBody } from '../entries/reply.ts';
import { newEpoch } from '../redis/epoch.ts';
import { channelsOf, editionKeys, queueKeys } from '../redis/redis-keys.ts';
import {
  itemSeconds,
  noticeMs,
  noticeWithinMs,
  overTtlSeconds,
  withdrawnKept,
  withdrawnSeconds,
} from '../redis/retention.ts';
import { Script } from '../redis/script.ts';
import type { Shards } from '../redis/shards.ts';
import type { AppendOutcome, Due } from './worker-log.ts';

const appendScript = new Script(new URL('./append.lua', import.meta.url), {
  keys: ['meta', 'log', 'shown', 'due', 'items', 'suspect', 'audit', 'withdrawn', 'queue'],
  args: [
    'base',
    'freshEpoch',
    'entriesChannel',
    'outcomesChannel',
    'entriesKept',
    'itemTtl',
    'noticeStays',
    'noticeWithin',
    'overTtl',
    'withdrawnTtl',
    'withdrawnKept',
    'inTurn',
    'deskChannel',
    'deadline',
    'count',
  ],
});

const followUp = z
  .tuple([z.string(), z.coerce.number(), z.enum(commandKinds)])
  .transform(([commandId, dueAt, kind]): Due => ({ commandId, dueAt, kind }));
const appendReply = z.array(
  z.union([
    z.tuple([z.literal('appended'), z.number(), z.string(), z.string()], followUp),
    z.tuple([z.literal('early'), z.number()]),
    z.tuple([z.literal('behind')]),
    z.tuple([z.literal('held')]),
    z.tuple([z.literal('refused'), z.string()]),
    z.tuple([z.literal('failed'), z.string()]),
  ]),
);

const lateReply = z.tuple([z.literal('late')]);

/** As long as its caller waits for the reply of Redis (ops/redis/redis.ts). */
const appendWithinMs = 2_000;

export interface AppendOptions {
  readonly shards: Pick<Shards, 'of'>;
  readonly prefix: string;
  /** Entries that the stream keeps. */
  readonly entriesKept: number;
  /** How long an item is kept after its last entry, days (FLASHWIRE_ITEM_DAYS). */
  readonly itemDays: number;
  /** How long the notice of a retraction stays in the item's place; 10 minutes. */
  readonly noticeMs?: number;
}

/**
 * Appends commands of one edition in this order, in one script. With `passed` each takes its turn: it is not appended while an older
 * command is open that is neither among them nor among the passed ones. Without, they do not wait for others. Returns an outcome for
 * each.
 *
 * A primary that stood still runs what waited for it when it wakes up. By then a worker may have appended the commands at the one
 * that has taken over, and readers would get two entries of one seq. So an append has a deadline. A clock that changed makes every
 * append late until the next look at it.
 */
export async function append(
  options: AppendOptions,
  edition: string,
  commands: readonly Command[],
  passed: readonly string[] | null,
): Promise<readonly AppendOutcome[]> {
  const { clock } = options.shards.of(edition);
  const once = () => appendBy(clock.now() + appendWithinMs, options, edition, commands, passed);
  let outcomes = await once();
  if (outcomes === 'late') {
    await clock.sample();
    outcomes = await once();
  }
  if (outcomes === 'late') throw new Error('Redis ran an append after its time');
  return outcomes;
}

async function appendBy(
  deadline: number,
  { shards, prefix, entriesKept, itemDays, noticeMs: staysMs = noticeMs }: AppendOptions,
  edition: string,
  commands: readonly Command[],
  passed: readonly string[] | null,
): Promise<readonly AppendOutcome[] | 'late'> {
  const keys = editionKeys(prefix, edition);
  const { redis } = shards.of(edition);
  const channels = channelsOf(redis, prefix);
  const reply = await appendScript.run(redis, {
    keys: { ...keys, queue: queueKeys(prefix, edition, 'publish').meta },
    moreKeys: commands.flatMap(({ itemId, id }) => [keys.item(itemId), keys.text(itemId), keys.command(id)]),
    args: {
      base: keys.base,
      freshEpoch: newEpoch(),
      entriesChannel: channels.entries(edition),
      outcomesChannel: channels.outcomes(edition),
      deskChannel: channels.desk,
      entriesKept,
      itemTtl: itemSeconds(edition, itemDays),
      noticeStays: staysMs,
      noticeWithin: noticeWithinMs,
      overTtl: overTtlSeconds,
      withdrawnTtl: withdrawnSeconds,
      withdrawnKept,
      inTurn: passed ? '1' : '',
      deadline,
      count: commands.length,
    },
    rest: [...commands.flatMap(argumentsOf), ...(passed ?? [])],
  });
  return lateReply.safeParse(reply).success ? 'late' : appendReply.parse(reply).map(outcomeOf);
}

function argumentsOf({ id, itemId, body }: Command): readonly string[] {
  const { language = '', dir = '' } = body === '' ? {} : parseBody(body);
  const digest = body === '' ? '' : createHash('sha256').update(body).digest('hex');
  return [id, itemId, digest, language, dir];
}

function outcomeOf(reply: z.infer<typeof appendReply>[number]): AppendOutcome {
  switch (reply[0]) {
    case 'appended': {
      const [type, seq, seen, hash, ...followUps] = reply;
      return { type, seq, seen: seen === '1', hash, followUps };
    }
    case 'early':
      return { type: 'early', waitMs: reply[1] };
    case 'refused':
      return { type: 'refused', problem: reply[1] };
    case 'failed':
      return { type: 'failed', error: new Error(reply[1]) };
    default:
      return { type: reply[0] };
  }
}
