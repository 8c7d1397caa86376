import { editionKeys, rehearsingSite, siteKeys, siteTrail } from './redis-keys.ts';
import { Script } from './script.ts';
import { isCluster, type RedisConnection } from './shards.ts';

/** The form of the data that this program reads and writes. Redis has the number of the form of its data. */
export const schemaVersion = 2;

/** Replaces the number while an import writes, so that no role starts on a partial import. */
export const importMark = 'importing';

/** Why this program must not use the data in Redis: one line that says what to do. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

export interface Store {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly editions: readonly string[];
}

type Migration = (store: Store) => Promise<void>;

/**
 * By the version that each migration starts from. It may run twice, and in two processes at once. It changes only what it has
 * to, because a fan-out of the earlier version reads at the same time.
 */
const migrations: Readonly<Record<number, Migration>> = {
  // Records from before the chain have no link, and cannot get one now. They stay, in front of the records that have one.
  1: async ({ redis, prefix }) => {
    const { auditOfSchema1: old } = siteKeys(prefix);
    if ((await redis.exists(old)) === 0) return;
    const { audit } = editionKeys(prefix, siteTrail);
    if (!isCluster(redis)) return void (await redis.renamenx(old, audit).catch(unlessGone));
    await copyStream(redis, old, audit);
    await redis.unlink(old);
  },
};

/** Between two nodes of a cluster, which cannot rename. Only an import of an old export comes here, and no role runs meanwhile. */
async function copyStream(redis: RedisConnection, from: string, to: string): Promise<void> {
  const [newest] = await redis.xrevrange(to, '+', '-', 'COUNT', 1);
  for (let after = newest?.[0]; ; ) {
    const found = await redis.xrange(from, after === undefined ? '-' : `(${after}`, '+', 'COUNT', 500);
    for (const [id, fields] of found) await redis.xadd(to, id, ...fields);
    after = found.at(-1)?.[0];
    if (after === undefined) return;
  }
}

/** Another process has renamed it. */
function unlessGone(error: Error): void {
  if (!error.message.includes('no such key')) throw error;
}

const stepScript = new Script(new URL('./schema-version.lua', import.meta.url), {
  keys: ['schema'],
  args: ['from', 'to'],
});

/** Rejects with a SchemaError if another site rehearses under this prefix: its rehearsals would be published here. */
export async function requireNoRehearsal({ redis, prefix }: Store): Promise<void> {
  const site = rehearsingSite(prefix);
  if (site === null) return;
  // A Redis user that may not read keys of another prefix may not rehearse there either.
  const found = await redis.exists(siteKeys(site).schema).catch(() => 0);
  if (found === 1)
    throw new SchemaError(
      `the site with the prefix ${site} rehearses under ${prefix}: set FLASHWIRE_REDIS_PREFIX to something that does not end in -test`,
    );
}

/** The version of the data in Redis; null without data. Rejects with a SchemaError for a version that this program does not know. */
export async function readSchema({ redis, prefix, editions }: Store): Promise<number | null> {
  const found = await redis.get(siteKeys(prefix).schema);
  if (found === null) return (await hasEditions({ redis, prefix, editions })) ? 1 : null;
  if (found === importMark)
    throw new SchemaError(
      `an import into Redis (prefix ${prefix}) was interrupted: run flashwire import --again <file>`,
    );
  const version = Number(found);
  if (!/^[1-9]\d{0,8}$/.test(found))
    throw new SchemaError(
      `${siteKeys(prefix).schema} in Redis is ${JSON.stringify(found.slice(0, 40))}, no schema version`,
    );
  if (version > schemaVersion)
    throw new SchemaError(
      `the data in Redis (prefix ${prefix}) is of schema ${version}, this program knows ${schemaVersion} at most: run the Flashwire that wrote it, or go back to a backup from before the upgrade`,
    );
  return version;
}

/** Migrates the data in Redis to this program's version, step by step. Returns the version before; null if there was no data. */
export async function migrate(store: Store): Promise<number | null> {
  const { redis, prefix } = store;
  const began = await readSchema(store);
  if (began === null || began === 1) await advanceSchema(redis, prefix, '', String(began ?? schemaVersion));
  for (let version = await readSchema(store); version !== null && version < schemaVersion; ) {
    await migrations[version]?.(store);
    await advanceSchema(redis, prefix, String(version), String(version + 1));
    version = await readSchema(store);
  }
  return began;
}

/** False if the key does not have the version `from`. The empty string means no version. */
export async function advanceSchema(
  redis: RedisConnection,
  prefix: string,
  from: string,
  to: string,
): Promise<boolean> {
  return (await stepScript.run(redis, { keys: { schema: siteKeys(prefix).schema }, args: { from, to } })) === 1;
}

async function hasEditions({ redis, prefix, editions }: Store): Promise<boolean> {
  const found = await Promise.all(editions.map((edition) => redis.exists(editionKeys(prefix, edition).meta)));
  return found.includes(1);
}
