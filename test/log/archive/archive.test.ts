import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, inject, test } from 'vitest';
import { ArchiveError } from '../../../src/log/archive/archive.ts';
import { ChangedError, exportSite } from '../../../src/log/archive/export.ts';
import { importSite } from '../../../src/log/archive/import.ts';
import { schemaVersion } from '../../../src/log/redis/schema-version.ts';
import { ownPrefix } from '../../resources/redis-server.ts';
import { sealed } from '../sealed.ts';

const inAnHour = Date.now() + 3_600_000;

async function openSite() {
  const redis = new Redis(inject('redisUrl'));
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-archive-'));
  const [from, to] = [ownPrefix(), ownPrefix()];
  const file = join(folder, 'site.ndjson');
  await redis.set(`${from}:schema`, schemaVersion);
  await redis.hset(`${from}:{en}:meta`, { epoch: 'abcdefgh', seq: 1_203 });
  return {
    redis,
    from,
    to,
    file,
    export: async () => {
      const lines: string[] = [];
      for await (const line of exportSite({ redis, prefix: from, at: '2026-01-01T00:00:00.000Z' })) lines.push(line);
      await writeFile(file, `${lines.join('\n')}\n`);
      return lines;
    },
    import: (isAgain = false) => importSite({ redis, prefix: to, file, isAgain }),
    keysOf: async (prefix: string) =>
      (await redis.keys(`${prefix}:*`)).map((key) => key.slice(prefix.length + 1)).sort(),
    [Symbol.asyncDispose]: async () => {
      redis.disconnect();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof ArchiveError ? error.message : `no ArchiveError: ${error}`),
  );

describe('an archive', () => {
  test('an import restores every type, every byte, stream ids and expiries; an export leaves out keys that need not last', async () => {
    await using site = await openSite();
    const { redis, from, to } = site;
    const strange = '\uFEFF{"a": "\u2028 \u0000 \\ مرحبا 👩‍🚀\n"}';
    await redis.hset(`${from}:{en}:text:01A`, { 1: strange, 2: '' });
    await redis.zadd(`${from}:{en}:due`, '1790000000123', 'c_1', '0.5', 'c_2');
    await redis.sadd(`${from}:keys`, 'k1', 'k2');
    await redis.set(`${from}:{en}:idempotency:k1:abc`, 'c_1 fp', 'PXAT', inAnHour);
    await redis.set(`${from}:idempotency:k1:abc`, 'en', 'PXAT', inAnHour);
    await redis.hset(`${from}:{en}:item:01A`, 'state', 'published');
    await redis.pexpireat(`${from}:{en}:item:01A`, inAnHour + 1);
    const many = redis.pipeline();
    for (let seq = 1; seq <= 1_203; seq += 1) many.xadd(`${from}:{en}:log`, `${seq}-0`, 'c', `c_${seq}`, 'm', strange);
    for (let n = 0; n < 2_000; n += 1) many.hset(`${from}:{en}:versions:big`, `field ${n}`, `value ${n}`);
    await many.exec();
    const gone = ['{en}:queue:publish:wait', 'rate:k1:5', 'session:abc', '{_canary}:meta', '{_canary}:log'];
    for (const name of gone) await redis.set(`${from}:${name}`, 'x');
    const kept = (await site.keysOf(from)).filter((name) => !gone.includes(name));

    const [header] = await site.export();
    expect(JSON.parse(header ?? '')).toEqual({
      type: 'flashwire-export',
      format: 1,
      schema: schemaVersion,
      prefix: from,
      at: '2026-01-01T00:00:00.000Z',
      editions: ['en'],
    });
    await site.import();

    // With a new epoch, which is an event.
    expect(await site.keysOf(to)).toEqual([...kept, '{en}:audit'].sort());
    for (const name of kept.filter((key) => key !== '{en}:meta')) {
      expect(await readValue(redis, `${to}:${name}`), name).toEqual(await readValue(redis, `${from}:${name}`));
      expect(await redis.pexpiretime(`${to}:${name}`), name).toBe(await redis.pexpiretime(`${from}:${name}`));
    }
    const meta = await redis.hgetall(`${to}:{en}:meta`);
    expect(meta).toMatchObject({ seq: '1203', epoch: expect.stringMatching(/^[a-z2-7]{8}$/) });
    expect(meta['epoch']).not.toBe('abcdefgh');
    // The stream goes on counting where it stopped.
    expect(await redis.xadd(`${to}:{en}:log`, '1204-0', 'c', 'next')).toBe('1204-0');
  });

  test('an import skips expired keys and migrates older data', async () => {
    await using site = await openSite();
    await site.redis.del(`${site.from}:schema`);
    await site.redis.set(`${site.from}:{en}:command:c_1`, 'x', 'PXAT', inAnHour);
    const lines = await site.export();
    const old = lines.slice(0, -1).map((line) => line.replace(`"expiresAt":${inAnHour}`, '"expiresAt":1000'));
    await writeFile(site.file, sealed(old));
    expect(await site.import()).toMatchObject({ editions: ['en'], expired: 1 });
    expect(await site.keysOf(site.to)).toEqual(['schema', '{en}:audit', '{en}:meta'].sort());
    expect(await site.redis.get(`${site.to}:schema`)).toBe(String(schemaVersion));
  });

  test('an import refuses a file that is torn, changed, newer or not an export before it writes anything', async () => {
    await using site = await openSite();
    const lines = await site.export();
    const bodies = lines.slice(0, -1);
    const header = JSON.parse(bodies[0] ?? '') as object;
    const bad: readonly (readonly [string, RegExp])[] = [
      [`${bodies.join('\n')}\n`, /is torn: it has no end/],
      [`${lines.join('\n').slice(0, -5)}`, /is damaged: line \d+ cannot be read/],
      [`${lines.join('\n').replace('abcdefgh', 'abcdefgi')}\n`, /is damaged: its checksum/],
      [`${[...bodies.slice(0, -1), lines.at(-1)].join('\n')}\n`, /is damaged: its checksum/],
      [`${lines.join('\n')}\n${bodies[1]}\n`, /there is something after the end/],
      [
        sealed([JSON.stringify({ ...header, schema: schemaVersion + 1 }), ...bodies.slice(1)]),
        /is of schema 3, this program knows 2/,
      ],
      [
        sealed([JSON.stringify({ ...header, format: 2 }), ...bodies.slice(1)]),
        /no export of Flashwire, or of a format that came later/,
      ],
      [sealed([...bodies, '{"type":"list","key":"x","values":["y"]}']), /is damaged: line \d+ cannot be read/],
      ['{"hello":1}\n', /is no export of Flashwire/],
      ['', /is torn/],
    ];
    for (const [content, line] of bad) {
      await writeFile(site.file, content);
      expect(await messageOf(site.import())).toMatch(line);
      expect(await site.keysOf(site.to)).toEqual([]);
    }
  });

  test('an import refuses a Redis that is not empty', async () => {
    await using site = await openSite();
    await site.export();
    await site.redis.set(`${site.to}:{en}:item:x`, 'y');
    expect(await messageOf(site.import())).toContain(`there is something under the prefix ${site.to} already`);
    expect(await messageOf(site.import(true))).toContain('no import was interrupted');
    expect(await site.keysOf(site.to)).toEqual(['{en}:item:x']);
  });

  test('an import refuses to run beside a running Flashwire', async () => {
    await using site = await openSite();
    await site.export();
    const subscriber = new Redis(inject('redisUrl'));
    await subscriber.subscribe(`${site.to}:rollcall`);
    expect(await messageOf(site.import())).toContain('is running: stop all of its roles');
    subscriber.disconnect();
  });

  test('an interrupted import is recognised and can start over', async () => {
    await using site = await openSite();
    await site.redis.hset(`${site.from}:{en}:command:c_1`, 'body', 'x');
    await site.export();
    await site.redis.mset(`${site.to}:schema`, 'importing', `${site.to}:{en}:item:half`, 'y');
    expect(await messageOf(site.import())).toContain('flashwire import --again <file>');
    await site.import(true);
    expect(await site.keysOf(site.to)).toEqual(['schema', '{en}:audit', '{en}:command:c_1', '{en}:meta'].sort());
    expect(await site.redis.get(`${site.to}:schema`)).toBe(String(schemaVersion));
  });

  test('an import whose write fails leaves its mark', async () => {
    await using site = await openSite();
    const lines = await site.export();
    const twice = JSON.stringify({
      type: 'stream',
      key: '{en}:log',
      entries: [
        ['5-0', ['c', 'x']],
        ['4-0', ['c', 'y']],
      ],
    });
    await writeFile(site.file, sealed([...lines.slice(0, -1), twice]));
    await expect(site.import()).rejects.toThrow();
    expect(await site.redis.get(`${site.to}:schema`)).toBe('importing');
  });
});

describe('an export', () => {
  test('an export of a site that changes meanwhile has no end line', async () => {
    await using site = await openSite();
    await site.redis.xadd(`${site.from}:{en}:audit`, '*', 'action', 'publish');
    const read = async () => {
      for await (const line of exportSite({ redis: site.redis, prefix: site.from, at: new Date().toISOString() }))
        if (line.includes('"stream"')) await site.redis.xadd(`${site.from}:{en}:audit`, '*', 'action', 'retract');
    };
    await expect(read()).rejects.toThrow(ChangedError);
  });

  test.each([
    [
      'bytes that are no text',
      async (redis: Redis, key: string) => redis.set(key, Buffer.from([0xff, 0x00])),
      'no UTF-8 text',
    ],
    ['a type that nobody wrote', async (redis: Redis, key: string) => redis.lpush(key, 'x'), 'is a list'],
  ])('refuses %s', async (_, put, line) => {
    await using site = await openSite();
    await put(site.redis, `${site.from}:{en}:thing`);
    expect(await messageOf(site.export())).toContain(line);
  });

  test('an export of an empty Redis is refused', async () => {
    await using site = await openSite();
    await site.redis.del(`${site.from}:schema`, `${site.from}:{en}:meta`);
    expect(await messageOf(site.export())).toContain('there is nothing under the prefix');
  });

  test('the checksum of an export covers every line', async () => {
    await using site = await openSite();
    await site.export();
    const text = await readFile(site.file, 'utf8');
    const lines = text.split('\n').slice(0, -2);
    const sha256 = createHash('sha256')
      .update(`${lines.join('\n')}\n`)
      .digest('hex');
    expect(JSON.parse(text.split('\n').at(-2) ?? '')).toEqual({ type: 'end', lines: lines.length, sha256 });
  });
});

async function readValue(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  if (type === 'hash') return redis.hgetall(key);
  if (type === 'stream') return redis.xrange(key, '-', '+');
  if (type === 'zset') return redis.zrange(key, 0, '-1', 'WITHSCORES');
  if (type === 'set') return (await redis.smembers(key)).sort();
  return redis.get(key);
}
