import { describe, expect, inject, test } from 'vitest';
import { purgeItem } from '../../src/log/archive/purge.ts';
import { desk } from '../resources/flashwire.ts';
import { type RunningApi, startApi } from './start-api.ts';

interface Event {
  readonly at: string;
  readonly action: string;
  readonly name: string;
  readonly itemId?: string;
  readonly version?: number;
  readonly item?: { readonly state: string; readonly publishedVersion: number | null; readonly body: unknown };
}

const open = (workers = false) => startApi(inject('redisUrl'), { workers });
const waits = { prefer: 'wait=5' };

async function page(api: RunningApi, query: string, headers: Record<string, string> = {}) {
  const { status, body } = await desk(api.url, 'GET', `/v1/audit?${query}`, undefined, headers);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as { events: readonly Event[]; next?: number };
}

/** Every event under a query, page by page. */
async function pages(api: RunningApi, query: string) {
  const events: Event[] = [];
  let count = 0;
  for (let before = ''; ; ) {
    const { events: more, next } = await page(api, `${query}${before}`);
    events.push(...more);
    count += 1;
    if (next === undefined) return { events, count };
    before = `&before=${next}`;
  }
}

async function make(api: RunningApi, name: string) {
  const { body } = await desk(api.url, 'POST', '/v1/keys', { name, role: 'editor' });
  return { keyId: String(body['keyId']), by: { authorization: `Bearer ${body['token']}` } };
}

const post = async (api: RunningApi, headline: string, headers: Record<string, string>, edition = 'en') =>
  String((await desk(api.url, 'POST', '/v1/items', { edition, headline }, headers)).body['id']);

/** Events of other days, as accept.lua writes them but without the chain. */
async function plant(api: RunningApi, edition: string, events: readonly (readonly [at: number, name: string])[]) {
  const pipeline = api.redis.pipeline();
  for (const [at, name] of events)
    pipeline.xadd(`${api.prefix}:{${edition}}:audit`, `${at}-*`, 'action', 'publish', 'keyId', 'k1', 'name', name);
  await pipeline.exec();
}

describe('the filters of the audit trail', () => {
  test('a person is found by a part of the name in any case, or by the id of a key', async () => {
    await using api = await open();
    const [nour, luz] = [await make(api, 'Nour Haddad'), await make(api, 'Luz Pardo')];
    await post(api, 'One', nour.by);
    await post(api, 'Two', luz.by);
    await post(api, 'Three', nour.by, 'ar');
    const names = async (query: string) => (await page(api, query)).events.map(({ name }) => name);
    expect(await names('person=hadd')).toEqual(['Nour Haddad', 'Nour Haddad']);
    expect(await names(`person=${luz.keyId}`)).toEqual(['Luz Pardo']);
    expect(await names(`person=${luz.keyId.slice(0, 4)}`)).toEqual([]);
    expect(await names('person=nobody')).toEqual([]);
  });

  test('an item is found by its id', async () => {
    await using api = await open(true);
    const { by } = await make(api, 'Nour Haddad');
    const id = await post(api, 'One', { ...by, ...waits });
    await post(api, 'Two', by);
    await desk(api.url, 'POST', `/v1/items/${id}/withhold`, {}, by);
    const { events } = await page(api, `item=${id}`);
    expect(events.map(({ action, itemId }) => [action, itemId])).toEqual([
      ['withhold', id],
      ['publish', id],
    ]);
  });

  test('a day is a day of the given time zone, UTC without one', async () => {
    await using api = await open();
    const at = (text: string) => Date.parse(text);
    await plant(api, 'en', [
      [at('2026-03-01T21:59:59.999Z'), 'before'],
      [at('2026-03-01T22:00:00Z'), 'first'],
      [at('2026-03-02T21:59:59.999Z'), 'last'],
      [at('2026-03-02T22:00:00Z'), 'after'],
      [at('2026-03-28T22:00:00Z'), 'short day'],
      [at('2026-03-29T21:00:00Z'), 'day after'],
    ]);
    const names = async (query: string) => (await page(api, query)).events.map(({ name }) => name);
    expect(await names('day=2026-03-02&zone=Asia/Beirut')).toEqual(['last', 'first']);
    expect(await names('day=2026-03-02')).toEqual(['after', 'last']);
    // Clocks go forward at midnight: the day has 23 hours, and its first hour does not exist.
    expect(await names('day=2026-03-29&zone=Asia/Beirut')).toEqual(['short day']);
    expect(await names('day=2026-03-02&person=last')).toEqual(['last']);
    expect(await names('day=1970-01-01&zone=Asia/Tokyo')).toEqual([]);
  });

  test.each(['item=one', 'day=2026-02-30', 'day=soon', 'day=2026-03-02&zone=Mars/Olympus', 'person=', 'with=text'])(
    'a wrong filter is refused (%s)',
    async (query) => {
      await using api = await open();
      const answer = await desk(api.url, 'GET', `/v1/audit?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { type: '/problems/bad-query' } });
    },
  );

  test('pages under a filter have every event once, also when many are of one millisecond', async () => {
    await using api = await open();
    const start = Date.parse('2026-03-02T10:00:00Z');
    const planted = Array.from({ length: 300 }, (_, at) => [start + Math.floor(at / 7), at % 3 ? 'A' : 'B'] as const);
    await plant(api, 'en', planted);
    await plant(api, 'ar', planted);
    for (const limit of [1, 2, 50]) {
      const { events } = await pages(api, `person=B&limit=${limit}`);
      expect(events).toHaveLength(200);
      expect(events.map(({ at }) => at)).toEqual(
        events
          .map(({ at }) => at)
          .sort()
          .reverse(),
      );
    }
    expect((await pages(api, 'limit=3')).events).toHaveLength(600);
  });

  test('one request looks at 5,000 events at most, and says where the next one goes on', async () => {
    await using api = await open();
    const start = Date.parse('2026-03-02T10:00:00Z');
    await plant(api, 'en', [
      [start, 'Rare'],
      ...Array.from({ length: 5_500 }, (_, at) => [start + 1 + at, 'A'] as const),
    ]);
    const first = await page(api, 'person=rare');
    expect(first).toEqual({ events: [], next: start + 1 + 5_500 - 5_000 });
    const { events, count } = await pages(api, 'person=rare');
    expect(events).toMatchObject([{ name: 'Rare' }]);
    expect(count).toBe(2);
  });

  test('the CSV file takes the same filters', async () => {
    await using api = await open();
    const [nour, luz] = [await make(api, 'Nour Haddad'), await make(api, 'Luz Pardo')];
    await post(api, 'One', nour.by);
    await post(api, 'Two', luz.by);
    const headers = { authorization: `Bearer fw_test1_${'k'.repeat(40)}` };
    const file = await fetch(`${api.url}/v1/audit?format=csv&with=item&person=luz`, { headers });
    const rows = (await file.text()).trimEnd().split('\r\n');
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatch(/,publish,Luz Pardo,/);
  });
});

describe('the lines of the audit trail', () => {
  test('an event has the line as it stood then, from the desk’s record, and only when asked for', async () => {
    await using api = await open(true);
    const id = await post(api, 'Ten minutes', waits);
    const corrected = { edition: 'en', attribution: 'AFP', headline: 'Eleven minutes', correction: { kind: 'refile' } };
    await desk(api.url, 'PUT', `/v1/items/${id}`, corrected, { ...waits, 'if-match': '"1"' });
    await desk(api.url, 'POST', `/v1/items/${id}/retract`, { reason: 'No.' }, waits);
    const { events } = await page(api, 'with=item');
    const body = { language: 'en', dir: 'ltr' };
    expect(events.map(({ action, item }) => [action, item])).toEqual([
      ['retract', expect.objectContaining({ body: { ...body, attribution: 'AFP', headline: 'Eleven minutes' } })],
      ['edit', expect.objectContaining({ body: { ...body, attribution: 'AFP', headline: 'Eleven minutes' } })],
      ['publish', { state: 'retracted', publishedVersion: 3, body: { ...body, headline: 'Ten minutes' } }],
    ]);
    expect(JSON.stringify(await page(api, ''))).not.toContain('minutes');
    expect(JSON.stringify(await api.redis.xrange(`${api.prefix}:{en}:audit`, '-', '+'))).not.toContain('minutes');
  });

  test('after a purge an event has no line', async () => {
    await using api = await open(true);
    const id = await post(api, 'Ten minutes', waits);
    await desk(api.url, 'POST', `/v1/items/${id}/retract`, { reason: 'No.' }, waits);
    await purgeItem({ redis: api.redis, prefix: api.prefix, edition: 'en', itemId: id, name: 'Ana', reason: '' });
    const { events } = await page(api, 'with=item');
    expect(events.map(({ action, item }) => [action, item?.body])).toEqual([
      ['purge', null],
      ['retract', null],
      ['publish', null],
    ]);
    expect(JSON.stringify(events)).not.toContain('minutes');
  });

  test('an event of an item whose record is over has no item', async () => {
    await using api = await open();
    const id = await post(api, 'Ten minutes', {});
    await api.redis.del(`${api.prefix}:{en}:item:${id}`);
    const { events } = await page(api, 'with=item');
    expect(events).toMatchObject([{ action: 'publish', itemId: id }]);
    expect(events[0]).not.toHaveProperty('item');
  });
});
