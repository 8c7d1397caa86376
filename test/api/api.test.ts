import { describe, expect, inject, test } from 'vitest';
import type { Site } from '../../src/item/site.ts';
import { purgeItem } from '../../src/log/archive/purge.ts';
import { editionKeys } from '../../src/log/redis/redis-keys.ts';
import { desk, testKey } from '../resources/flashwire.ts';
import { watchLateness } from '../resources/lateness.ts';
import { startRedis } from '../resources/redis-server.ts';
import { site, siteEdition } from '../resources/site.ts';
import { type RunningApi, startApi } from './start-api.ts';

const open = (options?: Parameters<typeof startApi>[1]) => startApi(inject('redisUrl'), options);
const waits = { prefer: 'wait=5' };
const line = { edition: 'en', headline: 'The new bridge opens tonight' };
const publish = async (api: RunningApi, item: object = line) => {
  const { status, body } = await desk(api.url, 'POST', '/v1/items', item, waits);
  expect(status, JSON.stringify(body)).toBe(201);
  return String(body['id']);
};
const pointers = (body: Record<string, unknown>) =>
  ((body['errors'] ?? []) as { pointer?: string }[]).map((fault) => fault.pointer).sort();

describe('publishing', () => {
  test('a post returns 202 with a status URL, and with Prefer: wait 201 with seq', async () => {
    await using api = await open();
    const accepted = await desk(api.url, 'POST', '/v1/items', line);
    expect(accepted).toMatchObject({ status: 202, body: { version: 1, state: 'queued' } });
    const published = await desk(api.url, 'POST', '/v1/items', line, waits);
    expect(published).toMatchObject({ status: 201, body: { version: 1, state: 'published', seq: 2 } });
    const status = await desk(api.url, 'GET', String(accepted.body['statusUrl']));
    expect(status).toMatchObject({ status: 200, body: { id: accepted.body['id'], state: 'published', seq: 1 } });
  });

  test('a draft, a held and a scheduled item wait, and can be cancelled', async () => {
    await using api = await open();
    const draft = await desk(api.url, 'POST', '/v1/items', { ...line, state: 'draft' }, waits);
    const held = await desk(api.url, 'POST', '/v1/items', { ...line, holdSeconds: 30 }, waits);
    const scheduled = await desk(api.url, 'POST', '/v1/items', { ...line, publishAt: '2090-01-01T00:00:00Z' }, waits);
    expect([draft, held, scheduled].map(({ status, body }) => [status, body['state']])).toEqual([
      [202, 'draft'],
      [202, 'held'],
      [202, 'scheduled'],
    ]);
    expect(await desk(api.url, 'POST', `/v1/items/${draft.body['id']}/publish`, {}, waits)).toMatchObject({
      status: 201,
      body: { version: 2, seq: 1 },
    });
    for (const { body } of [held, scheduled])
      expect(await desk(api.url, 'DELETE', `/v1/items/${body['id']}`)).toMatchObject({
        status: 200,
        body: { state: 'cancelled' },
      });
    expect(await api.waiting()).toBe(0);
  });

  test('a cancellation with If-Match cancels that version only', async () => {
    await using api = await open();
    const { body } = await desk(api.url, 'POST', '/v1/items', { ...line, holdSeconds: 30 });
    const cancel = (version: string) =>
      desk(api.url, 'DELETE', `/v1/items/${body['id']}`, undefined, { 'if-match': version });
    await desk(api.url, 'PUT', `/v1/items/${body['id']}`, { ...line, headline: 'Another' }, { 'if-match': '"1"' });
    expect(await cancel('"1"')).toMatchObject({ status: 412, body: { type: '/problems/version-mismatch' } });
    expect(await cancel('"2"')).toMatchObject({ status: 200, body: { state: 'cancelled' } });
  });

  test('two posts with one Idempotency-Key make one item, and another body returns 422', async () => {
    await using api = await open();
    const headers = { 'idempotency-key': 'a-1', ...waits };
    const all = await Promise.all(Array.from({ length: 20 }, () => desk(api.url, 'POST', '/v1/items', line, headers)));
    expect(new Set(all.map(({ body }) => body['id'])).size).toBe(1);
    expect(new Set(all.map(({ body }) => body['seq']))).toEqual(new Set([1]));
    expect((await desk(api.url, 'POST', '/v1/items', { ...line, urgency: 'flash' }, headers)).status).toBe(422);
  });
});

describe('what is below the line', () => {
  const more = { paragraphs: ['It was closed for two years.'], quote: { text: 'We are open.', by: 'The mayor' } };
  const image = { url: 'https://news.example/bridge.jpg', alt: 'The bridge at night', width: 1_200, height: 800 };

  test('a picture without an alternative text, and a link that is not https, are 422 with their place and what to do', async () => {
    await using api = await open();
    const { alt, ...blind } = image;
    const links = [{ text: 'The plan', url: 'http://news.example/plan' }];
    const answer = await desk(api.url, 'POST', '/v1/items', { ...line, image: blind, links });
    expect(answer).toMatchObject({ status: 422, body: { type: '/problems/invalid' } });
    expect(answer.body['errors']).toEqual([
      { pointer: '/links/0/url', detail: 'must be an https address, such as https://news.example/story' },
      { pointer: '/image/alt', detail: 'is missing: it must say what the picture shows, for people who do not see it' },
    ]);
  });

  test('published paragraphs and a published quote change only with a correction; more of them, links and a picture may be added', async () => {
    await using api = await open();
    const id = await publish(api, { ...line, ...more });
    const put = (version: number, body: object) =>
      desk(api.url, 'PUT', `/v1/items/${id}`, { ...line, ...body }, { 'if-match': `"${version}"`, ...waits });
    const changed = await put(1, {
      paragraphs: ['It was closed for three years.'],
      quote: { ...more.quote, by: 'A man' },
    });
    expect([changed.status, pointers(changed.body)]).toEqual([422, ['/paragraphs', '/quote']]);
    expect([(await put(1, {})).status, pointers((await put(1, {})).body)]).toEqual([422, ['/paragraphs', '/quote']]);
    const paragraphs = [...more.paragraphs, 'Buses follow.'];
    expect((await put(1, { ...more, paragraphs, image })).status).toBe(200);
    const correction = { kind: 'corrected', note: 'It was three years.' };
    expect((await put(2, { paragraphs: ['It was closed for three years.'], correction })).status).toBe(200);
    const { body } = await desk(api.url, 'GET', `/v1/items/${id}`);
    expect(body['body']).toMatchObject({ paragraphs: ['It was closed for three years.'] });
    expect(body['body']).not.toHaveProperty('image');
  });
});

describe('editing what is held', () => {
  const held = { ...line, holdSeconds: 30 };
  const edit = (api: RunningApi, id: unknown, version: number, body: object) =>
    desk(api.url, 'PUT', `/v1/items/${id}`, body, { 'if-match': `"${version}"` });

  test('a held item that becomes a draft does not go out, and is published with a new hold', async () => {
    await using api = await open();
    const { body } = await desk(api.url, 'POST', '/v1/items', held);
    expect(await edit(api, body['id'], 1, { ...line, state: 'draft' })).toMatchObject({
      status: 202,
      body: { version: 2, state: 'draft' },
    });
    expect(await desk(api.url, 'GET', `/v1/items/${body['id']}`)).toMatchObject({
      body: { state: 'draft', dueAt: null },
    });
    const publish = (version: number) =>
      desk(
        api.url,
        'POST',
        `/v1/items/${body['id']}/publish`,
        { holdSeconds: 1 },
        { 'if-match': `"${version}"`, ...waits },
      );
    expect(await publish(1)).toMatchObject({ status: 412 });
    expect(await publish(2)).toMatchObject({ status: 202, body: { version: 3, state: 'held' } });
    await expect
      .poll(async () => (await desk(api.url, 'GET', `/v1/items/${body['id']}`)).body['state'])
      .toBe('published');
    expect(await api.redis.xlen(editionKeys(api.prefix, 'en').log)).toBe(1);
  });

  test('a published item does not become a draft, however it is asked for', async () => {
    await using api = await open();
    const id = await publish(api);
    expect(await edit(api, id, 1, { ...line, state: 'draft' })).toMatchObject({
      status: 409,
      body: { type: '/problems/wrong-state' },
    });
    const correction = { kind: 'refile' };
    expect(await edit(api, id, 1, { ...line, state: 'draft', correction })).toMatchObject({ status: 422 });
    expect(await desk(api.url, 'GET', `/v1/items/${id}`)).toMatchObject({ body: { version: 1, state: 'published' } });
  });
});

describe('changing what is out', () => {
  test('a change needs If-Match with the newest version, and a correction for other words', async () => {
    await using api = await open();
    const id = await publish(api);
    const put = (body: object, headers = {}) => desk(api.url, 'PUT', `/v1/items/${id}`, body, { ...waits, ...headers });
    expect((await put(line)).status).toBe(428);
    expect((await put(line, { 'if-match': '"7"' })).status).toBe(412);
    const silent = await put({ ...line, headline: 'Other words' }, { 'if-match': '"1"' });
    expect([silent.status, pointers(silent.body)]).toEqual([422, ['/headline']]);
    const corrected = await put(
      { ...line, headline: 'Other words', correction: { kind: 'corrected', note: 'It is tomorrow.' } },
      { 'if-match': '"1"' },
    );
    expect(corrected).toMatchObject({ status: 200, body: { version: 2, seq: 2 } });
    const attached = await put(
      { ...line, headline: 'Other words', url: 'https://news.example.org/bridge' },
      { 'if-match': '2' },
    );
    expect(attached).toMatchObject({ status: 200, body: { version: 3 } });
    const item = await desk(api.url, 'GET', `/v1/items/${id}`);
    expect(item.body).toMatchObject({
      version: 3,
      body: { url: 'https://news.example.org/bridge', correction: { kind: 'corrected', note: 'It is tomorrow.' } },
    });
    expect(item.body['versions']).toHaveLength(3);
  });

  test('an item can be hidden, shown again, and retracted permanently', async () => {
    await using api = await open();
    const id = await publish(api);
    const act = (action: string, body: object = {}) => desk(api.url, 'POST', `/v1/items/${id}/${action}`, body, waits);
    expect(await act('withhold')).toMatchObject({ status: 200, body: { version: 2, seq: 2 } });
    expect(await act('withhold')).toMatchObject({ status: 409, body: { type: '/problems/wrong-state' } });
    expect(await act('release')).toMatchObject({ status: 200, body: { version: 3, seq: 3 } });
    expect(await act('retract', { reason: 'Not true' })).toMatchObject({ status: 200, body: { version: 4, seq: 4 } });
    for (const again of ['withhold', 'release'])
      expect((await act(again)).body['type']).toBe('/problems/item-retracted');
    expect((await act('retract', { reason: 'Again' })).status).toBe(409);
  });

  test('a correction of an item whose text was purged is refused as one of any retracted item', async () => {
    await using api = await open();
    const { redis, prefix } = api;
    const id = await publish(api);
    await desk(api.url, 'POST', `/v1/items/${id}/retract`, { reason: 'Not true' }, waits);
    const correct = () => desk(api.url, 'PUT', `/v1/items/${id}`, line, { ...waits, 'if-match': '2' });
    const before = await correct();
    expect(before).toMatchObject({ status: 409, body: { type: '/problems/item-retracted' } });
    await purgeItem({ redis, prefix, edition: 'en', itemId: id, name: 'Ana', reason: 'A court order' });
    const { status, body } = await correct();
    expect([status, body['type']]).toEqual([409, before.body['type']]);
  });

  test('the list has the newest items first, by state and by page', async () => {
    await using api = await open();
    const ids = [await publish(api), await publish(api), await publish(api)];
    const first = await desk(api.url, 'GET', '/v1/items?edition=en&limit=2');
    const items = first.body['items'] as { id: string; state: string }[];
    expect(items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const second = await desk(api.url, 'GET', `/v1/items?edition=en&limit=2&before=${first.body['next']}`);
    expect((second.body['items'] as { id: string }[]).map(({ id }) => id)).toEqual([ids[0]]);
    expect((await desk(api.url, 'GET', '/v1/items?edition=en&state=draft')).body['items']).toEqual([]);
    expect((await desk(api.url, 'GET', '/v1/items?edition=xx&limit=0&state=odd')).body['errors']).toHaveLength(3);
  });
});

describe('a wrong request', () => {
  test('a time in the past is refused in every request', async () => {
    await using api = await open();
    const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    const at = (pointer: string) => ({ status: 422, body: { errors: [{ pointer }] } });
    for (const more of [{ expiresAt: ago(8) }, { expiresAt: ago(0.01) }, { expiresAt: ago(8), state: 'draft' }])
      expect(await desk(api.url, 'POST', '/v1/items', { ...line, ...more })).toMatchObject(at('/expiresAt'));
    expect(await desk(api.url, 'POST', '/v1/items', { ...line, publishAt: ago(1) })).toMatchObject(at('/publishAt'));
    // Some programs write an unset time as the first of theirs, and a log counts from 1970.
    for (const first of ['0001-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z', '1970-01-01T01:00:00+01:00'])
      for (const name of ['expiresAt', 'publishAt'])
        expect(await desk(api.url, 'POST', '/v1/items', { ...line, [name]: first })).toMatchObject(at(`/${name}`));
    const id = await publish(api);
    const put = await desk(api.url, 'PUT', `/v1/items/${id}`, { ...line, expiresAt: ago(8) }, { 'if-match': '"1"' });
    expect(put).toMatchObject(at('/expiresAt'));
    expect((await desk(api.url, 'GET', `/v1/items/${id}`)).body).toMatchObject({ version: 1, state: 'published' });
  });

  test('a time that RFC 3339 cannot express in UTC is refused', async () => {
    await using api = await open({ workers: false });
    const expiresAt = '9999-12-31T23:59:59-14:00';
    const { status, body } = await desk(api.url, 'POST', '/v1/items', { ...line, expiresAt });
    expect([status, pointers(body)]).toEqual([422, ['/expiresAt']]);
  });

  test.each([
    [{}, ['/edition', '/headline']],
    [{ ...line, edition: 'xx', urgency: 'now', sections: ['gossip'] }, ['/edition', '/sections/0', '/urgency']],
    [{ ...line, headline: 'two\nlines', colour: 'red', holdSeconds: 31 }, ['/colour', '/headline', '/holdSeconds']],
    [
      { ...line, url: 'http://plain.example.org', publishAt: 'tomorrow', expiresAt: 'later' },
      ['/expiresAt', '/publishAt', '/url'],
    ],
    [{ ...line, topics: Array(11).fill('t') }, ['/topics']],
    [[], ['']],
  ])('the body %j returns 422 with every fault, and nothing is queued', async (body, expected) => {
    await using api = await open({ workers: false });
    const answer = await desk(api.url, 'POST', '/v1/items', body);
    expect([answer.status, answer.body['type']]).toEqual([422, '/problems/invalid']);
    expect(pointers(answer.body)).toEqual(expected);
    expect(await api.waiting()).toBe(0);
  });

  test('a request with a wrong form is refused before its fields are read', async () => {
    await using api = await open({ workers: false });
    const send = (body: string, headers: Record<string, string>) =>
      fetch(`${api.url}/v1/items`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${testKey}`, ...headers },
      }).then(async (response) => [response.status, response.headers.get('content-type')]);
    const json = { 'content-type': 'application/json' };
    const problem = 'application/problem+json';
    expect(await send('{"edition":', json)).toEqual([400, problem]);
    expect(await send(`{"headline":"${'x'.repeat(40_000)}"}`, json)).toEqual([413, problem]);
    expect(await send('edition=en', { 'content-type': 'application/x-www-form-urlencoded' })).toEqual([415, problem]);
    expect(await send('x', { ...json, 'content-encoding': 'gzip' })).toEqual([415, problem]);
    expect((await fetch(`${api.url}/v1/nothing`, { headers: { authorization: `Bearer ${testKey}` } })).status).toBe(
      404,
    );
    expect(await api.waiting()).toBe(0);
  });
});

describe('authentication', () => {
  test('a request needs a valid key for its edition and role', async () => {
    await using api = await open();
    const as = (token: string, item: object = line) =>
      desk(api.url, 'POST', '/v1/items', item, { authorization: `Bearer ${token}` });
    expect((await as('')).status).toBe(401);
    expect((await as('fw_nobody_'.padEnd(50, 'x'))).status).toBe(401);
    expect((await as(`${testKey}x`)).status).toBe(401);
    const expired = await api.keys.create({ name: 'Old', role: 'editor', expiresAt: 1 });
    expect((await as(expired.token)).status).toBe(401);
    const spanish = await api.keys.create({ name: 'Mesa', role: 'editor', editions: ['es'] });
    expect((await as(spanish.token)).status).toBe(403);
    expect((await as(spanish.token, { edition: 'es', headline: 'Abre el puente' })).status).toBe(202);
    await api.keys.revoke(spanish.keyId);
    expect((await as(spanish.token, { edition: 'es', headline: 'Abre el puente' })).status).toBe(401);
    const reporter = await api.keys.create({ name: 'Stringer', role: 'reporter' });
    expect((await as(reporter.token)).status).toBe(403);
    expect((await as(reporter.token, { ...line, state: 'draft' })).status).toBe(202);
  });

  test("a reporter's cancel that races an editor's publish cancels nothing", async () => {
    await using api = await open({ workers: false });
    const { token } = await api.keys.create({ name: 'Stringer', role: 'reporter' });
    const reporter = { authorization: `Bearer ${token}` };
    for (let n = 0; n < 20; n += 1) {
      const draft = await desk(api.url, 'POST', '/v1/items', { ...line, state: 'draft' });
      const address = `/v1/items/${draft.body['id']}`;
      const [published, cancelled] = await Promise.all([
        desk(api.url, 'POST', `${address}/publish`, {}),
        desk(api.url, 'DELETE', address, undefined, reporter),
      ]);
      const { body } = await desk(api.url, 'GET', address);
      expect([published.status, cancelled.status, body['state']].join(' ')).toMatch(
        /^(202 (403|409) queued|409 200 cancelled)$/,
      );
    }
  });

  test('a session ends with its key, and no other site can use it', async () => {
    await using api = await open();
    const { token, keyId } = await api.keys.create({ name: 'Night desk', role: 'editor' });
    const json = { 'content-type': 'application/json' };
    const signIn = await fetch(`${api.url}/v1/session`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ key: token }),
    });
    const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(signIn.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
    const send = (headers: Record<string, string>) =>
      fetch(`${api.url}/v1/items`, {
        method: 'POST',
        headers: { ...json, cookie, ...headers },
        body: JSON.stringify(line),
      }).then(({ status }) => status);
    const own = { origin: api.url };
    expect(await send(own)).toBe(202);
    expect(await send({ 'sec-fetch-site': 'same-origin' })).toBe(202);
    expect(await send({})).toBe(403);
    expect(await send({ origin: 'https://evil.example.org' })).toBe(403);
    expect(await send({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    await api.keys.revoke(keyId);
    expect(await send(own)).toBe(401);
  });

  test('a key is rate limited, but never for hide and retract', async () => {
    await using api = await open({ postRate: 2 });
    const id = await publish(api);
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await desk(api.url, 'POST', '/v1/items', line)).status);
    expect(statuses).toContain(429);
    expect((await desk(api.url, 'POST', `/v1/items/${id}/withhold`, {}, waits)).status).toBe(200);
    expect((await desk(api.url, 'POST', `/v1/items/${id}/retract`, { reason: 'r' }, waits)).status).toBe(200);
  });
});

test('while Redis is unreachable a post returns 503 or 504 within 2.5 s', async () => {
  await using redis = await startRedis();
  await using api = await startApi(redis.url, { workers: false });
  await redis.kill();
  const lateness = watchLateness();
  const startedAt = performance.now();
  const { status, body } = await desk(api.url, 'POST', '/v1/items', line);
  expect([503, 504]).toContain(status);
  expect(body['type']).toMatch(/unavailable|outcome-unknown/);
  expect(performance.now() - startedAt).toBeLessThan(2_500 + lateness());
});

describe('an edition that needs a key', () => {
  const vip = siteEdition('vip', { name: 'Ministers', language: 'de', access: 'key' });
  const withVip: Site = { ...site, editions: [...site.editions, vip] };

  test('an edition that needs a key is named only to keys for it', async () => {
    await using api = await open({ site: withVip, workers: false });
    const one = await api.keys.create({ name: 'English only', role: 'editor', editions: ['en'] });
    const asked = async (method: string, path: string, body?: object, key = one.token) =>
      (await desk(api.url, method, path, body, { authorization: `Bearer ${key}` })).body;
    expect(await asked('GET', '/v1/session', undefined, testKey)).toMatchObject({ keyEditions: [vip] });
    const answers = [
      await asked('GET', '/v1/session'),
      await asked('POST', '/v1/items', { ...line, edition: 'xx' }),
      await asked('GET', '/v1/items?edition=xx'),
    ];
    expect(JSON.stringify(answers)).not.toMatch(/vip|Ministers/);
    expect(JSON.stringify(answers)).toContain('en, ar, es');
  });

  test('an edition that needs a key does not exist for other keys', async () => {
    await using api = await open({ site: withVip });
    const id = await publish(api, { ...line, edition: 'vip' });
    const own = await publish(api, line);
    const { body: held } = await desk(api.url, 'POST', '/v1/items', { ...line, edition: 'vip', state: 'draft' });
    const { token } = await api.keys.create({ name: 'English only', role: 'admin', editions: ['en'] });
    const asked = async (method: string, path: string, body?: object, more = {}) => {
      const answer = await desk(api.url, method, path, body, { authorization: `Bearer ${token}`, ...more });
      return JSON.stringify(answer);
    };
    const commandId = String(held['statusUrl']).split('/').pop();
    const pairs: (readonly [string, string])[] = [
      [await asked('GET', '/v1/items?edition=vip'), await asked('GET', '/v1/items?edition=xx')],
      [await asked('GET', `/v1/items/${id}`), await asked('GET', `/v1/items/${'0'.repeat(26)}`)],
      [await asked('GET', `/v1/items/${id}/delivery`), await asked('GET', `/v1/items/${'0'.repeat(26)}/delivery`)],
      [await asked('POST', `/v1/items/${id}/withhold`), await asked('POST', `/v1/items/${'0'.repeat(26)}/withhold`)],
      [await asked('GET', `/v1/commands/vip/${commandId}`), await asked('GET', `/v1/commands/xx/${commandId}`)],
    ];
    const bodies = async (edition: string) => [
      await asked('POST', '/v1/items', { ...line, edition }),
      await asked('PUT', `/v1/items/${own}`, { ...line, edition }, { 'if-match': '"1"' }),
      await asked('POST', '/v1/keys', { name: 'x', role: 'editor', editions: [edition] }),
    ];
    expect(await bodies('vip')).toEqual(await bodies('xx'));
    for (const [hidden, missing] of pairs) expect(hidden).toBe(missing);
    expect(JSON.stringify(pairs)).not.toMatch(/vip|Ministers/);
  });

  test('an item of an edition that needs a key is retracted only in its own language', async () => {
    await using api = await open({ site: withVip });
    const given = {
      edition: 'vip',
      headline: 'Eine Meldung',
      language: 'DE-ch',
      url: 'https://News.example/می\u200Cخواهم',
    };
    const id = await publish(api, given);
    const item = await desk(api.url, 'GET', `/v1/items/${id}`);
    expect(item.body).toMatchObject({
      body: { language: 'de-CH', url: 'https://news.example/%D9%85%DB%8C%E2%80%8C%D8%AE%D9%88%D8%A7%D9%87%D9%85' },
    });
    expect((await desk(api.url, 'POST', `/v1/items/${id}/retract`, { reason: 'Falsch' }, waits)).status).toBe(200);
    const { versions } = (await desk(api.url, 'GET', `/v1/items/${id}`)).body as { versions: { notice: string }[] };
    expect(versions.map(({ notice }) => notice).find((notice) => notice)).toMatch(/^✕ \d\d:\d\d UTC$/);
  });
});
