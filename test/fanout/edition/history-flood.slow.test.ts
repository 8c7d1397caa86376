import { expect, inject, test } from 'vitest';
import { serveFanout, TestReader, until } from '../../resources/fanout-server.ts';
import { until as untilDone } from '../../resources/flashwire.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';
import { site } from '../../resources/site.ts';
import { openFollowedLog } from '../followed-log.ts';

const historyOf = (origin: string, query: string) => fetch(`${origin}/v1/feed/history?edition=en&${query}`);

test('HT-2: of two hundred fruitless searches at once some are answered, the rest get 503, and no edition becomes stale', async () => {
  await using written = await openFollowedLog(inject('redisUrl'));
  for (let n = 0; n < 1_000; n += 100)
    await Promise.all(Array.from({ length: 100 }, (__, at) => written.publish(`item${n + at}`, 'A line')));
  const { log } = written;
  let [running, most] = [0, 0];
  const history: typeof log.history = async (...asked) => {
    running++;
    most = Math.max(most, running);
    return log.history(...asked).finally(() => running--);
  };
  await using server = await serveFanout({ ...log, history });
  using live = new TestReader(server.port, 'edition=en');
  await live.frame('snapshot');

  const flood = await Promise.all(
    Array.from({ length: 200 }, async (__, n) => {
      const response = await historyOf(server.origin, `topic=none${n}`);
      return { status: response.status, again: response.headers.get('retry-after'), body: await response.json() };
    }),
  );
  const refused = flood.filter(({ status, body }) => status === 503 && body.type === '/problems/busy');
  const answered = flood.filter(({ status }) => status === 200);
  // Redis may also take too long on a busy machine, which is a 503 but no refusal.
  expect(flood.every(({ status }) => status === 200 || status === 503)).toBe(true);
  expect(answered.length).toBeGreaterThanOrEqual(4);
  expect(answered.every(({ body }) => body.items.length === 0)).toBe(true);
  expect(refused[0]).toMatchObject({ again: '2', body: { type: '/problems/busy', status: 503 } });
  expect(server.fanout.stats().counters.refused).toMatchObject({ history: refused.length });
  expect(most).toBeLessThanOrEqual(4);
  await written.publish('after', 'A line after the flood');
  await live.frame('item');
  expect(JSON.stringify(live.frames)).not.toContain('"stale":true');
  expect(server.fanout.stats().editions['en']).toMatchObject({ isStale: false });
  let page = { items: [] as { readonly id: string }[], more: false };
  const isAnswered = async () => {
    const response = await historyOf(server.origin, 'section=politics&limit=2');
    page = await response.json();
    return response.status === 200;
  };
  await untilDone(isAnswered, 10_000, 'who searches later is answered');
  expect([page.items.map(({ id }) => id), page.more]).toEqual([['after', expect.stringMatching(/^item9/)], true]);
});

test('equal requests at one moment share a read, and never get a text that was retracted during it', async () => {
  const log = new SlowLog();
  for (const id of ['a', 'b']) log.publish(id, facets());
  await using server = await serveFanout(log);
  let requests = 0;
  server.server.on('request', () => {
    requests++;
  });
  const idsOf = async (query: string) => {
    const { items } = (await (await historyOf(server.origin, query)).json()) as { readonly items: { id: string }[] };
    return items.map(({ id }) => id);
  };
  const before = ['limit=1', 'limit=1&x=1', 'x=2&limit=1'].map(idsOf);
  await until(() => requests === 3, 'three have asked');
  expect(log.calls.history).toBe(1);
  log.retract('b');
  const after = idsOf('limit=1');
  await until(() => log.calls.history === 2, 'the log is read again');
  log.goOn();
  expect(await after).toEqual(['a']);
  // Earlier requests wait for another read.
  expect(await Promise.all(before)).toEqual([['a'], ['a'], ['a']]);
});

test('a page of expired items is not the last page', async () => {
  await using written = await openFollowedLog(inject('redisUrl'));
  for (let n = 1; n <= 8; n++) await written.publish(`item${n}`, 'A line');
  for (let n = 2; n <= 7; n++) await written.redis.del(`${written.prefix}:{en}:item:item${n}`);
  await using server = await serveFanout(written.log);
  const ids: string[] = [];
  for (let before = ''; ; ) {
    const { items, next } = await (await historyOf(server.origin, `limit=1${before}`)).json();
    ids.push(...items.map(({ id }: { readonly id: string }) => id));
    if (next === undefined) break;
    before = `&before=${next}`;
  }
  expect(ids).toEqual(['item8', 'item1']);
});

test('a read that fails makes room for the next read', async () => {
  const log = new MemoryLog();
  log.publish('a', facets());
  await using server = await serveFanout(log);
  log.isUnreachable = true;
  for (let n = 0; n < 30; n += 1) expect((await historyOf(server.origin, `limit=${1 + n}`)).status).toBe(503);
  log.isUnreachable = false;
  const response = await historyOf(server.origin, '');
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('public, max-age=0, s-maxage=1, stale-while-revalidate=1');
});

const ulid = (number: number) => `01J0000000000000000000${String(number).padStart(4, '0')}`;

test('HT-3: a hundred requests for unknown items wait or get busy, while other clients and items in memory are answered', async () => {
  const log = new SlowLog();
  log.publish(ulid(1), facets());
  await using server = await serveFanout(log, { trustProxy: '1' });
  const ask = async (id: string, address: string) => {
    const response = await fetch(`${server.origin}/v1/feed/items/${id}`, { headers: { 'X-Forwarded-For': address } });
    return { status: response.status, again: response.headers.get('retry-after'), type: (await response.json()).type };
  };
  let refused = 0;
  const flood = Array.from({ length: 100 }, async (_, n) => {
    const answer = await ask(ulid(1_000 + n), '203.0.113.1');
    if (answer.status === 503) refused++;
    return answer;
  });
  await until(() => refused === 88, 'all but four who are served and eight who wait are refused');
  expect(log.calls.item).toBe(4);
  expect((await ask(ulid(1), '203.0.113.1')).status).toBe(200);
  const other = ask(ulid(2_000), '203.0.113.2');
  expect((await ask(ulid(2_001), '203.0.113.1')).status).toBe(503);
  log.goOn();
  expect((await other).status).toBe(404);
  const answers = await Promise.all(flood);
  expect(answers.filter(({ status }) => status === 404)).toHaveLength(12);
  expect(answers.find(({ status }) => status === 503)).toEqual({ status: 503, again: '2', type: '/problems/busy' });
  expect(server.fanout.stats().counters.refused.history).toBe(89);
});

test('an item is read in all editions at once, at most once a second, and never for a malformed id', async () => {
  const log = new SlowLog();
  await using server = await serveFanout(log, {}, { site });
  for (const id of ['none', '__proto__', ulid(1).toLowerCase(), `${ulid(1)}0`, `9${'I'.repeat(25)}`])
    expect((await fetch(`${server.origin}/v1/feed/items/${id}`)).status, id).toBe(404);
  expect(log.calls.item).toBe(0);
  const statusOf = async () => (await fetch(`${server.origin}/v1/feed/items/${ulid(1)}`)).status;
  const asking = Array.from({ length: 20 }, statusOf);
  await until(() => log.calls.item === 3, 'every edition is asked before one has answered');
  log.goOn();
  expect(await Promise.all(asking)).toEqual(Array(20).fill(404));
  expect([await statusOf(), log.calls.item]).toEqual([404, 3]);
  log.publish(ulid(1), facets());
  expect(await statusOf()).toBe(200);
  log.withhold(ulid(1));
  expect(await statusOf()).toBe(410);
  expect(log.calls.item).toBe(6);
});

test('an item that is retracted during a read is read again', async () => {
  const log = new SlowLog();
  log.publish(ulid(1), facets());
  log.publish(ulid(2), facets());
  await using server = await serveFanout(log, { replica: { items: 1, entries: 8 } });
  const old = fetch(`${server.origin}/v1/feed/items/${ulid(1)}`);
  await until(() => log.calls.item === 1, 'it is read');
  log.retract(ulid(1));
  await until(() => server.fanout.stats().editions['en']?.head === 3, 'the retraction is known');
  log.goOn();
  const answer = await old;
  expect([answer.status, JSON.stringify(await answer.json()).includes('headline')]).toEqual([410, false]);
});

/** A log whose reads wait until the test lets them finish. They return the state at the time of the request. */
class SlowLog extends MemoryLog {
  #goOn: () => void = () => undefined;
  readonly #mayGoOn = new Promise<void>((resolve) => {
    this.#goOn = resolve;
  });

  override async history(edition: string, before: number, limit: number) {
    const read = await super.history(edition, before, limit);
    await this.#mayGoOn;
    return read;
  }

  override async item(edition: string, id: string) {
    const read = await super.item(edition, id);
    await this.#mayGoOn;
    return edition === 'en' ? read : null;
  }

  goOn(): void {
    this.#goOn();
  }
}
