import { expect, inject, test } from 'vitest';
import type { PublicItem } from '../../../src/item/item.ts';
import type { AcceptOutcome } from '../../../src/log/commands/desk-log.ts';
import { verifyEdition } from '../../../src/log/trail/verify.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';

const open = () => openEditionLog(inject('redisUrl'));
const limits = { items: 100, entries: 100 };

function commandOf(outcome: AcceptOutcome): string {
  if (outcome.type !== 'accepted') throw new Error(`refused: ${outcome.problem}`);
  return outcome.commandId;
}

async function shown(log: EditionLog): Promise<readonly PublicItem[]> {
  return (await log.reader.load('en', limits)).items.map(({ item }) => item);
}

async function publish(log: EditionLog, headline: string): Promise<string> {
  const itemId = log.newId();
  await log.run({ action: 'publish', itemId, body: bodyOf(headline) });
  return itemId;
}

const correctionOf = (itemId: string, headline: string) =>
  ({ action: 'edit', itemId, body: bodyOf(headline), change: 'corrected' }) as const;

test('a withholding overtakes a queued correction, and the release shows the corrected text', async () => {
  await using log = await open();
  const itemId = await publish(log, 'Ferry late');
  const correction = commandOf(await log.accept(correctionOf(itemId, 'Ferry cancelled')));
  await log.run({ action: 'withhold', itemId });
  expect(await log.append(correction)).toEqual({ type: 'refused', problem: 'stale-version' });
  expect(await shown(log)).toEqual([]);
  await log.run({ action: 'release', itemId });
  expect(await shown(log)).toMatchObject([{ id: itemId, version: 4, headline: 'Ferry cancelled' }]);
});

test('a correction of a withheld item stays hidden although it is appended before the withholding', async () => {
  await using log = await open();
  const itemId = await publish(log, 'Ferry late');
  const withholding = commandOf(await log.accept({ action: 'withhold', itemId }));
  expect(await log.run(correctionOf(itemId, 'Ferry cancelled'))).toMatchObject({ type: 'appended' });
  expect(await shown(log)).toEqual([]);
  expect((await log.reader.load('en', limits)).entries.at(-1)).toMatchObject({
    now: null,
    reason: 'withheld',
    item: null,
  });
  expect(await log.append(withholding)).toEqual({ type: 'refused', problem: 'stale-version' });
  expect(await shown(log)).toEqual([]);
});

test('a correction accepted after the release shows the item, although it is appended first', async () => {
  await using log = await open();
  const itemId = await publish(log, 'Ferry late');
  await log.run({ action: 'withhold', itemId });
  const release = commandOf(await log.accept({ action: 'release', itemId }));
  await log.run(correctionOf(itemId, 'Ferry on time'));
  expect(await log.append(release)).toEqual({ type: 'refused', problem: 'stale-version' });
  expect(await shown(log)).toMatchObject([{ headline: 'Ferry on time', version: 4 }]);
});

test('a release does not publish a correction that is still held', async () => {
  await using log = await open();
  const itemId = await publish(log, 'Ferry late');
  const held = commandOf(await log.accept({ ...correctionOf(itemId, 'Ferry sunk'), holdMs: 30_000 }));
  await log.run({ action: 'withhold', itemId });
  await log.run({ action: 'release', itemId });
  expect(await shown(log)).toMatchObject([{ headline: 'Ferry late' }]);
  expect(await log.desk.status('en', held)).toMatchObject({ state: 'cancelled' });
});

test('a retraction overtakes a queued correction, and only the desk keeps its text', async () => {
  await using log = await open();
  const itemId = await publish(log, 'Ferry late');
  const correction = commandOf(await log.accept(correctionOf(itemId, 'Ferry sunk')));
  await log.run({ action: 'retract', itemId, reason: 'wrong ferry' });
  expect(await log.append(correction)).toEqual({ type: 'refused', problem: 'item-retracted' });
  const places = (await log.dump()).filter(({ text }) => text.includes('Ferry')).map(({ key }) => key);
  expect(places).toEqual([`${log.prefix}:{en}:versions:${itemId}`]);
  expect(await log.accept({ action: 'retract', itemId })).toMatchObject({ type: 'refused', problem: 'item-retracted' });
});

test('the status and the replay of a command answer for the newest command that replaced it', async () => {
  await using log = await open();
  const itemId = log.newId();
  const idempotency = { key: 'k', fingerprint: 'f' };
  const request = { action: 'publish', itemId, body: bodyOf('One'), holdMs: 30, idempotency } as const;
  const first = commandOf(await log.accept(request));
  let newest = first;
  for (const [at, headline] of ['Two', 'Three', 'Four'].entries()) {
    newest = commandOf(await log.accept({ action: 'edit', itemId, body: bodyOf(headline), ifMatch: at + 1 }));
  }
  await expect.poll(async () => (await log.append(newest)).type).toBe('appended');
  expect(await log.desk.status('en', first)).toEqual({ id: itemId, version: 4, state: 'published', seq: 1 });
  expect(await log.accept(request)).toMatchObject({
    id: itemId,
    commandId: first,
    state: 'published',
    seq: 1,
    replayed: true,
  });
});

test('a wait for a command that is replaced meanwhile returns the outcome of the new one', async () => {
  await using log = await open();
  const itemId = log.newId();
  const first = commandOf(await log.accept({ action: 'publish', itemId, body: bodyOf('One') }));
  const waiting = log.desk.settled('en', first, 10_000);
  const second = commandOf(await log.accept({ action: 'edit', itemId, body: bodyOf('Two'), ifMatch: 1 }));
  await log.append(second);
  expect(await waiting).toMatchObject({ version: 2, state: 'published', seq: 1 });
});

test('a wait for a command that is cancelled meanwhile returns at once', async () => {
  await using log = await open();
  const itemId = log.newId();
  const first = commandOf(await log.accept({ action: 'publish', itemId, body: bodyOf('One') }));
  const waiting = log.desk.settled('en', first, 10_000);
  await log.accept({ action: 'retract', itemId });
  expect(await waiting).toMatchObject({ state: 'cancelled' });
});

test('a wait returns the current state when it times out', async () => {
  await using log = await open();
  const first = commandOf(await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('One') }));
  expect(await log.desk.settled('en', first, 50)).toMatchObject({ state: 'queued' });
});

test.each([
  ['lacks its facets', (log: EditionLog, key: string) => log.redis.hdel(key, 'facets')],
  ['has a body that is not an item', (log: EditionLog, key: string) => log.redis.hset(key, 'body', '{"headline":7}')],
  ['is of another type', (log: EditionLog, key: string) => log.redis.set(key, 'x')],
])('a command whose record %s is refused, the desk learns of it, and the log has no gap', async (_what, damage) => {
  await using log = await open();
  const bad = commandOf(await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('Bad') }));
  await damage(log, `${log.prefix}:{en}:command:${bad}`);
  await expect(log.worker.command('en', bad)).rejects.toThrow('the record is not');
  await log.worker.refuse('en', bad, 'unreadable-command');
  expect(await log.desk.status('en', bad)).toMatchObject({ state: 'refused', problem: 'unreadable-command' });
  expect(await log.worker.overdue('en', -1_000, 10)).toEqual([]);
  await publish(log, 'Good');
  expect((await log.reader.load('en', limits)).entries.map((entry) => entry.seq)).toEqual([1]);
});

test.each(['retract', 'withhold'] as const)(
  'a %s that cannot be appended leaves the item in the state that readers see, and the next one is appended',
  async (action) => {
    await using log = await open();
    const itemId = log.newId();
    await log.run({ action: 'publish', itemId, body: bodyOf('On air') });
    const failed = commandOf(await log.accept({ action, itemId, reason: 'untrue' }));
    await log.worker.refuse('en', failed, 'append-failed');
    expect(await log.redis.hget(`${log.prefix}:{en}:item:${itemId}`, 'state')).toBe('published');
    expect(await log.run({ action, itemId, reason: 'untrue' })).toMatchObject({ type: 'appended', seq: 2 });
  },
);

test('a retraction is appended even if the text that it erases is damaged', async () => {
  await using log = await open();
  const itemId = log.newId();
  await log.run({ action: 'publish', itemId, body: bodyOf('On air') });
  const text = `${log.prefix}:{en}:text:${itemId}`;
  await log.redis.del(text);
  await log.redis.set(text, 'no hash');
  expect(await log.run({ action: 'retract', itemId, reason: 'untrue' })).toMatchObject({ type: 'appended', seq: 2 });
  expect(await log.redis.exists(text)).toBe(0);
});

test('an appended command cannot be refused', async () => {
  await using log = await open();
  const itemId = log.newId();
  const id = commandOf(await log.accept({ action: 'publish', itemId, body: bodyOf('Out') }));
  await log.append(id);
  await log.worker.refuse('en', id, 'unreadable-command');
  expect(await log.desk.status('en', id)).toMatchObject({ state: 'published', seq: 1 });
});

test('a log that lost its head continues its seq in a new epoch', async () => {
  await using log = await open();
  await publish(log, 'One');
  const before = await log.reader.head('en');
  await log.redis.del(`${log.prefix}:{en}:meta`);
  await log.redis.hset(`${log.prefix}:{en}:meta`, 'epoch', 'begun234');
  await publish(log, 'Two');
  expect(await log.reader.head('en')).toMatchObject({ epoch: 'begun234', seq: before.seq + 1 });
});

test('a head behind its log refuses nothing: the log continues where it stopped', async () => {
  await using log = await open();
  for (const line of ['One', 'Two', 'Three']) await publish(log, line);
  await log.redis.hset(`${log.prefix}:{en}:meta`, 'seq', 1);
  await publish(log, 'Four');
  expect(await log.reader.head('en')).toMatchObject({ seq: 4 });
  expect((await log.after(0))?.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect((await verifyEdition(log.redis, log.prefix, 'en')).broken).toBeNull();
});

test('a load during appends is exact as of its head', async () => {
  await using log = await open();
  const ids: string[] = [];
  for (let n = 0; n < 20; n += 1) ids.push(await publish(log, `Line ${n}`));
  const loads = [];
  for (let n = 0; n < 60; n += 1) {
    const itemId = ids[(n * 7) % ids.length] ?? '';
    const action = n % 3 === 0 ? 'edit' : n % 3 === 1 ? 'withhold' : 'publish';
    const target = action === 'publish' ? log.newId() : itemId;
    loads.push(log.reader.load('en', limits));
    const accepted = await log.accept({ action, itemId: target, body: bodyOf(`Change ${n}`), change: 'refile' });
    if (accepted.type === 'accepted') await log.append(accepted.commandId);
  }
  const all = (await log.after(0)) ?? [];
  for (const state of await Promise.all(loads)) {
    const expected = new Map<string, number>();
    for (const entry of all.filter(({ seq }) => seq <= state.head.seq)) {
      if (entry.now) expected.set(entry.itemId, entry.version);
      else expected.delete(entry.itemId);
    }
    expect(new Map(state.items.map(({ item }) => [item.id, item.version]))).toEqual(expected);
    expect(state.entries.at(-1)?.seq).toBe(state.head.seq);
  }
});
