import { editionKeys, keyPatterns, nameOf, trails } from '../redis/redis-keys.ts';
import { keysIn } from '../redis/scan.ts';
import { readSchema } from '../redis/schema-version.ts';
import type { RedisConnection } from '../redis/shards.ts';
import { editionsIn } from '../trail/chain-source.ts';
import { ArchiveError, type ArchivePart, isKept, Seal } from './archive.ts';

export interface ExportOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
  /** RFC 3339. */
  readonly at: string;
}

/** Something was accepted or appended during the export, so the file is not of one moment. */
export class ChangedError extends ArchiveError {
  constructor() {
    super('the site changed while it was read; try again, or stop its api and its worker first');
  }
}

/**
 * The lines of an archive (archive.ts), in memory that does not grow with the site. Rejects before the end with a ChangedError if
 * the site changed during the export, and with an ArchiveError for data that it cannot keep.
 */
export async function* exportSite({ redis, prefix, at }: ExportOptions): AsyncGenerator<string> {
  const editions = (await editionsIn(redis, prefix)).filter((id) => !trails.includes(id));
  const schema = await readSchema({ redis, prefix, editions });
  if (schema === null) throw new ArchiveError(`there is nothing under the prefix ${prefix} in this Redis`);
  const before = await momentOf(redis, prefix, editions);
  const seal = new Seal();
  const sealed = (value: object): string => {
    const line = JSON.stringify(value);
    seal.add(line);
    return line;
  };
  yield sealed({ type: 'flashwire-export', format: 1, schema, prefix, at, editions });
  // A scan may return a key twice. Parts of a stream must not come twice.
  const streams = new Set<string>();
  for await (const names of keysIn(redis, keyPatterns(prefix).all)) {
    const read = await Promise.all(names.map((name) => readKey(redis, prefix, name, streams)));
    for (const part of read.flat()) yield sealed(part);
  }
  for (const name of streams) for await (const part of readStream(redis, prefix, name)) yield sealed(part);
  if ((await momentOf(redis, prefix, editions)) !== before) throw new ChangedError();
  yield JSON.stringify(seal.close());
}

/** Equal before and after if nothing was accepted, appended or done with API keys in between. */
async function momentOf(redis: RedisConnection, prefix: string, editions: readonly string[]): Promise<string> {
  const ofEditions = editions.map(async (edition) => {
    const keys = editionKeys(prefix, edition);
    return [await redis.hget(keys.meta, 'seq'), await newestId(redis, keys.audit), await redis.zcard(keys.due)];
  });
  const ofTrails = trails.map((trail) => newestId(redis, editionKeys(prefix, trail).audit));
  return JSON.stringify(await Promise.all([...ofTrails, ...ofEditions]));
}

async function newestId(redis: RedisConnection, stream: string): Promise<string> {
  return (await redis.xrevrange(stream, '+', '-', 'COUNT', 1))[0]?.[0] ?? '';
}

const partsAtOnce = 500;

/** Every part of a key that is kept. A stream is only added to `streams`. */
async function readKey(
  redis: RedisConnection,
  prefix: string,
  name: string,
  streams: Set<string>,
): Promise<readonly ArchivePart[]> {
  const key = nameOf(prefix, name);
  if (!isKept(key)) return [];
  const [type, expiresAt] = await Promise.all([redis.type(name), redis.pexpiretime(name)]);
  const place = { key, ...(expiresAt > 0 && { expiresAt }) };
  switch (type) {
    case 'none': // it has expired
      return [];
    case 'stream':
      streams.add(name);
      return [];
    case 'string': {
      const value = texts(await redis.callBuffer('GET', name), name);
      return typeof value === 'string' ? [{ type, ...place, value }] : [];
    }
    case 'set':
      return scanKey(redis, 'SSCAN', name, (members) => ({ type, ...place, members }));
    case 'hash':
      return scanKey(redis, 'HSCAN', name, (flat) => ({ type, ...place, fields: pairs(flat) }));
    case 'zset':
      return scanKey(redis, 'ZSCAN', name, (flat) => ({ type, ...place, members: pairs(flat) }));
    default:
      throw new ArchiveError(`${name} is a ${type}, which this program does not know how to keep`);
  }
}

async function scanKey(
  redis: RedisConnection,
  command: 'SSCAN' | 'HSCAN' | 'ZSCAN',
  name: string,
  partOf: (flat: string[]) => ArchivePart,
): Promise<readonly ArchivePart[]> {
  const parts: ArchivePart[] = [];
  let cursor = '0';
  do {
    const [next, flat] = texts(await redis.callBuffer(command, name, cursor, 'COUNT', partsAtOnce), name) as [
      string,
      string[],
    ];
    if (flat.length > 0) parts.push(partOf(flat));
    cursor = next;
  } while (cursor !== '0');
  return parts;
}

async function* readStream(redis: RedisConnection, prefix: string, name: string): AsyncGenerator<ArchivePart> {
  const key = nameOf(prefix, name);
  const expiresAt = await redis.pexpiretime(name);
  // Up to the entry that is the newest now: a stream that is being written would have no end.
  const newest = await newestId(redis, name);
  for (let from = '-'; newest !== ''; ) {
    const reply = await redis.callBuffer('XRANGE', name, from, newest, 'COUNT', partsAtOnce);
    const entries = texts(reply, name) as [string, string[]][];
    const last = entries.at(-1)?.[0];
    if (last === undefined) return;
    yield { type: 'stream', key, ...(expiresAt > 0 && { expiresAt }), entries };
    from = `(${last}`;
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as [string, string]] : []));
}

/** Strict, because bytes that are not UTF-8 would be imported as other bytes. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A reply with its bytes as text. */
function texts(reply: unknown, name: string): unknown {
  if (Array.isArray(reply)) return reply.map((part) => texts(part, name));
  if (!(reply instanceof Uint8Array)) return reply;
  try {
    return utf8.decode(reply);
  } catch (cause) {
    throw new ArchiveError(`${name} holds bytes that are no UTF-8 text: it was not written by Flashwire`, { cause });
  }
}
