import type { Redis } from 'ioredis';
import { type Arguments, UsageError } from '../../cli/arguments.ts';
import { jsonLine, type Terminal } from '../../cli/terminal.ts';
import { itemId } from '../../item/schema.ts';
import { cleanText, noteLimits } from '../../item/text.ts';
import { ArchiveError } from '../../log/archive/archive.ts';
import { purgeItem } from '../../log/archive/purge.ts';
import { redisErrorKind } from '../../log/redis/redis-error.ts';
import { editionKeys } from '../../log/redis/redis-keys.ts';
import { readSchema } from '../../log/redis/schema-version.ts';

/** `flashwire purge <id>`: in the newsroom's store or in that of its rehearsals, whichever has it; then out of the append-only file. */
export async function runPurge(
  open: () => Promise<Redis>,
  site: string,
  given: Arguments,
  terminal: Terminal,
): Promise<void> {
  const [, id = ''] = given.words;
  const edition = given.one('edition') ?? '';
  if (!itemId.safeParse(id).success) throw new UsageError('purge: give the id of the item');
  const name = textOf(given, 'name');
  const reason = textOf(given, 'reason');
  const redis = await open();
  const editions = [edition];
  if ((await readSchema({ redis, prefix: site, editions })) === null)
    throw new ArchiveError(`there is nothing of an edition ${edition} under the prefix ${site} in this Redis`);
  const rehearsal = `${site}-test`;
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
  const file = await rewriteFile(redis);
  const when = new Date(at).toISOString();
  if (given.is('json')) terminal.out(jsonLine({ id, edition, purgedAt: when, versions, again, appendOnlyFile: file }));
  else {
    terminal.out(
      `${id}: the texts of ${versions} versions are erased${again ? `; it was purged on ${when} already` : ''}`,
    );
    terminal.out(`${fileWords[file]} Backups, exports and replicas of before still have them.`);
  }
}

function textOf(given: Arguments, name: 'name' | 'reason'): string {
  const raw = given.one(name);
  if (raw === undefined || raw === '') return '';
  const cleaned = cleanText(raw, noteLimits);
  if (!cleaned.ok) throw new UsageError(`purge: --${name}: ${cleaned.problems.join(', ')}`);
  return cleaned.text;
}

const fileWords = {
  none: 'Redis keeps no append-only file.',
  rewriting: 'Redis is writing its append-only file anew, without them.',
  busy: 'Redis was writing its append-only file anew already: run redis-cli BGREWRITEAOF when it is done, the file may have them until then.',
  refused: 'This Redis user may not ask for it: run redis-cli BGREWRITEAOF, the append-only file has them until then.',
} as const;

/** The file has every text as it was written until Redis writes it anew. */
async function rewriteFile(redis: Redis): Promise<keyof typeof fileWords> {
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
