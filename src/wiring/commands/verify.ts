import { type Arguments, UsageError } from '../../cli/arguments.ts';
import { jsonLine, plain, type Terminal } from '../../cli/terminal.ts';
import { ArchiveError } from '../../log/archive/archive.ts';
import { readSchema } from '../../log/redis/schema-version.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';
import { type ChainSource, editionsIn, redisSource } from '../../log/trail/chain-source.ts';
import { type NotedHead, type Verification, verifyChain } from '../../log/trail/verify.ts';

/** Every chain in this Redis. */
export async function redisSources(redis: RedisConnection, prefix: string): Promise<ReadonlyMap<string, ChainSource>> {
  const editions = await editionsIn(redis, prefix);
  if ((await readSchema({ redis, prefix, editions })) === null)
    throw new ArchiveError(`nothing is stored under the prefix ${prefix} in this Redis`);
  return new Map(editions.map((edition) => [edition, redisSource(redis, prefix, edition)]));
}

/** `flashwire verify`: prints a line per chain. Resolves with whether all are intact. */
export async function runVerify(
  sourcesOf: (file: string | undefined) => Promise<ReadonlyMap<string, ChainSource>>,
  args: Arguments,
  terminal: Terminal,
): Promise<boolean> {
  const [, file] = args.words;
  const only = args.one('edition');
  const noted = notedOf(args.one('head'));
  if (noted && only === undefined) throw new UsageError('verify: --head belongs to one edition: add --edition');
  const sources = await sourcesOf(file);
  if (only !== undefined && !sources.has(only))
    throw new ArchiveError(
      `edition ${only} does not exist; the editions are ${[...sources.keys()].join(', ') || 'none'}`,
    );
  const results: Verification[] = [];
  for (const [edition, source] of sources)
    if (only === undefined || only === edition) {
      const result = await verifyChain(source, edition, noted);
      results.push(result);
      if (!args.is('json')) terminal.out(lineOf(result));
    }
  if (args.is('json')) terminal.out(jsonLine(results));
  return results.every(({ broken }) => broken === null);
}

/** Parses `<epoch>:<seq>:<hash>`, as /v1/log/head and positions have it. The hash covers the epoch, so the epoch is not compared. */
function notedOf(text: string | undefined): NotedHead | undefined {
  if (text === undefined) return undefined;
  const [, seq, hash] = /^[A-Za-z0-9_-]{1,32}:([1-9]\d{0,14}):([0-9a-f]{8,40})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw new UsageError('verify: --head must be <epoch>:<seq>:<hash>, with at least 8 hex digits of the hash');
  return { seq: Number(seq), hash };
}

function lineOf(result: Verification): string {
  const { edition, epoch, seq, hash, entries, events, texts, unchained, gone, eventsSince, broken } = result;
  const head = epoch === '' ? '' : ` epoch ${epoch}, seq ${seq}, head ${hash || 'none'};`;
  if (broken !== null) return plain`${edition}:${head} BROKEN: ${broken}`;
  const bare = unchained === 0 ? '' : `; ${unchained} from before there was a chain, which nothing covers`;
  const over = gone === 0 ? '' : `; ${gone} items past their time, of which only the log is left`;
  const since =
    eventsSince === undefined
      ? ''
      : `; events before ${new Date(eventsSince).toISOString()} have been trimmed from the audit trail`;
  return plain`${edition}:${head} ${entries} entries, ${events} events and ${texts} texts fit${bare}${over}${since}`;
}
