import type { Redis } from 'ioredis';
import { type Arguments, UsageError } from '../../cli/arguments.ts';
import { jsonLine, type Terminal } from '../../cli/terminal.ts';
import { itemId } from '../../item/schema.ts';
import { cleanText, noteLimits } from '../../item/text.ts';
import { ArchiveError } from '../../log/archive/archive.ts';
import { purgeItem } from '../../log/archive/purge.ts';
import { redisErrorKind } from '../../log/redis/redis-error.ts';
import { editionKeys, rehearsalPrefix } from '../../log/redis/redis-keys.ts';
import { readSchema } from '../../log/redis/schema-version.ts';
import { nodesOf, type RedisConnection } from '../../log/redis/shards.ts';

/** `flashwire purge <id>`: erases the texts of an item of the site or of its rehearsals, then rewrites the append-only file. */
export async function runPurge(
  open: () => Promise<RedisConnection>,
  site: string,
  args: Arguments,
  terminal: Terminal,
): Promise<void> {
  const [, id = ''] = args.words;
  const edition = args.one('edition') ?? '';
  if (!itemId.safeParse(id).success) throw new UsageError('purge: give the id of the item');
  const name = textOf(args, 'name');
  const reason = textOf(args, 'reason');
  const redis = await open();
  const editions = [edition];
  if ((await readSchema({ redis, prefix: site, editions })) === null)
    throw new ArchiveError(`edition ${edition} does not exist under the prefix ${site} in this Redis`);
  const rehearsal = rehearsalPrefix(site);
  const isRehearsed = (await redis.exists(editionKeys(rehearsal, edition).item(id))) === 1;
  const prefix = isRehearsed ? rehearsal : site;
  const { at, versions, again } = await purgeItem({
    redis,
    prefix,
    edition,
    itemId: id,
    name,
    reason,
  });
  // A replica has a file of its own, and is reached only in a cluster.
  const files = await Promise.all(nodesOf(redis).map(rewriteFile));
  const file = worstFirst.find((one) => files.includes(one)) ?? 'none';
  const when = new Date(at).toISOString();
  if (args.is('json')) terminal.out(jsonLine({ id, edition, purgedAt: when, versions, again, appendOnlyFile: file }));
  else {
    terminal.out(`${id}: the texts of ${versions} versions are erased${again ? ` (first purged on ${when})` : ''}`);
    terminal.out(`${fileTexts[file]} Earlier backups, exports and copies still have them.`);
  }
}

function textOf(args: Arguments, name: 'name' | 'reason'): string {
  const raw = args.one(name);
  if (raw === undefined || raw === '') return '';
  const cleaned = cleanText(raw, noteLimits);
  if (!cleaned.ok) throw new UsageError(`purge: --${name}: ${cleaned.problems.join(', ')}`);
  return cleaned.text;
}

const fileTexts = {
  none: 'Redis keeps no append-only file.',
  rewriting: 'Redis is rewriting its append-only file without them.',
  busy: 'Redis was already rewriting its append-only file, which may still have them: run redis-cli BGREWRITEAOF when that is done.',
  refused: 'The append-only file still has them, and this Redis user may not rewrite it: run redis-cli BGREWRITEAOF.',
} as const;

const worstFirst = ['refused', 'busy', 'rewriting'] as const;

/** The append-only file has every text until Redis rewrites it. */
async function rewriteFile(redis: Redis): Promise<keyof typeof fileTexts> {
  try {
    const info = await redis.info('persistence');
    if (/^aof_enabled:0/m.test(info)) return 'none';
    if (/^aof_rewrite_in_progress:1/m.test(info)) return 'busy';
    await redis.bgrewriteaof();
    return 'rewriting';
  } catch (error) {
    if (redisErrorKind(error) === 'denied') return 'refused';
    if (error instanceof Error && error.message.includes('already in progress')) return 'busy';
    throw error;
  }
}
