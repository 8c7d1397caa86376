import { describe, expect, inject, test } from 'vitest';
import { createWorkerLog } from '../../../src/log/commands/redis-worker-log.ts';
import type { RedisClock } from '../../../src/log/redis/redis-clock.ts';
import { createAudit } from '../../../src/log/trail/audit.ts';
import { verifyEdition } from '../../../src/log/trail/verify.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';

const open = () => openEditionLog(inject('redisUrl'));
const verify = (log: EditionLog) => verifyEdition(log.redis, log.prefix, 'en');

/** Two items: five entries, six events, one erased text. */
async function aDay(log: EditionLog): Promise<{ readonly kept: string; readonly retracted: string }> {
  const [kept, retracted] = [log.newId(), log.newId()];
  await log.run({ action: 'publish', itemId: kept, body: bodyOf('Port reopens') });
  await log.run({ action: 'publish', itemId: retracted, body: bodyOf('Mayor resigns') });
  await log.run({ action: 'edit', itemId: kept, body: bodyOf('Port reopens on Friday'), change: 'corrected' });
  await log.run({ action: 'retract', itemId: retracted, reason: 'wrong', notice: 'A line was withdrawn.' });
  await log.run({ action: 'withhold', itemId: kept });
  return { kept, retracted };
}

describe('the chain', () => {
  test('the chain fits after publications, corrections, retractions and withholdings, with erased texts', async () => {
    await using log = await open();
    expect(await verify(log)).toMatchObject({ entries: 0, events: 0, broken: null });
    await aDay(log);
    const found = await verify(log);
    expect(found).toMatchObject({ seq: 5, entries: 5, events: 5, texts: 2, unchained: 0, broken: null });
    expect(found.hash).toMatch(/^[0-9a-f]{40}$/);
    expect((await log.after(0))?.at(-1)?.hash).toBe(found.hash);
  });

  test('the chain fits when the oldest entries were trimmed', async () => {
    await using log = await openEditionLog(inject('redisUrl'), { entriesKept: 100 });
    const id = log.newId();
    await log.run({ action: 'publish', itemId: id, body: bodyOf('Hidden and shown, again and again') });
    for (let turn = 0; turn < 110; turn++)
      for (const action of ['withhold', 'release'] as const) await log.run({ action, itemId: id });
    const found = await verify(log);
    expect(found).toMatchObject({ seq: 221, events: 221, unchained: 0, broken: null });
    expect(found.entries).toBeLessThan(221);
    await log.redis.xtrim(`${log.prefix}:{en}:log`, 'MAXLEN', found.entries - 1);
    expect((await verify(log)).broken).toMatch(/^entry \d+ is missing: the newest entry names it as the oldest/);
  });

  test('the chain fits while it is being written', async () => {
    await using log = await open();
    let isOver = false;
    const write = async () => {
      for (let turn = 0; turn < 60; turn++) {
        const itemId = log.newId();
        await log.run({ action: 'publish', itemId, body: bodyOf(`Line ${turn}`) });
        await log.run({ action: 'edit', itemId, body: bodyOf(`Line ${turn}, put right`), change: 'corrected' });
        await log.run({ action: turn % 2 === 0 ? 'retract' : 'withhold', itemId, reason: 'x', notice: 'Withdrawn.' });
        if (turn % 20 === 9) await log.reader.suspect('en', (await log.reader.head('en')).epoch);
      }
      isOver = true;
    };
    const writing = write();
    let walks = 0;
    for (; !isOver; walks++) expect((await verify(log)).broken).toBeNull();
    await writing;
    expect(walks).toBeGreaterThan(5);
    // Each epoch that was taken is an event of its own.
    expect(await verify(log)).toMatchObject({ entries: 180, events: 183, broken: null });
  });

  test('the chain of the site covers the events of keys', async () => {
    await using log = await open();
    const onLost = (error: unknown) => expect.fail(String(error));
    const audit = createAudit({ redis: log.redis, prefix: log.prefix, onLost });
    await audit.note({ action: 'create-key', keyId: 'k1', name: 'Ana', detail: 'Night desk' });
    await audit.note({ action: 'stop', keyId: 'k1', name: 'Ana' });
    expect(await verifyEdition(log.redis, log.prefix, '_site')).toMatchObject({ events: 2, broken: null });
    const page = await audit.page({ editions: [], withSite: true, limit: 10 });
    expect(page.events.map(({ action }) => action)).toEqual(['stop', 'create-key']);
  });
});

const fieldsOf = async (log: EditionLog, key: string, id: string) =>
  (await log.redis.xrange(key, id, id))[0]?.[1] ?? [];

/** Rewrites a stream with one entry changed by `change`; null leaves it out. */
async function rewrite(
  log: EditionLog,
  stream: 'log' | 'audit',
  index: number,
  change: (fields: string[]) => string[] | null,
): Promise<void> {
  const key = `${log.prefix}:{en}:${stream}`;
  const all = await log.redis.xrange(key, '-', '+');
  await log.redis.del(key);
  for (const [at, [id, fields]] of all.entries()) {
    const written = at === index ? change([...fields]) : fields;
    if (written) await log.redis.xadd(key, id, ...written);
  }
}

const set = (name: string, value: string) => (fields: string[]) =>
  fields.map((field, at) => (at % 2 === 1 && fields[at - 1] === name ? value : field));
const meta = (log: EditionLog) => `${log.prefix}:{en}:meta`;

const forgeries: readonly (readonly [string, (log: EditionLog) => Promise<unknown>, RegExp])[] = [
  ...['c', 'i', 'v', 'p', 't', 'a', 'd', 'e', 'n', 'k'].map(
    (name) =>
      [
        `field ${name} of an entry changed`,
        (log: EditionLog) => rewrite(log, 'log', 2, set(name, '7')),
        /^entry 3 .* changed/,
      ] as const,
  ),
  ['the oldest entry changed', (log) => rewrite(log, 'log', 0, set('i', '01X')), /^entry 1 .* changed/],
  ['a notice changed', (log) => rewrite(log, 'log', 3, set('m', 'Nothing happened.')), /^entry 4 .* changed/],
  [
    'a second value of a field',
    (log) => rewrite(log, 'log', 2, (fields) => ['k', 'new', ...fields]),
    /^entry 3 .* changed/,
  ],
  ['an entry left out', (log) => rewrite(log, 'log', 2, () => null), /^entry 3 is missing/],
  ['the newest entry left out', (log) => rewrite(log, 'log', 4, () => null), /^entry 5 is missing: the head/],
  ['a link changed', (log) => rewrite(log, 'log', 2, set('h', 'f'.repeat(40))), /^entry 3 .* changed/],
  ['a link taken away', (log) => rewrite(log, 'log', 2, set('h', '')), /^entry 3 .* has no link/],
  ['the head changed', (log) => log.redis.hset(meta(log), 'hash', 'f'.repeat(40)), /^the head does not fit entry 5/],
  ['an event changed', (log) => rewrite(log, 'audit', 1, set('name', 'Somebody else')), /^event .* changed/],
  ['the time of an event changed', (log) => rewrite(log, 'audit', 1, set('t', '1')), /^event .* changed/],
  ['an event left out', (log) => rewrite(log, 'audit', 2, () => null), /^event .* does not follow/],
  [
    'the newest event left out',
    (log) => rewrite(log, 'audit', 4, () => null),
    /newest event of the audit trail is missing/,
  ],
  [
    'the newest event left out, and the head with it',
    async (log) => {
      const events = await log.redis.xrange(`${log.prefix}:{en}:audit`, '-', '+');
      const before = events[3]?.[1] ?? [];
      await log.redis.hset(meta(log), 'audit', before[before.indexOf('h') + 1] ?? '');
      await rewrite(log, 'audit', 4, () => null);
    },
    /^entry 5 .* names an event of the audit trail that is missing/,
  ],
];

describe('verify', () => {
  test.each(forgeries)('verify names %s', async (_, forge, named) => {
    await using log = await open();
    await aDay(log);
    await forge(log);
    expect((await verify(log)).broken).toMatch(named);
  });

  test('verify names a published text that was changed', async () => {
    await using log = await open();
    const { kept } = await aDay(log);
    await log.redis.hset(`${log.prefix}:{en}:text:${kept}`, '3', bodyOf('Port closes'));
    expect(await verify(log)).toMatchObject({ broken: null });
    await log.redis.hset(`${log.prefix}:{en}:text:${kept}`, '2', bodyOf('Port closes'));
    expect((await verify(log)).broken).toMatch(/^the text of entry 3 .* is not the one that was published/);
  });

  test('the link of an entry covers its whole header', async () => {
    await using log = await open();
    await aDay(log);
    const fields = await fieldsOf(log, `${log.prefix}:{en}:log`, '3-0');
    const names = fields.filter((_, at) => at % 2 === 0);
    expect(names).toEqual(['b', 'u', 'h', 'o', 'e', 'c', 'i', 'v', 'p', 't', 'a', 'd', 'w', 'n', 'k', 'r', 'm']);
  });
});

describe('an epoch', () => {
  const suspectKey = (log: EditionLog) => `${log.prefix}:{en}:suspect`;

  test('the epoch changes when a replica suspects it, and seq continues', async () => {
    await using log = await open();
    await aDay(log);
    const before = await log.reader.head('en');
    await log.reader.suspect('en', before.epoch);
    await log.worker.settleEpoch('en');
    const after = await log.reader.head('en');
    expect(after).toEqual({ ...before, epoch: expect.not.stringMatching(before.epoch) });
    expect(await log.redis.get(suspectKey(log))).toBeNull();
    await log.worker.settleEpoch('en');
    expect(await log.reader.head('en')).toEqual(after);
  });

  test('the next append changes a suspected epoch', async () => {
    await using log = await open();
    await aDay(log);
    const before = await log.reader.head('en');
    await log.reader.suspect('en', before.epoch);
    await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf('Next') });
    const after = await log.reader.head('en');
    expect(after.seq).toBe(6);
    expect(after.epoch).not.toBe(before.epoch);
    expect(await verify(log)).toMatchObject({ entries: 6, broken: null });
  });

  test('the epoch changes when the log ends before the entry that the worker knows, or has other entries', async () => {
    await using log = await open();
    const meta = `${log.prefix}:{en}:meta`;
    const epochs: string[] = [];
    const settled = async () => {
      await log.worker.settleEpoch('en');
      const { epoch } = await log.reader.head('en');
      epochs.push(epoch);
    };
    await settled();
    await aDay(log);
    await settled();
    expect(epochs[1]).toBe(epochs[0]);
    const { seq } = await log.reader.head('en');
    await log.redis.xtrim(`${log.prefix}:{en}:log`, 'MAXLEN', 1);
    await settled();
    expect(epochs[2]).toBe(epochs[0]);
    await log.redis.hset(meta, 'seq', seq - 1);
    await settled();
    expect(epochs[3]).not.toBe(epochs[0]);
    await settled();
    expect(epochs[4]).toBe(epochs[3]);
    await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf('Next') });
    await settled();
    const head = await log.reader.head('en');
    await log.redis.del(`${log.prefix}:{en}:log`);
    await log.redis.xadd(`${log.prefix}:{en}:log`, `${head.seq}-0`, 'h', 'f'.repeat(40));
    await settled();
    expect(epochs[6]).not.toBe(epochs[4]);
  });

  test('the epoch changes when a log that lost its newest entry has grown again before the worker looks', async () => {
    await using log = await open();
    const keys = ['log', 'meta'].map((name) => `${log.prefix}:{en}:${name}`);
    await aDay(log);
    await log.worker.settleEpoch('en');
    const copies = await Promise.all(keys.map((key) => log.redis.dumpBuffer(key)));
    await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf('Lost') });
    const lost = await log.reader.head('en');
    for (const [at, key] of keys.entries()) await log.redis.restore(key, 0, copies[at] ?? '', 'REPLACE');
    for (const headline of ['Another', 'And one more'])
      await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf(headline) });
    await log.worker.settleEpoch('en');
    const grown = await log.reader.head('en');
    expect(grown.seq).toBe(lost.seq + 1);
    expect(grown.epoch).not.toBe(lost.epoch);
  });

  test('the epoch stays when a worker handles the reply of an append after that of a later look at the epoch', async () => {
    await using log = await open();
    let letThrough = () => {};
    const gate = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    const slow = new Proxy(log.redis, {
      get: (redis, name) =>
        name === 'evalsha'
          ? async (sha: string, keys: number, ...rest: string[]) => {
              const reply = await redis.evalsha(sha, keys, ...rest);
              if (keys > 2) await gate; // the append: the look at the epoch has two
              return reply;
            }
          : Reflect.get(redis, name),
    });
    const clock = { now: () => Date.now() } as RedisClock;
    const shard = { redis: slow, clock };
    const shards = { site: shard, of: () => shard };
    const worker = createWorkerLog({ shards, prefix: log.prefix, entriesKept: 100, itemDays: 1 });
    await worker.settleEpoch('en');
    const { epoch } = await log.reader.head('en');
    await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf('Loads the script') });
    const accepted = await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('Slow') });
    const command = await worker.command('en', accepted.type === 'accepted' ? accepted.commandId : '');
    if (!command) throw new Error('not accepted');
    const appended = worker.append(command);
    await expect.poll(() => log.reader.head('en')).toMatchObject({ seq: 2 });
    await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf('By another worker') });
    await worker.settleEpoch('en');
    letThrough();
    expect(await appended).toMatchObject({ type: 'appended', seq: 2 });
    await worker.settleEpoch('en');
    expect(await log.reader.head('en')).toMatchObject({ epoch, seq: 3 });
  });

  test('the epoch stays when an older one is suspected', async () => {
    await using log = await open();
    await aDay(log);
    const before = await log.reader.head('en');
    await log.reader.suspect('en', 'longgone');
    await log.worker.settleEpoch('en');
    expect(await log.reader.head('en')).toEqual(before);
  });

  test('a read distinguishes a lost tail, another entry at the same seq, and a trimmed entry', async () => {
    await using log = await open();
    await aDay(log);
    const head = await log.reader.head('en');
    expect(await log.reader.range('en', head)).toEqual([]);
    expect(await log.reader.range('en', { ...head, hash: 'f'.repeat(40) })).toBe('rewritten');
    expect(await log.reader.range('en', { ...head, seq: 9 })).toBe('rewritten');
    await log.redis.xtrim(`${log.prefix}:{en}:log`, 'MAXLEN', 1);
    expect(await log.reader.range('en', { ...head, seq: 2 })).toBeNull();
  });
});
