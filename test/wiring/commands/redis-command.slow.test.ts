import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { schemaVersion } from '../../../src/log/redis/schema-version.ts';
import { createAudit } from '../../../src/log/trail/audit.ts';
import { bodyOf, openEditionLog } from '../../log/edition-log.ts';
import { sealed } from '../../log/sealed.ts';
import { run } from './run-redis-command.ts';

async function openSite() {
  const log = await openEditionLog(inject('redisUrl'));
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-verify-'));
  const env = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: log.prefix };
  await log.redis.set(`${log.prefix}:schema`, schemaVersion);
  const [first, second] = [log.newId(), log.newId()];
  return {
    log,
    env,
    file: join(folder, 'site.ndjson'),
    first,
    publish: async () => {
      await log.run({ action: 'publish', itemId: first, body: bodyOf('One') });
      await log.run({ action: 'retract', itemId: first, reason: 'untrue' });
      await log.run({ action: 'publish', itemId: second, body: bodyOf('Two') });
      const noted = await log.reader.head('en');
      await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf('Three') });
      const onLost = (error: unknown) => expect.fail(String(error));
      await createAudit({ redis: log.redis, prefix: log.prefix, onLost }).note({
        action: 'stop',
        keyId: 'k1',
        name: 'Ana',
      });
      return { noted, newest: await log.reader.head('en') };
    },
    run: (...argv: string[]) => run(argv, env),
    [Symbol.asyncDispose]: async () => {
      await log[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Head = Awaited<ReturnType<Awaited<ReturnType<typeof openSite>>['log']['reader']['head']>>;
const headOf = ({ epoch, seq, hash }: Head, digits = 40) => `${epoch}:${seq}:${hash.slice(0, digits)}`;

describe('verify', () => {
  test('verify prints a line per edition and for the site, for Redis and for an export', async () => {
    await using site = await openSite();
    const { newest } = await site.publish();
    const all = await site.run('verify');
    expect(all).toEqual({
      code: 0,
      out: [
        `en: epoch ${newest.epoch}, seq 4, head ${newest.hash}; 4 entries, 4 events and 2 texts fit`,
        '_site: 0 entries, 1 events and 0 texts fit',
      ],
      err: [],
    });
    const found = {
      epoch: newest.epoch,
      seq: 4,
      hash: newest.hash,
      entries: 4,
      events: 4,
      texts: 2,
      unchained: 0,
      gone: 0,
    };
    const { out } = await site.run('verify', '--json', '--edition', 'en');
    expect(JSON.parse(out[0] ?? '')).toEqual([{ edition: 'en', ...found, broken: null }]);
    expect((await site.run('export', '--out', site.file)).code).toBe(0);
    // No Redis is asked.
    expect(await run(['verify', site.file], { REDIS_URL: 'redis://127.0.0.1:1' })).toEqual(all);
  });

  test('verify exits with 1 and names the first broken link', async () => {
    await using site = await openSite();
    await site.publish();
    expect((await site.run('export', '--out', site.file)).code).toBe(0);
    const lines = (await readFile(site.file, 'utf8')).trim().split('\n');
    const changed = lines.slice(0, -1).map((line) => line.replace('Three', 'Threw'));
    await writeFile(site.file, sealed(changed));
    const ofFile = await site.run('verify', site.file);
    expect(ofFile).toMatchObject({ code: 1, err: [] });
    expect(ofFile.out[0]).toMatch(/^en: .*; BROKEN: the text of entry 4 .* is not the one that was published$/);
    expect(ofFile.out[1]).toMatch(/^_site: .* fit$/);
    await writeFile(site.file, `${changed.join('\n')}\n`);
    expect(await site.run('verify', site.file)).toMatchObject({ code: 1, err: [expect.stringContaining('is torn')] });

    await site.log.redis.xdel(`${site.log.prefix}:{en}:log`, '2-0');
    const ofRedis = await site.run('verify');
    expect(ofRedis.code).toBe(1);
    expect(ofRedis.out[0]).toMatch(/^en: .*; BROKEN: entry 2 is missing$/);
    const { out } = await site.run('verify', '--json', '--edition', 'en');
    expect(JSON.parse(out[0] ?? '')).toMatchObject([{ edition: 'en', broken: 'entry 2 is missing' }]);
    // An edition is walked as long as anything is left of it.
    await site.log.redis.del(`${site.log.prefix}:{en}:meta`);
    expect((await site.run('verify')).code).toBe(1);
  });

  test('verify compares a noted head with the chain', async () => {
    await using site = await openSite();
    const { noted, newest } = await site.publish();
    const against = (head: string) => site.run('verify', '--edition', 'en', '--head', head);
    for (const head of [headOf(noted), headOf(noted, 8), headOf(newest)])
      expect(await against(head)).toMatchObject({ code: 0, err: [] });
    const other = await against(`${noted.epoch}:3:${'0'.repeat(40)}`);
    expect(other.code).toBe(1);
    expect(other.out[0]).toMatch(
      /BROKEN: entry 3 .* is not the one whose head was noted: history has been rewritten since$/,
    );
    const ahead = await against(headOf({ ...newest, seq: 9 }));
    expect(ahead.out[0]).toMatch(/BROKEN: the log ends at entry 4: entry 9, whose head was noted, is gone$/);
  });

  test('verify refuses a wrong command line, an empty prefix and newer data, and reports an unreachable Redis', async () => {
    await using site = await openSite();
    const { noted } = await site.publish();
    const wrong = [
      ['--head', headOf(noted)],
      ['--edition', 'en', '--head', 'yesterday'],
      ['--edition', 'en', '--head', `${noted.epoch}:3`],
      ['a', 'b'],
      ['--nonsense'],
    ];
    for (const argv of wrong) expect((await site.run('verify', ...argv)).code, argv.join(' ')).toBe(2);
    expect(await site.run('verify', '--edition', 'tlh')).toEqual({
      code: 1,
      out: [],
      err: ['flashwire: edition tlh does not exist; the editions are en, _site'],
    });
    const empty = { ...site.env, FLASHWIRE_REDIS_PREFIX: `${site.log.prefix}-none` };
    expect(await run(['verify'], empty)).toMatchObject({
      code: 1,
      err: [expect.stringContaining('nothing is stored under')],
    });
    await site.log.redis.set(`${site.log.prefix}:schema`, '99');
    for (const argv of [['verify'], ['purge', site.first, '--edition', 'en', '--name', 'Ana']])
      expect(await site.run(...argv)).toMatchObject({ code: 1, err: [expect.stringContaining('is of schema 99')] });
    expect(await run(['verify'], { REDIS_URL: 'redis://127.0.0.1:1' })).toEqual({
      code: 3,
      out: [],
      err: ['flashwire: Redis at 127.0.0.1:1 does not answer'],
    });
  });
});

describe('purge', () => {
  test('purge prints what it erased, that backups still have it, and when it ran first', async () => {
    await using site = await openSite();
    await site.publish();
    const asAna = ['purge', site.first, '--edition', 'en', '--name', 'Ana'];
    expect(await site.run(...asAna)).toEqual({
      code: 0,
      err: [],
      out: [
        `${site.first}: the texts of 2 versions are erased`,
        'Redis keeps no append-only file. Earlier backups, exports and copies still have them.',
      ],
    });
    const { out } = await site.run(...asAna, '--json');
    const said = {
      id: site.first,
      edition: 'en',
      purgedAt: expect.any(String),
      versions: 2,
      again: true,
      appendOnlyFile: 'none',
    };
    expect(JSON.parse(out[0] ?? '')).toEqual(said);
    expect((await site.run('verify')).code).toBe(0);
  });

  test('purge finds an item of a rehearsal', async () => {
    await using site = await openSite();
    await using rehearsal = await openEditionLog(inject('redisUrl'), { prefix: `${site.log.prefix}-test` });
    const id = rehearsal.newId();
    await rehearsal.run({ action: 'publish', itemId: id, body: bodyOf('Only a try') });
    await rehearsal.run({ action: 'retract', itemId: id, reason: 'x' });
    expect((await site.run('purge', id, '--edition', 'en', '--name', 'Ana')).code).toBe(0);
    expect((await rehearsal.dump()).filter(({ text }) => text.includes('Only a try'))).toEqual([]);
  });

  test('purge refuses a live item, a missing item and a wrong command line', async () => {
    await using site = await openSite();
    await site.publish();
    const { first } = site;
    const other = site.log.newId();
    await site.log.run({ action: 'publish', itemId: other, body: bodyOf('Four') });
    expect(await site.run('purge', other, '--edition', 'en', '--name', 'Ana')).toEqual({
      code: 1,
      out: [],
      err: [
        `flashwire: ${other} is published: only what was retracted or cancelled can be purged; first: flashwire retract ${other} --reason ".."`,
      ],
    });
    const elsewhere = await site.run('purge', site.log.newId(), '--edition', 'en', '--name', 'Ana');
    expect(elsewhere).toMatchObject({ code: 1, err: [expect.stringContaining('there is no item')] });
    const wrong = [
      [],
      ['no-id', '--edition', 'en', '--name', 'Ana'],
      [first, '--name', 'Ana'],
      [first, '--edition', 'en'],
      [first, '--edition', 'en', '--name', 'A\u202Ena'],
    ];
    for (const argv of wrong) expect((await site.run('purge', ...argv)).code, argv.join(' ')).toBe(2);
  });
});
