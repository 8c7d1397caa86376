import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Head } from '../entries/entry.ts';
import { editionKeys } from './redis-keys.ts';
import { Script } from './script.ts';
import type { RedisConnection } from './shards.ts';

const reply = z.tuple([z.string(), z.coerce.number(), z.string()]);
const epochScript = new Script(new URL('./epoch.lua', import.meta.url), {
  keys: ['meta', 'audit'],
  args: ['base', 'freshEpoch', 'knownEpoch', 'knownSeq', 'knownHash'],
});

/** Eight random characters, which distinguish one history of an edition from another. */
export function newEpoch(): string {
  return Array.from(randomBytes(8), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('');
}

/**
 * Gives an edition without entries its first epoch, so that its first clients get a position. Gives an edition whose history was
 * rewritten a new epoch: a replica reported it, or the log no longer has the entry `known`. Only this script and the append write
 * an epoch. Returns the head after that.
 */
export async function settleEpoch(
  redis: RedisConnection,
  prefix: string,
  edition: string,
  known?: Head,
): Promise<Head> {
  const { base, meta, audit } = editionKeys(prefix, edition);
  const { epoch: knownEpoch, seq: knownSeq, hash: knownHash } = known ?? { epoch: '', seq: 0, hash: '' };
  const args = { base, freshEpoch: newEpoch(), knownEpoch, knownSeq, knownHash };
  const [epoch, seq, hash] = reply.parse(await epochScript.run(redis, { keys: { meta, audit }, args }));
  return { epoch, seq, hash };
}

export async function settleEpochs(redis: RedisConnection, prefix: string, editions: readonly string[]): Promise<void> {
  await Promise.all(editions.map((edition) => settleEpoch(redis, prefix, edition)));
}
