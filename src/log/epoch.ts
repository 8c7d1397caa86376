import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { editionKeys } from './keys.ts';

/** Eight random characters: a log that begins anew is told from the one before it. */
export function newEpoch(): string {
  return Array.from(randomBytes(8), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('');
}

/** Gives an edition that has never had an entry its epoch, so that its first readers already have a position to come back with. */
export async function beginEditions(redis: Redis, prefix: string, editions: readonly string[]): Promise<void> {
  await Promise.all(editions.map((edition) => redis.hsetnx(editionKeys(prefix, edition).meta, 'epoch', newEpoch())));
}
