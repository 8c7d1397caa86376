import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createAudit } from '../../../src/log/trail/audit.ts';
import { verifyEdition } from '../../../src/log/trail/verify.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';
import { fieldOf, linkOf, type Raw, readStream, rechain, withoutField, withValue, writeStream } from '../forger.ts';

let log: EditionLog;
let base: string;
let ids: { readonly kept: string; readonly retracted: string; readonly hidden: string };

beforeAll(async () => {
  log = await openEditionLog(inject('redisUrl'));
  base = `${log.prefix}:{en}`;
  const [kept, retracted, hidden] = [log.newId(), log.newId(), log.newId()];
  ids = { kept, retracted, hidden };
  // Every record in a millisecond of its own, so that there is room for another behind it.
  const tick = async () => {
    const clock = async () => Math.floor(Number((await log.redis.time())[1]) / 1_000);
    for (const began = await clock(); (await clock()) === began; );
  };
  const run: EditionLog['run'] = async (request) => {
    await tick();
    return log.run(request);
  };
  await run({ action: 'publish', itemId: kept, body: bodyOf('Port reopens') });
  await run({ action: 'publish', itemId: retracted, body: bodyOf('Mayor resigns') });
  await run({ action: 'publish', itemId: hidden, body: bodyOf('Bridge closed') });
  await run({ action: 'edit', itemId: kept, body: bodyOf('Port reopens on Friday'), change: 'corrected' });
  await run({ action: 'withhold', itemId: hidden });
  await run({ action: 'retract', itemId: retracted, reason: 'wrong', notice: 'A line was withdrawn.' });
  const onLost = (error: unknown) => expect.fail(String(error));
  const audit = createAudit({ redis: log.redis, prefix: log.prefix, onLost });
  for (const keyId of ['k1', 'k2', 'k3']) {
    await tick();
    await audit.note({ action: 'create-key', keyId, name: 'Ana', detail: keyId });
  }
  expect(await broken()).toBeNull();
  expect(await broken('_site')).toBeNull();
});
afterAll(() => log[Symbol.asyncDispose]());

const broken = async (edition = 'en') => (await verifyEdition(log.redis, log.prefix, edition)).broken;

/** What verify says after a change; then all is as it was. */
async function saidAfter(change: () => Promise<unknown>, edition = 'en'): Promise<string | null> {
  const keys = await log.redis.keys(`${log.prefix}:*`);
  const dumps = await Promise.all(keys.map(async (key) => [key, await log.redis.dumpBuffer(key)] as const));
  await change();
  const said = await broken(edition);
  for (const key of await log.redis.keys(`${log.prefix}:*`)) await log.redis.del(key);
  for (const [key, dump] of dumps) if (dump) await log.redis.restore(key, 0, dump);
  return said;
}

interface Change {
  readonly what: string;
  readonly records: readonly Raw[];
  /** What has to be named. */
  readonly named: RegExp;
}

const trails = [
  ['en', 'log', ({ id }: Raw) => `entry ${id.split('-')[0]}`],
  ['en', 'audit', ({ id }: Raw) => `event ${id}`],
  ['_site', 'audit', ({ id }: Raw) => `event ${id}`],
] as const;

/** Every field of every record changed, emptied, left out, doubled and renamed; every record left out, doubled and exchanged. */
function* changesOf(all: readonly Raw[], name: (record: Raw) => string): Generator<Change> {
  const with_ = (at: number, ...put: readonly Raw[]) => [...all.slice(0, at), ...put, ...all.slice(at + 1)];
  for (const [at, record] of all.entries()) {
    const named = new RegExp(`^${name(record)}\\b`);
    const fields = record.flat.filter((_, field) => field % 2 === 0);
    for (const field of fields) {
      const value = fieldOf(record, field);
      const flats: readonly (readonly [string, readonly string[]])[] = [
        ['changed', withValue(record.flat, field, value === '7' ? '8' : '7')],
        ['a little longer', withValue(record.flat, field, `${value} `)],
        ['left out', withoutField(record.flat, field)],
        ['there twice', [field, value, ...record.flat]],
        ['renamed', record.flat.map((one, place) => (place % 2 === 0 && one === field ? `${one}x` : one))],
        ...(value === '' ? [] : [['emptied', withValue(record.flat, field, '')] as const]),
      ];
      for (const [how, flat] of flats)
        yield { what: `${field} of ${name(record)} ${how}`, records: with_(at, { id: record.id, flat }), named };
    }
    const more = { id: record.id, flat: [...record.flat, 'z', '1'] };
    yield { what: `a field more in ${name(record)}`, records: with_(at, more), named };
    const next = all[at + 1];
    const gone = new RegExp(
      `^${name(record)}\\b.* is missing|${next ? `^${name(next)}\\b.* does not follow` : 'is missing'}`,
    );
    yield { what: `${name(record)} left out`, records: with_(at), named: gone };
    const double = { id: `${record.id.split('-')[0]}-9`, flat: record.flat };
    yield { what: `${name(record)} there twice`, records: with_(at, record, double), named: /^(entry|event) \d+-9\b/ };
    for (const [other, exchanged] of all.entries()) {
      if (other <= at) continue;
      const records = all.map(({ id }, place) => {
        const from = place === at ? exchanged : place === other ? record : all[place];
        return { id, flat: from?.flat ?? [] };
      });
      yield { what: `${name(record)} and ${name(exchanged)} exchanged`, records, named };
    }
    yield { what: `all from ${name(record)} on left out`, records: all.slice(0, at), named: /is missing/ };
    if (at > 0)
      yield { what: `all before ${name(record)} left out`, records: all.slice(at), named: /is missing: the newest/ };
  }
}

describe('verify', () => {
  test.each(trails)(
    'verify names every change to %s %s',
    async (edition, trail, name) => {
      const key = `${log.prefix}:{${edition}}:${trail}`;
      const all = await readStream(log.redis, key);
      let count = 0;
      for (const { what, records, named } of changesOf(all, name)) {
        expect(await saidAfter(() => writeStream(log.redis, key, records), edition), what).toMatch(named);
        count++;
      }
      expect(count).toBeGreaterThan(all.length * 40);
    },
    120_000,
  );

  test.each([
    ['en', ['epoch', 'seq', 'hash', 'audit']],
    ['_site', ['audit']],
  ] as const)('of every change to the heads of %s', async (edition, fields) => {
    const key = `${log.prefix}:{${edition}}:meta`;
    expect(Object.keys(await log.redis.hgetall(key)).sort()).toEqual([...fields].sort());
    const named = /head/;
    for (const field of fields) {
      for (const value of ['', '3', '7', '-1', 'f'.repeat(40)])
        expect(await saidAfter(() => log.redis.hset(key, field, value), edition), `${field} ${value}`).toMatch(named);
      expect(await saidAfter(() => log.redis.hdel(key, field), edition), field).toMatch(named);
    }
    expect(await saidAfter(() => log.redis.del(key), edition)).toMatch(named);
  });

  test('verify names every change to a text', async () => {
    const { kept, retracted, hidden } = ids;
    let count = 0;
    for (const [id, texts] of [
      [kept, { 1: 1, 2: 4 }],
      [hidden, { 1: 3 }],
    ] as const) {
      const key = `${base}:text:${id}`;
      for (const [version, seq] of Object.entries(texts)) {
        const text = (await log.redis.hget(key, version)) ?? '';
        expect(text).not.toBe('');
        const named = new RegExp(`^the text of entry ${seq} `);
        for (const other of ['', `${text} `, text.replace('o', '0'), '{}'])
          expect(await saidAfter(() => log.redis.hset(key, version, other))).toMatch(named);
        expect(await saidAfter(() => log.redis.hdel(key, version))).toMatch(named);
        count++;
      }
      expect(await saidAfter(() => log.redis.del(key))).toMatch(/^the text of entry \d+ .* is missing/);
    }
    expect(count).toBe(3);
    const back = () => log.redis.hset(`${base}:text:${retracted}`, 1, bodyOf('Mayor resigns'));
    expect(await saidAfter(back)).toMatch(/^the text of entry 2 .* is there, and the item was retracted/);
  });

  test('verify names data for readers that differs from the log', async () => {
    const { kept, hidden, retracted } = ids;
    const fields = ['version', 'place', 'publishedAt', 'updatedAt', 'shown', 'status'];
    for (const id of [kept, hidden, retracted])
      for (const field of [
        ...fields,
        ...(id === kept ? ['facets', 'textOut'] : []),
        ...(id === retracted ? ['notice'] : []),
      ]) {
        const named = new RegExp(`^the record of item ${id} is not as entry \\d+ .* left it: ${field}$`);
        expect(await saidAfter(() => log.redis.hset(`${base}:item:${id}`, field, 'x')), field).toMatch(named);
        expect(await saidAfter(() => log.redis.hdel(`${base}:item:${id}`, field)), field).toMatch(named);
      }
    const place = /its place among what is shown$/;
    expect(await saidAfter(() => log.redis.zrem(`${base}:shown`, kept))).toMatch(place);
    expect(await saidAfter(() => log.redis.zadd(`${base}:shown`, 9, kept))).toMatch(place);
    expect(await saidAfter(() => log.redis.zadd(`${base}:shown`, 3, hidden))).toMatch(place);
  });

  test('verify names keys that are missing or of another type', async () => {
    for (const key of ['log', 'audit']) {
      expect(await saidAfter(() => log.redis.del(`${base}:${key}`))).toMatch(/is missing/);
      const put = async () => [await log.redis.del(`${base}:${key}`), await log.redis.set(`${base}:${key}`, 'x')];
      expect(await saidAfter(put)).toMatch(/of a type that nobody wrote/);
    }
  });
});

describe('an attacker who recomputes links', () => {
  const entries = () => readStream(log.redis, `${base}:log`);
  const said = (at: number, field: string, value: string, all: readonly Raw[]) =>
    all.map((record, place) => (place === at ? { ...record, flat: withValue(record.flat, field, value) } : record));

  test('recomputing the link of one entry breaks the next, and recomputing all entries breaks the audit trail', async () => {
    const all = said(3, 'k', 'new', await entries());
    const forged = all[3] ?? { id: '', flat: [] };
    const one = all.map((record, at) =>
      at === 3 ? { ...record, flat: withValue(forged.flat, 'h', linkOf('log', forged)) } : record,
    );
    expect(await saidAfter(() => writeStream(log.redis, `${base}:log`, one))).toMatch(
      /^entry 5 .* does not follow entry 4/,
    );
    const rewrite = async () => {
      const events = await readStream(log.redis, `${base}:audit`);
      await writeStream(log.redis, `${base}:log`, all);
      await rechain(log.redis, base);
      await writeStream(log.redis, `${base}:audit`, events);
      await log.redis.hset(`${base}:meta`, 'audit', fieldOf(events.at(-1) ?? forged, 'h'));
    };
    expect(await saidAfter(rewrite)).toMatch(
      /^entry 5 .* names an event of the audit trail that is missing|^event .* names an entry that is missing/,
    );
  });

  test('recomputing the whole audit trail breaks the entries', async () => {
    const rewrite = async () => {
      const log_ = await entries();
      const events = await readStream(log.redis, `${base}:audit`);
      await writeStream(log.redis, `${base}:audit`, said(1, 'name', 'Somebody else', events));
      await rechain(log.redis, base);
      await writeStream(log.redis, `${base}:log`, log_);
      await log.redis.hset(`${base}:meta`, 'hash', fieldOf(log_.at(-1) ?? { id: '', flat: [] }, 'h'));
    };
    expect(await saidAfter(rewrite)).toMatch(/names an (entry|event of the audit trail) that is missing/);
  });

  test('removing all links and heads differs from data that never had a chain', async () => {
    const strip = async (trail: 'log' | 'audit') => {
      const all = await readStream(log.redis, `${base}:${trail}`);
      const bare = all.map(({ id, flat }) => ({ id, flat: ['b', 'u', 'l', 'h', 'o'].reduce(withoutField, [...flat]) }));
      await writeStream(log.redis, `${base}:${trail}`, bare);
      await log.redis.hdel(`${base}:meta`, trail === 'log' ? 'hash' : 'audit');
    };
    expect(await saidAfter(() => strip('log'))).toMatch(/^event .* names an entry that is missing/);
    expect(await saidAfter(() => strip('audit'))).toMatch(
      /^entry .* names an event of the audit trail that is missing/,
    );
  });

  test('recomputing everything is found only with a head that was kept outside', async () => {
    const [first, , , fourth, , last] = await entries();
    if (!first || !fourth || !last) throw new Error('six entries');
    const noted = (record: Raw) => ({ seq: Number(record.id.split('-')[0]), hash: fieldOf(record, 'h') });
    const compare = async (record: Raw, short = false) => {
      const { seq, hash } = noted(record);
      const head = { seq, hash: short ? hash.slice(0, 8) : hash };
      return (await verifyEdition(log.redis, log.prefix, 'en', head)).broken;
    };
    for (const record of [first, fourth, last]) {
      expect(await compare(record)).toBeNull();
      expect(await compare(record, true)).toBeNull();
    }
    const rewrite = async () => {
      await writeStream(log.redis, `${base}:log`, said(3, 'k', 'new', await entries()));
      await rechain(log.redis, base);
    };
    expect(await saidAfter(rewrite)).toBeNull();
    const change = async () => {
      await rewrite();
      // What was written down before the change still fits; what was written down after it does not.
      expect(await compare(first)).toBeNull();
      expect(await compare(fourth)).toMatch(/^entry 4 .* is not the one whose head was noted/);
      expect(await compare(last, true)).toMatch(/^entry 6 .* is not the one whose head was noted/);
    };
    await saidAfter(change);
    const goBack = async () => {
      for (const [trail, kept] of [
        ['log', 4],
        ['audit', 4],
      ] as const)
        await writeStream(
          log.redis,
          `${base}:${trail}`,
          (await readStream(log.redis, `${base}:${trail}`)).slice(0, kept),
        );
      await rechain(log.redis, base);
      const record = `${base}:item:${ids.hidden}`;
      const [, , third] = await entries();
      await log.redis.hset(record, { version: 1, status: 'usable', shown: 1, updatedAt: fieldOf(third ?? first, 't') });
      await log.redis.zadd(`${base}:shown`, 3, ids.hidden);
      const [, second] = await entries();
      const mayor = `${base}:item:${ids.retracted}`;
      await log.redis.hset(mayor, { version: 1, status: 'usable', shown: 1, updatedAt: fieldOf(second ?? first, 't') });
      await log.redis.zadd(`${base}:shown`, 2, ids.retracted);
      await log.redis.hset(`${base}:text:${ids.retracted}`, 1, bodyOf('Mayor resigns'));
      expect(await broken()).toBeNull();
      expect(await compare(last)).toBe('the log ends at entry 4: entry 6, whose head was noted, is gone');
    };
    await saidAfter(goBack);
  });
});
