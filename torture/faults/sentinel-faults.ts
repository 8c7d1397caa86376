import type { DataServer, Sentinels } from '../../test/resources/redis-sentinels.ts';
import { pause } from '../fuzz/random.ts';
import type { Durability, SentinelSite } from '../site/sentinel-site.ts';
import { type Fault, moment } from './fault.ts';

/** Sentinels begin no other failover within twice their failover-timeout. */
const restMs = 6_000;

/** In one run; the median of runs is less than half of it. */
const silentAtMostMs = 12_000;

const strikes: readonly (readonly [string, (redis: Sentinels) => Promise<void>])[] = [
  ['primary killed', kill],
  ['primary frozen for 6 s', freeze],
  ['replicas cut off, then primary killed', cutAndKill],
  ['planned failover', failOver],
  ['primary cut off from the majority', isolate],
];

/** With `replicated` no accepted command may be missing. With `local` the table says how many are. */
export function sentinelFaults(durability: Durability): readonly Fault<SentinelSite>[] {
  return strikes.map(([name, strike]) => ({
    name,
    rows: '4a',
    isShort: true,
    silentAtMostMs,
    ...(durability === 'local' ? { mayLoseData: true } : { failsOver: true }),
    strike: async (given) => {
      await moment(given.random);
      await strike(given.site.redis);
      await given.site.redis.whole();
      await pause(restMs);
      return null;
    },
  }));
}

async function kill(redis: Sentinels): Promise<void> {
  const primary = await redis.primary();
  await primary.kill();
  await anotherThan(redis, primary);
  await redis.revive(primary.port);
}

/** Another one is primary long before it wakes up, and it still believes that it is one. */
async function freeze(redis: Sentinels): Promise<void> {
  const primary = await redis.primary();
  process.kill(primary.pid, 'SIGSTOP');
  await pause(6_000);
  process.kill(primary.pid, 'SIGCONT');
  await anotherThan(redis, primary);
}

/** The replicas miss a second before one of them takes over. */
async function cutAndKill(redis: Sentinels): Promise<void> {
  const primary = await redis.primary();
  const replicas = redis.servers.filter((server) => server !== primary);
  // The kernel would keep the stream for a replica that only stands still.
  for (const { pid } of replicas) process.kill(pid, 'SIGSTOP');
  await redis.ask(primary.port, 'CLIENT', 'KILL', 'TYPE', 'replica');
  await pause(1_000);
  await primary.kill();
  for (const { pid } of replicas) process.kill(pid, 'SIGCONT');
  await anotherThan(redis, primary);
  await redis.revive(primary.port);
}

async function failOver(redis: Sentinels): Promise<void> {
  const primary = await redis.primary();
  await redis.ask(redis.sentinels[0]?.port ?? 0, 'SENTINEL', 'FAILOVER', 'flash');
  await anotherThan(redis, primary);
}

/**
 * Replicas and Sentinels cannot come back to the primary, whose password is another one now. The connections of the site stay: it
 * is on the side of the minority.
 */
async function isolate(redis: Sentinels): Promise<void> {
  const primary = await redis.primary();
  const ofSentinels = String(await redis.ask(primary.port, 'CLIENT', 'LIST')).matchAll(/^id=(\d+) .*name=sentinel-/gm);
  await redis.ask(primary.port, 'CONFIG', 'SET', 'requirepass', 'of-the-minority');
  const inside = (name: string, ...rest: readonly string[]) =>
    redis.askWith('of-the-minority', primary.port, name, ...rest);
  await inside('CLIENT', 'KILL', 'TYPE', 'replica');
  for (const [, id = ''] of ofSentinels) await inside('CLIENT', 'KILL', 'ID', id).catch(() => undefined);
  await anotherThan(redis, primary);
  await pause(3_000);
  await inside('CONFIG', 'SET', 'requirepass', '');
}

/** Resolves once the Sentinels name another primary. */
async function anotherThan(redis: Sentinels, before: DataServer): Promise<void> {
  const since = performance.now();
  for (;;) {
    const now = await redis.primary().catch(() => before);
    if (now.port !== before.port) return;
    if (performance.now() - since > 30_000) throw new Error('no other server became primary within 30 s');
    await pause(100);
  }
}
