import { expect, inject, test } from 'vitest';
import { until } from '../../resources/flashwire.ts';
import { type Newsroom, openNewsroom, writeRawJob } from '../../resources/newsroom.ts';
import { run } from './run-redis-command.ts';

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

test('the list has each dead letter with its queue and reason, on one line without control characters', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  expect(await runHere(newsroom, 'list')).toEqual({ code: 0, out: ['no dead letters'], err: [] });
  await withDeadLetter(newsroom);
  const { out } = await runHere(newsroom, 'list');
  expect(out).toEqual([expect.stringMatching(/^en poison publish \[31m red: \d{4}-\S+Z after 1 attempt: \S.*$/)]);
});

test('the list as JSON has a command that cannot be appended with its id', async () => {
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
  expect(letter).toMatchObject({
    queue: 'en',
    id: bad,
    kind: 'publish',
    edition: 'en',
    commandId: bad,
    itemId,
    attempts: 5,
  });
  expect(Math.abs(Date.parse(String(letter?.['failedAt'])) - Date.now())).toBeLessThan(60_000);
  expect(letter?.['reason']).toMatch(/\S/);
});

test('the list names edition and item of a hide that did not go out', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  const itemId = newsroom.newId();
  const out = await newsroom.ask({ action: 'publish', itemId });
  await newsroom.work();
  expect(await newsroom.outcome(out, 5_000)).toMatchObject({ state: 'published' });
  const bad = await newsroom.accept({ action: 'withhold', itemId });
  await newsroom.redis.hset(`${newsroom.prefix}:{en}:item:${itemId}`, 'version', 'many');
  await newsroom.publisher.enqueue('en', { commandId: bad, dueAt: 0, kind: 'withhold' });
  const listed = async () => (await runHere(newsroom)).out[0] ?? '';
  await until(async () => (await listed()).startsWith('en:urgent '), 10_000, 'the job is a dead letter');
  expect(await listed()).toContain(`en:urgent ${bad} withhold en/${itemId}: `);
});

test('the list shows unreadable jobs as far as possible', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  const { redis, prefix } = newsroom;
  const failed = (tag: string) => `${prefix}:{${tag}}:queue:publish:failed`;
  await redis.zadd(failed('en'), 1, 'gone', 2, 'text', 3, 'odd');
  await redis.set(`${prefix}:{en}:queue:publish:text`, 'not a hash');
  await redis.hset(`${prefix}:{en}:queue:publish:odd`, {
    finishedOn: 'x',
    atm: '-1',
    data: '{',
    failedReason: 'Why\u202e',
  });
  await redis.zadd(failed('a\u001b[2J'), 1, 'job');
  expect((await runHere(newsroom)).out.join('\n').split('\n')).toEqual([
    'a [2J job unreadable: at an unknown time after unknown attempts: no reason',
    'en gone unreadable: at an unknown time after unknown attempts: no reason',
    'en text unreadable: at an unknown time after unknown attempts: no reason',
    'en odd unreadable: at an unknown time after unknown attempts: Why ',
  ]);
});

test('the list shows hundreds of dead letters', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  const ids = Array.from({ length: 250 }, (_, n) => `job${String(n).padStart(3, '0')}`);
  await newsroom.redis.zadd(`${newsroom.prefix}:{urgent}:queue:urgent:failed`, ...ids.flatMap((id, n) => [n, id]));
  const { out } = await runHere(newsroom, 'list');
  expect((out[0] ?? '').split('\n').map((line) => line.split(' ')[1])).toEqual(ids);
});

test('remove deletes a dead letter, and nothing else', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  await withDeadLetter(newsroom);
  const out = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  expect(await newsroom.outcome(out, 5_000)).toMatchObject({ state: 'published' });
  for (const id of ['nothing', out])
    expect(await runHere(newsroom, 'remove', id)).toEqual({
      code: 1,
      out: [],
      err: [`flashwire: dead letter ${id} does not exist; \`flashwire dead-letters list\` shows them`],
    });
  const key = `${newsroom.prefix}:{en}:queue:publish`;
  expect(await newsroom.redis.exists(`${key}:${out}`)).toBe(1);
  expect(await runHere(newsroom, 'remove', 'poison')).toEqual({ code: 0, out: ['poison is removed from en'], err: [] });
  expect(await runHere(newsroom, 'list')).toMatchObject({ out: ['no dead letters'] });
  expect(await newsroom.redis.exists(`${key}:poison`)).toBe(0);
});

test.each([['remove'], ['retry', 'x']])('a wrong command line is refused: %s', async (...argv) => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  expect(await runHere(newsroom, ...argv)).toEqual({
    code: 2,
    out: [],
    err: ['flashwire: dead-letters: list, or remove <id>'],
  });
});
