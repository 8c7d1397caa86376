import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { schemaVersion } from '../../src/log/redis/schema-version.ts';
import { runFlashwire, until } from '../resources/flashwire.ts';
import { connect, startRedis } from '../resources/redis-server.ts';

const items = 1_200;
const text = 'x'.repeat(40_000);

/** 48 MB of versions, which do not fit into what the programs of this test may hold. */
async function fill(redis: Redis): Promise<void> {
  await redis.set('fw:schema', schemaVersion);
  await redis.hset('fw:{en}:meta', { epoch: 'abcdefgh', seq: items });
  for (let from = 0; from < items; from += 100) {
    const batch = redis.pipeline();
    for (let n = from; n < from + 100; n += 1) batch.hset(`fw:{en}:versions:${n}`, 1, `${n} ${text}`);
    await batch.exec();
  }
}

function startImport(file: string, env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ['dist/src/main.js', 'import', file], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: 'ignore',
  });
}

/** Kills it while it writes; a machine that lets it come to its end before that has it do it again. */
async function killHalfWay(redis: Redis, start: () => ChildProcess): Promise<void> {
  for (let tries = 0; tries < 5; tries += 1) {
    await redis.flushall();
    const child = start();
    const ended = once(child, 'exit');
    await until(async () => (await redis.dbsize()) > 1, 60_000, 'the import writes');
    child.kill('SIGKILL');
    await ended;
    // What it had sent already is still carried out.
    const isGone = async () => !String(await redis.client('LIST')).includes('name=flashwire-archive');
    await until(isGone, 20_000, 'Redis has done with its connection');
    if ((await redis.get('fw:schema')) === 'importing') return;
  }
}

test('no role starts on a killed import until it is repeated, and neither uses much memory', async () => {
  await using server = await startRedis();
  using probe = connect(server.url);
  const { redis } = probe;
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-import-'));
  const file = join(folder, 'site.ndjson');
  const env = { REDIS_URL: server.url, NODE_OPTIONS: '--max-old-space-size=40' };
  try {
    await fill(redis);
    expect(await runFlashwire(['export', '--out', file], env)).toMatchObject({ code: 0, err: '' });
    await killHalfWay(redis, () => startImport(file, env));
    expect(await redis.get('fw:schema')).toBe('importing');
    expect(await redis.dbsize()).toBeLessThan(items);

    const half = await redis.dbsize();
    for (const role of ['worker', 'api', 'fanout', 'all'])
      expect(await runFlashwire([role], env)).toMatchObject({
        code: 2,
        err: 'flashwire: an import into Redis (prefix fw) was interrupted: run flashwire import --again <file> (the start stops)\n',
      });
    expect(await runFlashwire(['export'], env)).toMatchObject({ code: 1, out: '' });
    expect((await runFlashwire(['import', file], env)).code).toBe(1);
    expect(await redis.dbsize()).toBe(half);

    await redis.set('fw:{en}:command:half', 'of the first try');
    expect(await runFlashwire(['import', file, '--again'], env)).toMatchObject({ code: 0, err: '' });
    expect(await redis.dbsize()).toBe(items + 3); // the schema, meta, and the event of the new epoch
    expect(await redis.get('fw:schema')).toBe(String(schemaVersion));
    expect(await redis.hget('fw:{en}:versions:1199', '1')).toBe(`1199 ${text}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 180_000);
