import { z } from 'zod';
import { channelsOf, editionKeys } from '../redis/redis-keys.ts';
import { Script } from '../redis/script.ts';
import type { RedisConnection } from '../redis/shards.ts';
import { ArchiveError } from './archive.ts';

const purgeScript = new Script(new URL('./purge.lua', import.meta.url), {
  keys: ['item', 'text', 'versions', 'meta', 'audit'],
  args: ['base', 'itemId', 'edition', 'name', 'reason', 'deskChannel'],
});
const reply = z.union([
  z.tuple([z.literal('purged'), z.coerce.number(), z.coerce.number(), z.string()]),
  z.tuple([z.literal('refused'), z.enum(['item-not-found', 'not-retracted', 'not-yet']), z.string()]),
]);

export interface PurgeOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly edition: string;
  readonly itemId: string;
  /** Who asks for it, and why; the audit trail keeps both permanently. */
  readonly name: string;
  readonly reason: string;
}

export interface Purged {
  /** ms since 1970, Redis' clock. */
  readonly at: number;
  readonly versions: number;
  /** Whether it had been purged before, at that time. */
  readonly again: boolean;
}

/** Erases the desk's copies of a retracted or cancelled item, in one step. Rejects with an ArchiveError if it refuses. */
export async function purgeItem({ redis, prefix, edition, itemId, name, reason }: PurgeOptions): Promise<Purged> {
  const keys = editionKeys(prefix, edition);
  const parsed = reply.parse(
    await purgeScript.run(redis, {
      keys: {
        item: keys.item(itemId),
        text: keys.text(itemId),
        versions: keys.versions(itemId),
        meta: keys.meta,
        audit: keys.audit,
      },
      args: { base: keys.base, itemId, edition, name, reason, deskChannel: channelsOf(redis, prefix).desk },
    }),
  );
  if (parsed[0] === 'purged') return { at: parsed[1], versions: parsed[2], again: parsed[3] === '1' };
  const [, problem, state] = parsed;
  if (problem === 'item-not-found') throw new ArchiveError(`there is no item ${itemId} in the edition ${edition}`);
  if (problem === 'not-yet')
    throw new ArchiveError(`the retraction of ${itemId} is accepted and not in the log yet: try again when it is`);
  throw new ArchiveError(
    `${itemId} is ${state}: only what was retracted or cancelled can be purged; first: flashwire retract ${itemId} --reason ".."`,
  );
}
