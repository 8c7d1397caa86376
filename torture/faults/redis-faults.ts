import { spawnSync } from 'node:child_process';
import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../bench/process/free-port.ts';
import { until } from '../../test/resources/flashwire.ts';
import { startRedis } from '../../test/resources/redis-server.ts';
import { between, pause } from '../fuzz/random.ts';
import { durable } from '../site/one-redis-site.ts';
import type { RoleName } from '../site/site.ts';
import { lasting, moment, type Strike } from './fault.ts';

export async function restartRedis(
  { site, random, isShort }: Strike,
  awayMs: number,
  before?: () => Promise<void>,
): Promise<null> {
  await moment(random);
  await site.redis.kill();
  await before?.();
  await lasting(isShort, awayMs);
  await site.startRedis();
  return null;
}

export async function fill({ site, random, isShort }: Strike): Promise<null> {
  await moment(random);
  await site.direct.config('SET', 'maxmemory', '1');
  await lasting(isShort, 4_000);
  await site.direct.config('SET', 'maxmemory', '0');
  return null;
}

/** Jobs that no version of this program has ever written, in the queue where everybody waits. */
export async function poison({ site, random }: Strike): Promise<null> {
  const queue = 'fw:{en}:queue:publish';
  for (const data of [
    '{',
    '{"v":1}',
    '[]',
    '{"v":1,"edition":"tlh","commandId":"c_1"}',
    '{"v":1,"edition":"en","commandId":"c_none"}',
  ]) {
    await moment(random);
    const id = `poison-${Math.floor(random() * 1e9)}`;
    const now = String(Date.now());
    await site.direct.hset(`${queue}:${id}`, {
      name: 'publish',
      data,
      opts: '{"attempts":3}',
      timestamp: now,
      delay: '0',
      priority: '0',
    });
    await site.direct.lpush(`${queue}:wait`, id);
  }
  return null;
}

/** A copy of Redis that has lagged behind takes over. */
export async function failOver({ site, random }: Strike, forgetful: readonly RoleName[] = []): Promise<null> {
  const dir = await mkdtemp(join(tmpdir(), 'flashwire-replica-'));
  const port = await freePort();
  const replica = await startRedis([...durable, '--replicaof', `127.0.0.1 ${site.redisPort}`], { port, dir });
  const probe = site.direct.duplicate({ port });
  await until(
    async () => (await probe.info('replication')).includes('master_link_status:up'),
    15_000,
    'the copy follows',
  );
  await probe.call('REPLICAOF', 'NO', 'ONE'); // from here on it misses what is accepted
  probe.disconnect();
  await pause(between(random, 500, 1_000));
  await Promise.all([site.redis.kill(), ...forgetful.map((role) => site.signal(role, 'SIGKILL'))]);
  site.leadTo(replica, port);
  await Promise.all(forgetful.map((role) => site.start(role)));
  return null;
}

/** The disk of the append-only file runs full, and Redis gives up rather than lie. */
export async function fillDisk({ site, random, isShort }: Strike): Promise<string | null> {
  const disk = await mkdtemp(join(tmpdir(), 'flashwire-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
  if (mounted.status !== 0) {
    await rm(disk, { recursive: true });
    return 'needs the right to mount a small disk';
  }
  try {
    await moment(random);
    await site.redis.kill();
    await cp(join(site.redisDir, 'appendonlydir'), join(disk, 'appendonlydir'), { recursive: true });
    await site.startRedis(durable, disk);
    await pause(500);
    await appendFile(join(disk, 'ballast'), Buffer.alloc(32 * 1024 * 1024)).catch(() => undefined);
    await until(() => site.redis.hasEnded(), 10_000, 'Redis has given up on a full disk');
    await lasting(isShort, 3_000);
    await rm(join(disk, 'ballast'));
    await rm(join(site.redisDir, 'appendonlydir'), { recursive: true });
    await cp(join(disk, 'appendonlydir'), join(site.redisDir, 'appendonlydir'), { recursive: true });
    await site.startRedis();
  } finally {
    spawnSync('umount', [disk]);
  }
  return null;
}

export async function freezeRedis({ site, random, isShort }: Strike): Promise<null> {
  await moment(random);
  process.kill(site.redis.pid, 'SIGSTOP');
  await pause(isShort ? 5_000 : 10_000);
  process.kill(site.redis.pid, 'SIGCONT');
  return null;
}
