import { expect, inject, test } from 'vitest';
import { until } from '../resources/flashwire.ts';
import { type Newsroom, openNewsroom, writeRawJob } from '../workers/newsroom.ts';
import { run } from './run-archive.ts';

const runHere = ({ prefix }: Newsroom, ...argv: string[]) =>
  run(['dead-letters', ...argv], { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: prefix });

const unreadable = { data: '["nonsense"]', name: 'publish\u001b[31m\nred' };

async function withDeadLetter(newsroom: Newsroom): Promise<void> {
  await newsroom.work();
  await writeRawJob(newsroom, 'poison', unreadable);
  await until(
    async () => (await runHere(newsroom)).out[0]?.startsWith('en poison') ?? false,
    10_000,
    'the job is a dead letter',
  );
}

test('lists each dead letter with its queue, and why, on one line that no terminal obeys', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  expect(await runHere(newsroom, 'list')).toEqual({ code: 0, out: ['no dead letters'], err: [] });
  await withDeadLetter(newsroom);
  const { out } = await runHere(newsroom, 'list');
  expect(out).toEqual([expect.stringMatching(/^en poison publish \[31m red \d{4}-\S+Z 1 attempts: \S.*$/)]);
});

test('lists a command that cannot be appended with its id, as data for a program', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  const itemId = newsroom.newId();
  const bad = await newsroom.ask({ action: 'publish', itemId });
  await newsroom.redis.hset(`${newsroom.prefix}:{en}:item:${itemId}`, 'version', 'many');
  await newsroom.work();
  expect(await newsroom.outcome(bad, 10_000)).toMatchObject({ state: 'refused' });
  const listed = async () =>
    (JSON.parse((await runHere(newsroom, 'list', '--json')).out[0] ?? '') as { deadLetters: Record<string, unknown>[] })
      .deadLetters;
  await until(async () => (await listed()).length === 1, 10_000, 'the job is a dead letter');
  const [letter] = await listed();
  expect(letter).toMatchObject({ queue: 'en', id: bad, kind: 'publish', commandId: bad, attempts: 5 });
  expect(Math.abs(Date.parse(String(letter?.['failedAt'])) - Date.now())).toBeLessThan(60_000);
  expect(letter?.['reason']).toMatch(/\S/);
});

test('removes one that has been dealt with, and nothing that is no dead letter', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  await withDeadLetter(newsroom);
  const out = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  expect(await newsroom.outcome(out, 5_000)).toMatchObject({ state: 'published' });
  for (const id of ['nothing', out])
    expect(await runHere(newsroom, 'remove', id)).toEqual({
      code: 1,
      out: [],
      err: [`flashwire: there is no dead letter ${id}; \`flashwire dead-letters list\` shows them`],
    });
  const key = `${newsroom.prefix}:{en}:queue:publish`;
  expect(await newsroom.redis.exists(`${key}:${out}`)).toBe(1);
  expect(await runHere(newsroom, 'remove', 'poison')).toEqual({ code: 0, out: ['poison is removed from en'], err: [] });
  expect(await runHere(newsroom, 'list')).toMatchObject({ out: ['no dead letters'] });
  expect(await newsroom.redis.exists(`${key}:poison`)).toBe(0);
});

test.each([['remove'], ['retry', 'x']])('a wrong command line is told: %s', async (...argv) => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  expect(await runHere(newsroom, ...argv)).toEqual({
    code: 2,
    out: [],
    err: ['flashwire: dead-letters: list, or remove <id>'],
  });
});
