#!/usr/bin/env -S node --max-semi-space-size=4 --heap-growing-percent=100
import { fileURLToPath } from 'node:url';
import { readCommandLine, runCommand } from './cli/cli.ts';
import { plain } from './cli/terminal.ts';
import { SchemaError } from './log/redis/schema-version.ts';
import type { RedisConnection } from './log/redis/shards.ts';
import { OtherSiteError } from './log/rollcall/other-site.ts';
import { type Config, ConfigError, parseConfig } from './ops/config.ts';
import { obeySupervisor } from './ops/liveness.ts';
import { createLogger, type Logger } from './ops/logger.ts';
import { connectRedis } from './ops/redis/redis.ts';
import { parseRedisAddress } from './ops/redis/redis-address.ts';
import { RedisSetupError } from './ops/redis/redis-setup.ts';
import { RedisTrouble } from './ops/redis/redis-trouble.ts';
import { endOnFault } from './ops/shutdown.ts';
import { watchStrain } from './ops/strain.ts';
import { runRedisCommand } from './wiring/commands/redis-command.ts';
import {
  newProcessId,
  type Process,
  type ProcessRole,
  processesOf,
  processRoles,
  requireReadable,
} from './wiring/roles/process.ts';
import { readSite, readVersion } from './wiring/site-file.ts';
import { readPictures } from './wiring/site-pictures.ts';
import { addSiteStrings } from './wiring/site-strings.ts';

const refusals = [ConfigError, SchemaError, OtherSiteError, RedisSetupError];

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  const terminal = { env: process.env, version: readVersion(), out: console.log, err: console.error };
  const args = readCommandLine(argv, terminal);
  if (typeof args === 'number') return endWith(args);
  if (args.kind === 'desk') return endWith(await runCommand(argv, terminal));
  if (args.kind === 'redis') return endWith(await runRedisCommand(argv, { ...terminal, stdout: process.stdout }));
  const role = processRoles.find((name) => name === args.words[0]);
  if (!role) throw new Error(`${args.words[0]} is not a role`);
  if (role !== 'all') obeySupervisor();
  try {
    const config = parseConfig(process.env);
    requireReadable(config);
    const logger = createLogger(config.LOG_LEVEL, role);
    const { site, pictures } = readSiteFor(role, config, logger);
    endOnFault(logger);
    const connections = new Map<string, RedisConnection>();
    const redisAddress = parseRedisAddress(config);
    const trouble = new RedisTrouble(redisAddress);
    const known = <Connection extends RedisConnection>(
      name: string,
      open: (name: string, onError: (error: Error) => void) => Connection,
    ) => {
      const redis = open(`flashwire-${role}-${name}`, (error) => {
        logger.warn({ connection: name, reason: error.message }, 'redis error');
        trouble.note(error);
      });
      connections.set(name, redis);
      return redis;
    };
    const flags = [...(process.env['NODE_OPTIONS'] ?? '').split(' '), ...process.execArgv];
    const strain = watchStrain(flags, processesOf(role, config), (why) =>
      why === null ? logger.info('strain over') : logger.warn({ why }, 'process under strain'),
    );
    const editions = site.editions.map((edition) => edition.id);
    const id = newProcessId();
    await run({
      role,
      id,
      config,
      site,
      pictures,
      editions,
      logger,
      redisAddress,
      connect: (kind, name) => known(name, (...named) => connectRedis(redisAddress, kind, ...named)),
      subscribe: (name) => known(name, (...named) => connectRedis(redisAddress, 'subscriber', ...named)),
      connections,
      trouble,
      strain,
    });
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) fail((error as Error).message);
    else if (isListenError(error)) fail(whyNotListening(error.code));
    else throw error;
  }
}

/** The site, and its pictures for a role that serves pages. `all` says what is left out, for its edges too. */
function readSiteFor(role: ProcessRole, config: Config, logger: Logger): Pick<Process, 'site' | 'pictures'> {
  const file = config.FLASHWIRE_CONFIG;
  const site = readSite(file);
  addSiteStrings(site, file);
  if (role === 'worker') return { site, pictures: new Map() };
  return readPictures(site, file, (reason) => role !== 'edge' && logger.warn({ reason }, 'picture left out'));
}

/** A role loads only what it needs: a fan-out has no use for Express and BullMQ. */
async function run(self: Process): Promise<void> {
  const { role } = self;
  if (role === 'worker') return (await import('./wiring/roles/worker.ts')).runWorker(self);
  if (role === 'all') {
    const program = fileURLToPath(import.meta.url);
    return (await import('./wiring/roles/all.ts')).runAll(self, program, process.env);
  }
  const apiSocket = process.send === undefined ? undefined : process.env['FLASHWIRE_API_SOCKET'];
  if (role === 'edge' && apiSocket === undefined) throw new ConfigError('edge: only `flashwire all` runs this role');
  if (role === 'api' && apiSocket !== undefined)
    return (await import('./wiring/roles/api-child.ts')).runApiChild(self, apiSocket);
  return (await import('./wiring/roles/edge.ts')).runEdge(self, apiSocket ?? null);
}

/** An error of the role's own port or address; errors of connections to Redis go to RedisTrouble. */
function isListenError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && /^(listen|getaddrinfo)$/.test(String(error.syscall));
}

function whyNotListening(code: string | undefined): string {
  const { HOST: host = '127.0.0.1', PORT: port = '8080' } = process.env;
  if (code === 'EADDRINUSE') return `PORT: ${port} is in use by another process; set PORT to a free one`;
  if (code === 'EACCES') return `PORT: ${port} may not be opened by this user; set PORT to 1024 or more`;
  return `HOST: ${host} is not an address of this machine (${code}); set HOST to one, or to 0.0.0.0 or :: for all`;
}

/** Not process.exit: the output may not be written yet. */
function endWith(code: number): void {
  process.exitCode = code;
}

function fail(line: string): never {
  process.stderr.write(`${plain`flashwire: ${line} (the start stops)`}\n`);
  process.exit(2); // open connections would keep the process alive
}

await main();
