import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { editionKeys } from './keys.ts';
import { Script } from './script.ts';

const epochScript = new Script(new URL('./epoch.lua', import.meta.url));

/** Eight random characters: a log that begins anew is told from the one before it. */
export function newEpoch(): string {
  return Array.from(randomBytes(8), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('');
}

/**
 * Gives an edition that has never had an entry its epoch, so that its first readers already have a position to come back
 * with, and one whose history is suspect a new one. Only this script and the append write an epoch.
 */
export async function settleEpochs(redis: Redis, prefix: string, editions: readonly string[]): Promise<void> {
  await Promise.all(
    editions.map((edition) => {
      const { base, meta } = editionKeys(prefix, edition);
      return epochScript.run(redis, [meta], [base, newEpoch()]);
    }),
  );
}
