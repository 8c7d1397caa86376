import { once } from 'node:events';
import { open, rename, rm } from 'node:fs/promises';
import { type Arguments, UsageError } from '../../cli/arguments.ts';
import { readCommandLine } from '../../cli/cli.ts';
import { jsonLine, plain, type Terminal } from '../../cli/terminal.ts';
import { ArchiveError } from '../../log/archive/archive.ts';
import { archiveSources } from '../../log/archive/archive-source.ts';
import { ChangedError, exportSite } from '../../log/archive/export.ts';
import { importSite } from '../../log/archive/import.ts';
import { SchemaError } from '../../log/redis/schema-version.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';
import { ConfigError, parseConfig } from '../../ops/config.ts';
import { connectRedis, whenReady } from '../../ops/redis/redis.ts';
import { parseRedisAddress, whereIs } from '../../ops/redis/redis-address.ts';
import { RedisTrouble } from '../../ops/redis/redis-trouble.ts';
import { runDeadLetters } from './dead-letters.ts';
import { runPurge } from './purge.ts';
import { redisSources, runVerify } from './verify.ts';

export interface RedisTerminal extends Terminal {
  /** Output for another program; `out` is for people. */
  readonly stdout: NodeJS.WritableStream;
}

const answerWithinMs = 5_000;

/**
 * Runs a command that connects to Redis itself (REDIS_URL, FLASHWIRE_REDIS_PREFIX). Exit codes: 0 success, 1 refused or broken,
 * 2 usage error, 3 Redis unreachable or outcome unknown.
 */
export async function runRedisCommand(argv: readonly string[], terminal: RedisTerminal): Promise<number> {
  const args = readCommandLine(argv, terminal);
  if (typeof args === 'number') return args;
  const opened: RedisConnection[] = [];
  try {
    const config = parseConfig(terminal.env);
    const prefix = config.FLASHWIRE_REDIS_PREFIX;
    const address = parseRedisAddress(config);
    const open = async () => {
      const trouble = new RedisTrouble(address);
      const redis = connectRedis(address, 'command', 'flashwire-archive', (error) => trouble.note(error));
      opened.push(redis);
      await trouble.unless(answered(redis, whereIs(address)));
      return redis;
    };
    switch (args.words[0]) {
      case 'export':
        await runExport(await open(), prefix, args, terminal);
        return 0;
      case 'import':
        await runImport(await open(), prefix, args, terminal);
        return 0;
      case 'purge':
        await runPurge(open, prefix, args, terminal);
        return 0;
      case 'dead-letters':
        await runDeadLetters(open, prefix, args, terminal);
        return 0;
      default: {
        const sourcesOf = async (file: string | undefined) =>
          file === undefined ? redisSources(await open(), prefix) : archiveSources(file);
        return (await runVerify(sourcesOf, args, terminal)) ? 0 : 1;
      }
    }
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    terminal.err(plain`flashwire: ${message}`);
    if (error instanceof UsageError || error instanceof ConfigError) return 2;
    return error instanceof ArchiveError || error instanceof SchemaError || isFileError(error) ? 1 : 3;
  } finally {
    for (const redis of opened) redis.disconnect();
  }
}

async function answered(redis: RedisConnection, host: string): Promise<void> {
  const tooLate = AbortSignal.timeout(answerWithinMs);
  await Promise.race([
    whenReady(redis),
    new Promise<never>((_, reject) =>
      tooLate.addEventListener('abort', () => reject(new Error(`Redis at ${host} does not answer`))),
    ),
  ]);
}

const attempts = 5;

/** The file appears only when it is complete. It has drafts and hashes of keys, so only its owner can read it. */
async function runExport(
  redis: RedisConnection,
  prefix: string,
  args: Arguments,
  terminal: RedisTerminal,
): Promise<void> {
  const options = { redis, prefix, at: new Date().toISOString() };
  const file = args.one('out');
  if (file === undefined) {
    for await (const line of exportSite(options))
      if (!terminal.stdout.write(`${line}\n`)) await once(terminal.stdout, 'drain');
    return;
  }
  const unfinished = `${file}.unfinished`;
  for (let attempt = 1; ; attempt++) {
    try {
      const lines = await writeFile(unfinished, exportSite(options));
      await rename(unfinished, file);
      terminal.out(args.is('json') ? jsonLine({ file, lines }) : plain`${file}: ${lines} lines`);
      return;
    } catch (error) {
      await rm(unfinished, { force: true });
      if (!(error instanceof ChangedError) || attempt === attempts) throw error;
    }
  }
}

async function writeFile(path: string, lines: AsyncIterable<string>): Promise<number> {
  const handle = await open(path, 'w', 0o600);
  try {
    let count = 0;
    for await (const line of lines) {
      await handle.appendFile(`${line}\n`);
      count += 1;
    }
    await handle.sync();
    return count;
  } finally {
    await handle.close();
  }
}

async function runImport(redis: RedisConnection, prefix: string, args: Arguments, terminal: Terminal): Promise<void> {
  const [, file = ''] = args.words;
  const result = await importSite({ redis, prefix, file, isAgain: args.is('again') });
  const { editions, lines, expired } = result;
  if (args.is('json')) {
    terminal.out(jsonLine(result));
    return;
  }
  const over = expired === 0 ? '' : `, ${expired} of them expired since`;
  terminal.out(plain`${editions.join(', ')}: ${lines} lines${over}; every edition has a new epoch. Start the roles.`);
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}
