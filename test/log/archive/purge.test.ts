import { describe, expect, inject, test } from 'vitest';
import { ArchiveError } from '../../../src/log/archive/archive.ts';
import { purgeItem } from '../../../src/log/archive/purge.ts';
import { createAudit } from '../../../src/log/trail/audit.ts';
import { verifyEdition } from '../../../src/log/trail/verify.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';

const purge = (log: EditionLog, itemId: string) =>
  purgeItem({ redis: log.redis, prefix: log.prefix, edition: 'en', itemId, name: 'Ana', reason: 'A court order' });

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'purged',
    (error: unknown) => (error instanceof ArchiveError ? error.message : `no ArchiveError: ${error}`),
  );

const holders = async (log: EditionLog, word: string) =>
  (await log.dump()).filter(({ text }) => text.includes(word)).map(({ key }) => key.slice(log.prefix.length + 1));

describe('a purge', () => {
  test('a purge erases every text of a retracted item, keeps who did what and when, and the chain still fits', async () => {
    await using log = await openEditionLog(inject('redisUrl'));
    const [id, other] = [log.newId(), log.newId()];
    await log.run({ action: 'publish', itemId: id, body: bodyOf('A canary sings') });
    await log.run({ action: 'publish', itemId: other, body: bodyOf('Another canary') });
    await log.run({ action: 'edit', itemId: id, body: bodyOf('A canary sang'), change: 'corrected' });
    const held = await log.accept({
      action: 'edit',
      itemId: id,
      body: bodyOf('A canary cries'),
      change: 'refile',
      holdMs: 30_000,
    });
    expect(held.type).toBe('accepted');
    await log.run({ action: 'withhold', itemId: id });
    await log.run({ action: 'release', itemId: id });
    await log.run({ action: 'retract', itemId: id, reason: 'untrue', notice: 'A line was withdrawn.' });
    expect(await holders(log, 'A canary')).toEqual([`{en}:versions:${id}`]);
    const before = await log.desk.versions('en', id);

    expect(await purge(log, id)).toMatchObject({ versions: 6, again: false });
    expect(await holders(log, 'A canary')).toEqual([]);
    expect(await holders(log, 'Another canary')).toHaveLength(3);
    expect(await log.desk.versions('en', id)).toEqual(before.map((version) => ({ ...version, body: '' })));
    const item = await log.desk.item('en', id);
    expect(item).toMatchObject({ state: 'retracted', version: 6, body: '', purgedAt: expect.any(Number) });
    expect((await log.desk.item('en', other))?.purgedAt).toBeNull();
    expect(await log.reader.item('en', id)).toMatchObject({ status: 'retracted', notice: 'A line was withdrawn.' });
    expect(await verifyEdition(log.redis, log.prefix, 'en')).toMatchObject({ entries: 6, events: 8, broken: null });
    const audit = createAudit({ redis: log.redis, prefix: log.prefix, onLost: () => undefined });
    const { events } = await audit.page({ editions: ['en'], withSite: false, limit: 1 });
    expect(events).toEqual([
      {
        at: item?.purgedAt,
        action: 'purge',
        keyId: 'command-line',
        name: 'Ana',
        edition: 'en',
        itemId: id,
        version: 6,
        detail: 'A court order',
      },
    ]);
  });

  test('a retraction and a purge leave no byte of a paragraph, a link, a picture or a quote, and the chain still fits', async () => {
    await using log = await openEditionLog(inject('redisUrl'));
    const [id, other] = [log.newId(), log.newId()];
    const more = {
      paragraphs: ['The canary left its cage.'],
      links: [{ text: 'The canary file', url: 'https://news.example/canary' }],
      image: { url: 'https://news.example/canary.jpg', alt: 'A canary', width: 4, height: 3 },
      quote: { text: 'No canary here.', by: 'The canary keeper' },
    };
    await log.run({ action: 'publish', itemId: id, body: bodyOf('A bird sings', more) });
    await log.run({ action: 'publish', itemId: other, body: bodyOf('Another bird') });
    await log.run({
      action: 'edit',
      itemId: id,
      body: bodyOf('A bird sang', { ...more, paragraphs: ['The canary is back.'] }),
      change: 'corrected',
    });
    expect(await log.reader.item('en', id)).toMatchObject({ ...more, paragraphs: ['The canary is back.'] });
    await log.run({ action: 'retract', itemId: id, reason: 'untrue' });
    expect(await holders(log, 'canary')).toEqual([`{en}:versions:${id}`]);
    await purge(log, id);
    expect(await holders(log, 'canary')).toEqual([]);
    expect(await verifyEdition(log.redis, log.prefix, 'en')).toMatchObject({ broken: null });
  });

  test('a second purge erases again and adds no event', async () => {
    await using log = await openEditionLog(inject('redisUrl'));
    const id = log.newId();
    await log.run({ action: 'publish', itemId: id, body: bodyOf('A canary sings') });
    await log.run({ action: 'retract', itemId: id, reason: 'untrue' });
    const first = await purge(log, id);
    await log.redis.hset(`${log.prefix}:{en}:text:${id}`, '1', 'A canary sings');
    expect(await purge(log, id)).toEqual({ ...first, again: true });
    expect(await holders(log, 'A canary')).toEqual([]);
    expect(await verifyEdition(log.redis, log.prefix, 'en')).toMatchObject({ events: 3, broken: null });
  });

  test('a purge erases a cancelled draft, which was never out', async () => {
    await using log = await openEditionLog(inject('redisUrl'));
    const id = log.newId();
    await log.accept({ action: 'publish', itemId: id, body: bodyOf('A canary dreams'), draft: true });
    await log.accept({ action: 'cancel', itemId: id });
    await purge(log, id);
    expect(await holders(log, 'A canary')).toEqual([]);
  });

  test('a purge of an item that is not over is refused and erases nothing', async () => {
    await using log = await openEditionLog(inject('redisUrl'));
    const id = log.newId();
    expect(await refusal(purge(log, id))).toBe(`there is no item ${id} in the edition en`);
    await log.run({ action: 'publish', itemId: id, body: bodyOf('A canary sings') });
    const before = await log.dump();
    expect(await refusal(purge(log, id))).toBe(
      `${id} is published: only what was retracted or cancelled can be purged; first: flashwire retract ${id} --reason ".."`,
    );
    expect(await log.dump()).toEqual(before);
    const retracted = await log.accept({ action: 'retract', itemId: id, reason: 'untrue' });
    const waiting = await log.dump();
    expect(await refusal(purge(log, id))).toMatch(/is accepted and not in the log yet/);
    expect(await log.dump()).toEqual(waiting);
    if (retracted.type === 'accepted') await log.append(retracted.commandId);
    expect(await refusal(purge(log, id))).toBe('purged');
  });
});
