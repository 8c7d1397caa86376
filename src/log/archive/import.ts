import type { ChainableCommander, Redis } from 'ioredis';
import { settleEpochs } from '../redis/epoch.ts';
import { channelsOf, editionKeys, keyOf, keyPatterns, siteKeys } from '../redis/redis-keys.ts';
import { keysIn } from '../redis/scan.ts';
import { advanceSchema, importMark, migrate, schemaVersion } from '../redis/schema-version.ts';
import { ArchiveError, type ArchiveHeader, type ArchivePart, readArchive } from './archive.ts';

export interface ImportOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly file: string;
  /** Deletes the partial import of an interrupted run first. */
  readonly isAgain: boolean;
}

export interface Imported {
  readonly editions: readonly string[];
  readonly lines: number;
  /** Parts of keys that had expired. */
  readonly expired: number;
}

/**
 * Writes an archive into an empty Redis. It reads and verifies the whole file before the first write. From the first write to the
 * last the schema version is `importing`, so that no role starts on a partial import. Stream ids, `seq` and expiries stay. Every
 * edition gets a new epoch, so that clients of the old history get a snapshot. Rejects with an ArchiveError if it refuses.
 */
export async function importSite({ redis, prefix, file, isAgain }: ImportOptions): Promise<Imported> {
  const header = await prove(file);
  const [, subscribers] = (await redis.pubsub('NUMSUB', channelsOf(redis, prefix).rollCall)) as [string, number];
  if (subscribers > 0)
    throw new ArchiveError(`a Flashwire with the prefix ${prefix} is running: stop all of its roles`);
  if (isAgain) await eraseHalf(redis, prefix);
  else await mark(redis, prefix);
  const { lines, expired } = await write(redis, prefix, file);
  await suspectAll(redis, prefix, header.editions);
  await settleEpochs(redis, prefix, header.editions);
  await advanceSchema(redis, prefix, importMark, String(header.schema));
  await migrate({ redis, prefix, editions: header.editions });
  return { editions: header.editions, lines, expired };
}

/** Reads the whole file and writes nothing. */
async function prove(file: string): Promise<ArchiveHeader> {
  let header: ArchiveHeader | null = null;
  for await (const value of readArchive(file)) if (value.type === 'flashwire-export') header = value;
  if (!header) throw new ArchiveError(`${file} is no export of Flashwire`);
  if (header.schema > schemaVersion)
    throw new ArchiveError(
      `${file} is of schema ${header.schema}, this program knows ${schemaVersion} at most: import it with the Flashwire that wrote it`,
    );
  return header;
}

async function mark(redis: Redis, prefix: string): Promise<void> {
  const standing = await redis.get(siteKeys(prefix).schema);
  if (standing === importMark)
    throw new ArchiveError(`an import was interrupted here: run flashwire import --again <file>`);
  for await (const [name] of keysIn(redis, keyPatterns(prefix).all))
    if (name !== undefined)
      throw new ArchiveError(
        `there is something under the prefix ${prefix} already (${name}): import into an empty Redis`,
      );
  if (!(await advanceSchema(redis, prefix, '', importMark)))
    throw new ArchiveError(`a Flashwire with the prefix ${prefix} has just started: stop all of its roles`);
}

async function eraseHalf(redis: Redis, prefix: string): Promise<void> {
  if ((await redis.get(siteKeys(prefix).schema)) !== importMark)
    throw new ArchiveError(`no import was interrupted under the prefix ${prefix}: nothing is erased`);
  for await (const names of keysIn(redis, keyPatterns(prefix).all)) {
    const half = names.filter((name) => name !== siteKeys(prefix).schema);
    if (half.length > 0) await redis.unlink(...half);
  }
}

/** Clients of the old history have to start with a snapshot. */
async function suspectAll(redis: Redis, prefix: string, editions: readonly string[]): Promise<void> {
  for (const edition of editions) {
    const { meta, suspect } = editionKeys(prefix, edition);
    const epoch = await redis.hget(meta, 'epoch');
    if (epoch !== null) await redis.set(suspect, epoch);
  }
}

/** Few, because each may have all versions of an item. */
const commandsAtOnce = 50;

async function write(redis: Redis, prefix: string, file: string): Promise<Pick<Imported, 'lines' | 'expired'>> {
  const [seconds] = await redis.time();
  const now = Number(seconds) * 1_000;
  let lines = 0;
  let expired = 0;
  let batch = redis.pipeline();
  for await (const value of readArchive(file)) {
    if (value.type === 'flashwire-export') continue;
    if (value.expiresAt !== undefined && value.expiresAt <= now) expired += 1;
    else addTo(batch, keyOf(prefix, value.key), value);
    lines += 1;
    if (batch.length < commandsAtOnce) continue;
    await flush(batch);
    batch = redis.pipeline();
  }
  await flush(batch);
  return { lines, expired };
}

function addTo(batch: ChainableCommander, key: string, part: ArchivePart): void {
  if (part.type === 'string') batch.set(key, part.value);
  else if (part.type === 'hash') batch.hset(key, ...part.fields.flat());
  else if (part.type === 'set') batch.sadd(key, ...part.members);
  else if (part.type === 'zset') batch.zadd(key, ...part.members.flatMap(([member, score]) => [score, member]));
  else for (const [id, fields] of part.entries) batch.xadd(key, id, ...fields);
  if (part.expiresAt !== undefined) batch.pexpireat(key, part.expiresAt);
}

async function flush(batch: ChainableCommander): Promise<void> {
  for (const [error] of (await batch.exec()) ?? []) if (error) throw error;
}
