import type { Redis } from 'ioredis';
import { editionKeys, rehearsingSite, siteKeys, siteTrail } from './redis-keys.ts';
import { Script } from './script.ts';

/** The form of the data that this program writes and reads; a number in Redis says which one stands there. */
export const schemaVersion = 2;

/** Stands in the number's place while an import writes: half of a site is no site. */
export const importMark = 'importing';

/** Why this program must not touch what is in Redis, as one line a person can act on. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

export interface Store {
  readonly redis: Redis;
  readonly prefix: string;
  readonly editions: readonly string[];
}

type Migration = (store: Store) => Promise<void>;

/**
 * By the version that they start from. Each may be run twice, and by two processes at once; it leaves alone what is not its
 * affair, since a fan-out of the version before goes on reading meanwhile.
 */
const migrations: Readonly<Record<number, Migration>> = {
  // What is from before the chain has no link, and no one can make it one now: it stays as it is, in front of what has.
  1: async ({ redis, prefix }) => {
    const { auditOfSchema1: old } = siteKeys(prefix);
    if ((await redis.exists(old)) === 1)
      await redis.renamenx(old, editionKeys(prefix, siteTrail).audit).catch(unlessGone);
  },
};

/** Another process has just done the same. */
function unlessGone(error: Error): void {
  if (!error.message.includes('no such key')) throw error;
}

const stepScript = new Script(new URL('./schema-version.lua', import.meta.url), {
  keys: ['schema'],
  args: ['from', 'to'],
});

/** Rejects with a SchemaError for a prefix under which another site rehearses: its rehearsals would be published here. */
export async function requireNoRehearsal({ redis, prefix }: Store): Promise<void> {
  const site = rehearsingSite(prefix);
  if (site === null) return;
  // Who may not look at keys of another prefix may not rehearse there either.
  const found = await redis.exists(siteKeys(site).schema).catch(() => 0);
  if (found === 1)
    throw new SchemaError(
      `the site with the prefix ${site} rehearses under ${prefix}: set FLASHWIRE_REDIS_PREFIX to something that does not end in -test`,
    );
}

/** The version of what is in Redis; null where there is nothing. Rejects with a SchemaError for what this program does not know. */
export async function readSchema({ redis, prefix, editions }: Store): Promise<number | null> {
  const found = await redis.get(siteKeys(prefix).schema);
  if (found === null) return (await hasEditions({ redis, prefix, editions })) ? 1 : null;
  if (found === importMark)
    throw new SchemaError(
      `an import into Redis (prefix ${prefix}) has not come to its end: run flashwire import --again <file>`,
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

/** Brings what is in Redis to this program's version, step by step. Returns the version that it found; null: nothing was there. */
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

/** False where something else stands there than `from`; the empty string is nothing. */
export async function advanceSchema(redis: Redis, prefix: string, from: string, to: string): Promise<boolean> {
  return (await stepScript.run(redis, { keys: { schema: siteKeys(prefix).schema }, args: { from, to } })) === 1;
}

async function hasEditions({ redis, prefix, editions }: Store): Promise<boolean> {
  const found = await Promise.all(editions.map((edition) => redis.exists(editionKeys(prefix, edition).meta)));
  return found.includes(1);
}
