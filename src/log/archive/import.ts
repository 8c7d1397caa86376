import { settleEpochs } from '../redis/epoch.ts';
import { channelsOf, editionKeys, keyOf, keyPatterns, siteKeys } from '../redis/redis-keys.ts';
import { keysIn } from '../redis/scan.ts';
import { advanceSchema, importMark, migrate, schemaVersion } from '../redis/schema-version.ts';
import { nodesOf, type RedisConnection, Shards } from '../redis/shards.ts';
import { ArchiveError, type ArchiveHeader, type ArchivePart, readArchive } from './archive.ts';

export interface ImportOptions {
  readonly redis: RedisConnection;
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
  if (await isRunning(redis, prefix))
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

/** Whether any process listens on the roll call. */
async function isRunning(redis: RedisConnection, prefix: string): Promise<boolean> {
  const channel = channelsOf(redis, prefix).rollCall;
  const counts = await Promise.all(nodesOf(redis).map((node) => node.pubsub('NUMSUB', channel)));
  return counts.some((reply) => Array.isArray(reply) && Number(reply[1]) > 0);
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

async function mark(redis: RedisConnection, prefix: string): Promise<void> {
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

async function eraseHalf(redis: RedisConnection, prefix: string): Promise<void> {
  if ((await redis.get(siteKeys(prefix).schema)) !== importMark)
    throw new ArchiveError(`no import was interrupted under the prefix ${prefix}: nothing is erased`);
  for await (const names of keysIn(redis, keyPatterns(prefix).all)) {
    const half = names.filter((name) => name !== siteKeys(prefix).schema);
    await Promise.all(half.map((name) => redis.unlink(name)));
  }
}

/** Clients of the old history have to start with a snapshot. */
async function suspectAll(redis: RedisConnection, prefix: string, editions: readonly string[]): Promise<void> {
  for (const edition of editions) {
    const { meta, suspect } = editionKeys(prefix, edition);
    const epoch = await redis.hget(meta, 'epoch');
    if (epoch !== null) await redis.set(suspect, epoch);
  }
}

/** Few, because each may have all versions of an item. */
const partsAtOnce = 50;

interface Write {
  readonly key: string;
  readonly part: ArchivePart;
}

async function write(
  redis: RedisConnection,
  prefix: string,
  file: string,
): Promise<Pick<Imported, 'lines' | 'expired'>> {
  const clock = new Shards(redis, prefix, []).site.clock;
  await clock.sample();
  const now = clock.now();
  let lines = 0;
  let expired = 0;
  let batch: Write[] = [];
  for await (const value of readArchive(file)) {
    if (value.type === 'flashwire-export') continue;
    if (value.expiresAt !== undefined && value.expiresAt <= now) expired += 1;
    else batch.push({ key: keyOf(prefix, value.key), part: value });
    lines += 1;
    if (batch.length < partsAtOnce) continue;
    await flush(redis, batch);
    batch = [];
  }
  await flush(redis, batch);
  return { lines, expired };
}

/** Without a pipeline, because in a cluster its keys would be on several nodes. The commands of one key stay in order. */
async function flush(redis: RedisConnection, batch: readonly Write[]): Promise<void> {
  await Promise.all(
    batch.flatMap(({ key, part }) => [
      ...writesOf(redis, key, part),
      ...(part.expiresAt === undefined ? [] : [redis.pexpireat(key, part.expiresAt)]),
    ]),
  );
}

function writesOf(redis: RedisConnection, key: string, part: ArchivePart): readonly Promise<unknown>[] {
  switch (part.type) {
    case 'string':
      return [redis.set(key, part.value)];
    case 'hash':
      return [redis.hset(key, ...part.fields.flat())];
    case 'set':
      return [redis.sadd(key, ...part.members)];
    case 'zset':
      return [redis.zadd(key, ...part.members.flatMap(([member, score]) => [score, member]))];
    case 'stream':
      return part.entries.map(([id, fields]) => redis.xadd(key, id, ...fields));
  }
}
