import { describe, expect, inject, test } from 'vitest';
import { createWorkerLog } from '../../../src/log/commands/redis-worker-log.ts';
import { RedisClock } from '../../../src/log/redis/redis-clock.ts';
import { verifyEdition } from '../../../src/log/trail/verify.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';

const open = (options?: { readonly noticeMs?: number }) => openEditionLog(inject('redisUrl'), options);

describe('accept', () => {
  test('accept refuses after the deadline and keeps nothing of the request', async () => {
    await using log = await open();
    const outcome = await log.accept({
      action: 'publish',
      itemId: log.newId(),
      body: bodyOf('Late line'),
      // The desk's idea of Redis' clock is right to a few ms.
      deadlineMs: log.desk.now() - 1_000,
    });
    expect(outcome).toMatchObject({ type: 'refused', problem: 'past-deadline' });
    expect(await log.dump()).toEqual([]);
  });

  test('fifty requests at once with one Idempotency-Key are one command', async () => {
    await using log = await open();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () =>
        log.accept({
          action: 'publish',
          itemId: log.newId(),
          body: bodyOf('Once'),
          idempotency: { key: 'k1', fingerprint: 'f1' },
        }),
      ),
    );
    const ids = new Set(outcomes.map((outcome) => (outcome.type === 'accepted' ? outcome.id : outcome.problem)));
    expect(ids.size).toBe(1);
    expect(outcomes.filter((outcome) => outcome.type === 'accepted' && !outcome.replayed)).toHaveLength(1);
    const other = await log.accept({
      action: 'publish',
      itemId: log.newId(),
      body: bodyOf('Other'),
      idempotency: { key: 'k1', fingerprint: 'f2' },
    });
    expect(other).toMatchObject({ type: 'refused', problem: 'idempotency-mismatch' });
    const elsewhere = await log.accept({
      action: 'publish',
      itemId: log.newId(),
      edition: 'ar',
      body: bodyOf('Once'),
      idempotency: { key: 'k1', fingerprint: 'f1' },
    });
    expect(elsewhere).toMatchObject({ type: 'refused', problem: 'idempotency-mismatch' });
  });

  test.each(Array.from({ length: 5 }, (_, n) => n))(
    'requests for two editions at once with one Idempotency-Key are one item, which a retry gets again (%i)',
    async () => {
      await using log = await open();
      const idempotency = { key: 'both', fingerprint: 'f' };
      const ask = (edition: string) =>
        log.accept({ action: 'publish', itemId: log.newId(), edition, body: bodyOf('Once'), idempotency });
      const outcomes = await Promise.all(['ar', 'en'].map(ask));
      const won = outcomes.findIndex(({ type }) => type === 'accepted');
      expect(outcomes[1 - won]).toEqual({ type: 'refused', problem: 'idempotency-mismatch' });
      const [winner = '', loser = ''] = won === 0 ? ['ar', 'en'] : ['en', 'ar'];
      expect(await log.redis.get(`${log.prefix}:idempotency:key1:both`)).toBe(winner);
      expect(await log.redis.ttl(`${log.prefix}:idempotency:key1:both`)).toBeGreaterThan(86_390);
      expect(await ask(winner)).toMatchObject({ type: 'accepted', replayed: true });
      expect(await ask(loser)).toMatchObject({ type: 'refused', problem: 'idempotency-mismatch' });
    },
  );

  test('a refused request can be sent again with its Idempotency-Key, to its own edition only', async () => {
    await using log = await open();
    const ask = (deadlineMs: number, edition = 'en') =>
      log.accept({
        action: 'publish',
        itemId: log.newId(),
        edition,
        body: bodyOf('Late'),
        deadlineMs,
        idempotency: { key: 'late', fingerprint: 'f' },
      });
    expect(await ask(1)).toMatchObject({ type: 'refused', problem: 'past-deadline' });
    const inTime = log.desk.now() + 10_000;
    expect(await ask(inTime, 'ar')).toMatchObject({ type: 'refused', problem: 'idempotency-mismatch' });
    expect(await ask(inTime)).toMatchObject({ type: 'accepted', replayed: false });
  });

  test('an Idempotency-Key from before there were claims stays with its edition', async () => {
    await using log = await open();
    const ask = (edition: string) =>
      log.accept({
        action: 'publish',
        itemId: log.newId(),
        edition,
        body: bodyOf('Before'),
        idempotency: { key: 'before', fingerprint: 'f' },
      });
    expect(await ask('ar')).toMatchObject({ type: 'accepted' });
    await log.redis.del(`${log.prefix}:idempotency:key1:before`);
    for (const edition of ['en', 'en'])
      expect(await ask(edition)).toMatchObject({ type: 'refused', problem: 'idempotency-mismatch' });
    expect(await ask('ar')).toMatchObject({ type: 'accepted', replayed: true });
  });

  test.each(['cancel', 'edit'] as const)(
    'a %s that is allowed for drafts only loses against a publish',
    async (action) => {
      await using log = await open();
      const itemId = log.newId();
      await log.accept({ action: 'publish', itemId, body: bodyOf('Draft'), draft: true });
      const ask = () => log.accept({ action, itemId, onlyIn: 'draft', body: bodyOf('Other') });
      const [publish, late] = await Promise.all([log.accept({ action: 'publish-draft', itemId }), ask()]);
      expect(publish.type).toBe('accepted');
      expect(late).toEqual({ type: 'refused', problem: 'wrong-state', version: 2, state: 'queued' });
    },
  );

  test('accept compares If-Match with the newest accepted version, published or not', async () => {
    await using log = await open();
    const itemId = log.newId();
    await log.run({ action: 'publish', itemId, body: bodyOf('First') });
    const edit = { action: 'edit', itemId, body: bodyOf('Second'), change: 'refile', ifMatch: 1 } as const;
    const [one, two] = await Promise.all([log.accept(edit), log.accept(edit)]);
    expect([one, two].map((outcome) => outcome.type).sort()).toEqual(['accepted', 'refused']);
    expect([one, two].find((outcome) => outcome.type === 'refused')).toMatchObject({
      problem: 'version-mismatch',
      version: 2,
    });
  });

  test('an edit of a held item keeps its due time, and the status of the first command answers for it', async () => {
    await using log = await open();
    const itemId = log.newId();
    const first = await log.accept({ action: 'publish', itemId, body: bodyOf('Typo'), holdMs: 30_000 });
    const second = await log.accept({ action: 'edit', itemId, body: bodyOf('No typo'), ifMatch: 1 });
    if (first.type !== 'accepted' || second.type !== 'accepted') throw new Error('refused');
    expect(second).toMatchObject({ version: 2, state: 'held', dueAt: first.dueAt });
    expect(await log.append(first.commandId)).toEqual({ type: 'refused', problem: 'superseded' });
    expect(await log.desk.status('en', first.commandId)).toMatchObject({ version: 2, state: 'held' });
  });

  test('withhold parks an item that is not out yet, and release publishes it', async () => {
    await using log = await open();
    const itemId = log.newId();
    const queued = await log.accept({ action: 'publish', itemId, body: bodyOf('Too early') });
    await log.accept({ action: 'withhold', itemId });
    if (queued.type !== 'accepted') throw new Error('refused');
    expect(await log.append(queued.commandId)).toMatchObject({ type: 'refused' });
    expect((await log.reader.head('en')).seq).toBe(0);
    expect(await log.run({ action: 'release', itemId })).toMatchObject({ type: 'appended', seq: 1 });
    expect((await log.reader.load('en', { items: 10, entries: 10 })).items[0]?.item).toMatchObject({
      headline: 'Too early',
      version: 3,
    });
  });

  test('a retraction of a queued item cancels it: no entry, and only the desk keeps its text', async () => {
    await using log = await open();
    const itemId = log.newId();
    const queued = await log.accept({ action: 'publish', itemId, body: bodyOf('Never true') });
    expect(await log.accept({ action: 'retract', itemId, reason: 'wrong' })).toMatchObject({
      type: 'accepted',
      state: 'cancelled',
    });
    if (queued.type !== 'accepted') throw new Error('refused');
    expect(await log.append(queued.commandId)).toEqual({ type: 'refused', problem: 'cancelled' });
    expect((await log.reader.head('en')).seq).toBe(0);
    const places = (await log.dump()).filter(({ text }) => text.includes('Never true')).map(({ key }) => key);
    expect(places).toEqual([`${log.prefix}:{en}:versions:${itemId}`]);
  });

  test('cancelling a held correction keeps the published version, and the next edit builds on it', async () => {
    await using log = await open();
    const itemId = log.newId();
    await log.run({ action: 'publish', itemId, body: bodyOf('Out') });
    const held = await log.accept({
      action: 'edit',
      itemId,
      body: bodyOf('Held change'),
      change: 'corrected',
      ifMatch: 1,
      holdMs: 20_000,
    });
    expect(held).toMatchObject({ type: 'accepted', state: 'held' });
    expect(await log.accept({ action: 'cancel', itemId })).toMatchObject({ type: 'accepted', state: 'cancelled' });
    const item = await log.desk.item('en', itemId);
    expect(item?.state).toBe('published');
    expect(JSON.parse(item?.body ?? '{}')).toMatchObject({ headline: 'Out' });
  });
});

describe('append', () => {
  test('an append that Redis runs after its time writes nothing, and a new look at the clock puts a wrong estimate right', async () => {
    await using log = await open();
    const accepted = await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('Late') });
    const command = await log.worker.command('en', accepted.type === 'accepted' ? accepted.commandId : '');
    if (!command) throw new Error('not accepted');
    let behindMs = 60_000;
    const timeOf = (ms: number) => [String(Math.floor(ms / 1_000)), '0'];
    const clock = new RedisClock({ time: async () => timeOf(Date.now() - behindMs), on: () => {}, off: () => {} });
    await clock.sample();
    const shard = { redis: log.redis, clock };
    const shards = { site: shard, of: () => shard };
    const worker = createWorkerLog({ shards, prefix: log.prefix, entriesKept: 100, itemDays: 1 });
    await expect(worker.append(command)).rejects.toThrow('Redis ran an append after its time');
    expect(await log.reader.head('en')).toMatchObject({ seq: 0 });
    behindMs = 0;
    expect(await worker.append(command)).toMatchObject({ type: 'appended', seq: 1 });
  });

  test("append waits for the due time by Redis' clock", async () => {
    await using log = await open();
    const outcome = await log.run({
      action: 'publish',
      itemId: log.newId(),
      body: bodyOf('Later'),
      publishAtMs: log.desk.now() + 60_000,
    });
    expect(outcome.type).toBe('early');
    expect(outcome.type === 'early' && outcome.waitMs).toBeGreaterThan(58_000);
  });

  test('IM-3: an item expires by an entry of the same version, and not when a newer version is out', async () => {
    await using log = await open();
    const kept = log.newId();
    const past = log.desk.now() - 1_000;
    const outcome = await log.run({ action: 'publish', itemId: kept, body: bodyOf('Short'), expiresAtMs: past });
    const due = outcome.type === 'appended' ? outcome.followUps[0] : undefined;
    expect(due).toMatchObject({ kind: 'expire', dueAt: past });
    await log.run({ action: 'edit', itemId: kept, body: bodyOf('Longer'), change: 'refile', ifMatch: 1 });
    expect(await log.append(due?.commandId ?? '')).toEqual({ type: 'refused', problem: 'superseded' });

    const gone = log.newId();
    const other = await log.run({ action: 'publish', itemId: gone, body: bodyOf('Gone'), expiresAtMs: past });
    const expiry = other.type === 'appended' ? other.followUps[0] : undefined;
    expect(await log.append(expiry?.commandId ?? '')).toMatchObject({ type: 'appended', seq: 4 });
    const { items, entries } = await log.reader.load('en', { items: 10, entries: 10 });
    expect(items.map(({ item }) => item.id)).toEqual([kept]);
    expect(entries.at(-1)).toMatchObject({ itemId: gone, version: 1, reason: 'expired', now: null, item: null });
  });

  test('IM-4: an item that expires while it is withheld, or before its append, is never shown', async () => {
    await using log = await open();
    const limits = { items: 10, entries: 10 };
    const hidden = log.newId();
    const soon = log.desk.now() + 60_000;
    const shown = await log.run({ action: 'publish', itemId: hidden, body: bodyOf('Short'), expiresAtMs: soon });
    await log.run({ action: 'withhold', itemId: hidden });
    const expiry = shown.type === 'appended' ? shown.followUps[0] : undefined;
    await log.redis.hset(`${log.prefix}:{en}:command:${expiry?.commandId}`, 'due', '1');
    expect(await log.append(expiry?.commandId ?? '')).toEqual({ type: 'refused', problem: 'superseded' });
    const release = await log.accept({ action: 'release', itemId: hidden });
    const waiting = await log.accept({
      action: 'publish',
      itemId: log.newId(),
      body: bodyOf('Late'),
      expiresAtMs: soon,
    });
    for (const accepted of [release, waiting]) {
      if (accepted.type !== 'accepted') throw new Error('refused');
      // It came in time, and time went on.
      await log.redis.hset(`${log.prefix}:{en}:item:${accepted.id}`, 'acceptedAt', '1');
      await log.redis.hset(`${log.prefix}:{en}:command:${accepted.commandId}`, 'expires', '1000');
      expect(await log.append(accepted.commandId)).toMatchObject({ type: 'appended', followUps: [] });
      const { items, entries } = await log.reader.load('en', limits);
      expect(items).toEqual([]);
      expect(entries.at(-1)).toMatchObject({
        itemId: accepted.id,
        reason: 'expired',
        was: null,
        now: null,
        item: null,
      });
      expect(await log.reader.item('en', accepted.id)).toMatchObject({ status: 'expired' });
      expect(await log.desk.item('en', accepted.id)).toMatchObject({ state: 'expired' });
    }
    expect((await verifyEdition(log.redis, log.prefix, 'en')).broken).toBeNull();
  });

  test("IM-6: a retraction erases the text everywhere except in the desk's record, leaves a notice, and clears it later", async () => {
    await using log = await open({ noticeMs: 0 });
    const itemId = log.newId();
    await log.run({ action: 'publish', itemId, body: bodyOf('The false claim') });
    await log.run({ action: 'edit', itemId, body: bodyOf('The false claim, again'), change: 'corrected', ifMatch: 1 });
    const outcome = await log.run({ action: 'retract', itemId, reason: 'false', notice: 'A line was withdrawn.' });
    const places = (await log.dump()).filter(({ text }) => text.includes('false claim')).map(({ key }) => key);
    expect(places).toEqual([`${log.prefix}:{en}:versions:${itemId}`]);
    const noticed = await log.reader.load('en', { items: 10, entries: 10 });
    expect(noticed.items[0]?.item).toMatchObject({ id: itemId, status: 'retracted', notice: 'A line was withdrawn.' });
    expect(noticed.entries.map((entry) => entry.item)).toEqual([null, null, null]);

    const clear = outcome.type === 'appended' ? outcome.followUps[0] : undefined;
    expect(clear?.kind).toBe('clear');
    expect(await log.append(clear?.commandId ?? '')).toMatchObject({ type: 'appended', seq: 4 });
    const cleared = await log.reader.load('en', { items: 10, entries: 10 });
    expect(cleared.items).toEqual([]);
    expect(cleared.entries.at(-1)).toMatchObject({ reason: 'expired', notice: null });
    expect(cleared.entries.at(-1)?.was).toMatchObject({ sections: ['health'] });
    expect(await log.reader.item('en', itemId)).toMatchObject({ status: 'retracted' });
  });

  test('the stream is trimmed, and a read that would leave a gap returns null', async () => {
    await using log = await open();
    for (let n = 0; n < 5; n += 1) await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf(`Line ${n}`) });
    await log.redis.xtrim(`${log.prefix}:{en}:log`, 'MAXLEN', 2);
    expect(await log.after(1)).toBeNull();
    expect((await log.after(3))?.map((entry) => entry.seq)).toEqual([4, 5]);
    expect(await log.after(5)).toEqual([]);
  });
});

describe('settled', () => {
  test('settled resolves when the command is published, and at once when it is held', async () => {
    await using log = await open();
    const queued = await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('Soon') });
    const held = await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('Held'), holdMs: 30_000 });
    if (queued.type !== 'accepted' || held.type !== 'accepted') throw new Error('refused');
    const waiting = log.desk.settled('en', queued.commandId, 10_000);
    await log.append(queued.commandId);
    expect(await waiting).toMatchObject({ state: 'published', seq: 1 });
    expect(await log.desk.settled('en', held.commandId, 10_000)).toMatchObject({ state: 'held' });
  });
});

test("the desk's list is newest first, and its pages neither lose nor repeat an item", async () => {
  await using log = await open();
  const ids: string[] = [];
  for (let n = 0; n < 7; n += 1) {
    const itemId = log.newId();
    ids.unshift(itemId);
    await log.accept({ action: 'publish', itemId, body: bodyOf(`Line ${n}`) });
  }
  const listed: string[] = [];
  let before: string | undefined;
  do {
    const page = await log.desk.list('en', { limit: 3, ...(before !== undefined && { before }) });
    listed.push(...page.items.map((item) => item.id));
    before = page.next;
  } while (before !== undefined);
  expect(listed).toEqual(ids);
});

describe('the list of withdrawn items', () => {
  const limits = { items: 100, entries: 100 };
  const key = ({ prefix }: { readonly prefix: string }) => `${prefix}:{en}:withdrawn`;

  test('a withdrawn item is listed with its kind, facets and notice, whatever its age, and without its text', async () => {
    await using log = await open();
    const [old, hidden, released, gone] = [log.newId(), log.newId(), log.newId(), log.newId()];
    for (const itemId of [old, hidden, released, gone])
      await log.run({ action: 'publish', itemId, body: bodyOf('A claim') });
    await log.redis.hset(`${log.prefix}:{en}:item:${old}`, 'publishedAt', Date.now() - 7 * 3_600_000);
    await log.run({ action: 'retract', itemId: old, notice: 'A line was withdrawn.' });
    await log.run({ action: 'withhold', itemId: hidden });
    await log.run({ action: 'withhold', itemId: released });
    await log.run({ action: 'release', itemId: released });
    await log.run({ action: 'withhold', itemId: gone });
    await log.run({ action: 'retract', itemId: gone, notice: 'Another one was.' });
    const { withdrawn, entries } = await log.reader.load('en', limits);
    const of = { facets: { sections: ['health'] }, language: 'en', dir: 'ltr' };
    expect(withdrawn).toMatchObject([
      { id: gone, kind: 'retracted', version: 3, place: 4, notice: 'Another one was.', ...of },
      { id: hidden, kind: 'withheld', version: 2, place: 2, notice: null, ...of },
      { id: old, kind: 'retracted', version: 2, place: 1, notice: 'A line was withdrawn.', ...of },
    ]);
    expect(entries.find(({ itemId, reason }) => itemId === old && reason)).toMatchObject({
      notice: null,
      withdrawn: withdrawn?.[2],
    });
    expect(await log.redis.zrange(key(log), '0', '-1')).toEqual([old, hidden, gone]);
    expect(await log.redis.ttl(key(log))).toBeGreaterThan(172_000);
  });

  test('a withdrawn item leaves the list after 48 h, or when 500 newer ones are in it', async () => {
    await using log = await open();
    const now = Date.now();
    await log.redis.zadd(key(log), now - 48 * 3_600_000 - 60_000, 'too-old');
    for (let at = 0; at < 500; at += 1) await log.redis.zadd(key(log), now - 3_600_000 + at, `item-${at}`);
    const itemId = log.newId();
    await log.run({ action: 'publish', itemId, body: bodyOf('A claim') });
    await log.run({ action: 'withhold', itemId });
    const kept = await log.redis.zrange(key(log), '0', '-1');
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([500, 'item-1', itemId]);
  });

  test('a damaged list of withdrawn items stops no append and no read', async () => {
    await using log = await open();
    const itemId = log.newId();
    await log.redis.set(key(log), 'what is this');
    await log.run({ action: 'publish', itemId, body: bodyOf('A claim') });
    expect(await log.run({ action: 'retract', itemId, notice: 'Gone.' })).toMatchObject({ type: 'appended', seq: 2 });
    expect(await log.reader.load('en', limits)).toMatchObject({ head: { seq: 2 }, withdrawn: [] });
  });
});

describe('times', () => {
  const day = 86_400_000;

  test('accept refuses times in the past, and a retry of an accepted request gets the first answer', async () => {
    await using log = await open();
    const now = log.desk.now();
    const publish = (more: object) =>
      log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('Late'), timesAhead: true, ...more });
    for (const ago of [1_000, 6 * day, 8 * day, 400 * day])
      expect(await publish({ expiresAtMs: now - ago })).toEqual({ type: 'refused', problem: 'expires-past' });
    expect(await publish({ expiresAtMs: now + 5_000, holdMs: 10_000 })).toMatchObject({ problem: 'expires-past' });
    expect(await publish({ draft: true, expiresAtMs: now - 1_000 })).toMatchObject({ problem: 'expires-past' });
    expect(await publish({ publishAtMs: now - day })).toEqual({ type: 'refused', problem: 'publish-past' });
    expect(await publish({ publishAtMs: now - 5_000 })).toMatchObject({ type: 'accepted', state: 'queued' });
    const idempotency = { key: 'k', fingerprint: 'f' };
    const expiresAtMs = log.desk.now() + 1_000;
    expect(await publish({ idempotency, expiresAtMs })).toMatchObject({ type: 'accepted' });
    await redisIsPast(log, expiresAtMs);
    expect(await publish({ idempotency, expiresAtMs })).toMatchObject({ type: 'accepted', replayed: true });
  });

  test('accept compares the times of a correction, and of a draft that is published late, with the clock', async () => {
    await using log = await open();
    const itemId = log.newId();
    await log.run({ action: 'publish', itemId, body: bodyOf('On time') });
    const edit = { action: 'edit', itemId, change: 'attached', timesAhead: true, body: bodyOf('On time') } as const;
    const past = { type: 'refused', problem: 'expires-past' };
    expect(await log.accept({ ...edit, expiresAtMs: log.desk.now() - 8 * day })).toEqual(past);
    const draft = { action: 'publish', itemId: log.newId(), draft: true, body: bodyOf('Draft') } as const;
    const expiresAtMs = log.desk.now() + 1_000;
    expect(await log.accept({ ...draft, expiresAtMs })).toMatchObject({ type: 'accepted' });
    await redisIsPast(log, expiresAtMs);
    expect(await log.accept({ action: 'publish-draft', itemId: draft.itemId, timesAhead: true })).toEqual(past);
  });

  test('accept compares the times of an item that was withheld before it was out with the clock at its release', async () => {
    await using log = await open();
    const itemId = log.newId();
    const expiresAtMs = log.desk.now() + 1_000;
    await log.accept({ action: 'publish', itemId, body: bodyOf('Parked'), holdMs: 100, expiresAtMs });
    await log.accept({ action: 'withhold', itemId });
    await redisIsPast(log, expiresAtMs);
    const release = { action: 'release', itemId, timesAhead: true } as const;
    expect(await log.accept(release)).toEqual({ type: 'refused', problem: 'expires-past' });
    const edit = { action: 'edit', itemId, body: bodyOf('Parked'), expiresAtMs: log.desk.now() + 60_000 } as const;
    expect(await log.accept(edit)).toMatchObject({ type: 'accepted' });
    expect(await log.accept(release)).toMatchObject({ type: 'accepted' });
  });

  test('a command of time is appended however late it is', async () => {
    await using log = await open();
    const publish = async (itemId: string) => {
      const outcome = await log.accept({
        action: 'publish',
        itemId,
        body: bodyOf('Held by STOP'),
        expiresAtMs: log.desk.now() + day,
      });
      return outcome.type === 'accepted' ? outcome.commandId : '';
    };
    const itemId = log.newId();
    const commandId = await publish(itemId);
    await log.redis.hset(`${log.prefix}:{en}:command:${commandId}`, 'expires', log.desk.now() - 8 * day);
    const appended = await log.append(commandId);
    const [due] = appended.type === 'appended' ? appended.followUps : [];
    expect(await log.append(due?.commandId ?? '')).toMatchObject({ type: 'appended' });
    expect((await log.after(0))?.at(-1)).toMatchObject({ itemId, reason: 'expired' });
  });

  test('a command of time is kept as long as its item, and is appended if only the list of due commands has it', async () => {
    await using log = await open();
    const itemId = log.newId();
    const dueAt = log.desk.now() + 1_000;
    const appended = await log.run({ action: 'publish', itemId, body: bodyOf('Brief'), expiresAtMs: dueAt });
    const [due] = appended.type === 'appended' ? appended.followUps : [];
    const key = `${log.prefix}:{en}:command:${due?.commandId}`;
    expect(await log.redis.expiretime(key)).toBe(await log.redis.expiretime(`${log.prefix}:{en}:item:${itemId}`));
    await log.redis.del(key);
    await redisIsPast(log, dueAt);
    expect(await log.append(due?.commandId ?? '')).toMatchObject({ type: 'appended' });
    expect((await log.after(0))?.at(-1)).toMatchObject({ itemId, reason: 'expired' });
    expect(await log.redis.zcard(`${log.prefix}:{en}:due`)).toBe(0);
  });
});

/** By Redis' own clock: a process has only an estimate of it, which may be ahead. */
async function redisIsPast({ redis }: EditionLog, atMs: number): Promise<void> {
  const isPast = async () => {
    const [seconds, micros] = await redis.time();
    return Number(seconds) * 1_000 + Number(micros) / 1_000 > atMs;
  };
  await expect.poll(isPast).toBe(true);
}
