import { describe, expect, inject, test } from 'vitest';
import { verifyEdition } from '../../../src/log/trail/verify.ts';
import { desk, testKey } from '../../resources/flashwire.ts';
import { site, siteEdition } from '../../resources/site.ts';
import { type RunningApi, startApi } from '../start-api.ts';

const open = (options = {}) => startApi(inject('redisUrl'), { workers: false, ...options });
const address = '/v1/sources?edition=en';
const seeds = site.sources.map(({ name, kind }) => ({ name, kind, isSeed: true }));
const ana = { name: 'Harbour office', kind: 'organisation' };

const put = (api: RunningApi, sources: unknown, headers = {}, path = address) =>
  desk(api.url, 'PUT', path, { sources }, headers);

const get = async (api: RunningApi, path = address) => {
  const response = await fetch(api.url + path, { headers: { authorization: `Bearer ${testKey}` } });
  return { etag: response.headers.get('etag') ?? '', body: await response.json() };
};

describe('the sources of an edition', () => {
  test('the list begins with those of the site file', async () => {
    await using api = await open();
    expect((await get(api)).body).toEqual({ edition: 'en', sources: seeds });
    expect((await get(api, '/v1/sources?edition=ar')).body.sources.map(({ name }: { name: string }) => name)).toEqual([
      'AFP',
      'Reuters',
    ]);
  });

  test('what editors confirm is kept for that edition, and read by every process', async () => {
    await using api = await open();
    await using other = await open({ prefix: api.prefix });
    const replaced = await put(api, [ana]);
    expect(replaced).toMatchObject({ status: 200, body: { sources: [...seeds, { ...ana, isSeed: false }] } });
    expect((await get(other)).body).toEqual(replaced.body);
    expect((await get(api, '/v1/sources?edition=es')).body.sources).toHaveLength(2);
    expect((await put(api, [])).body['sources']).toEqual(seeds);
  });

  test('the whole list can be sent back, and the site file prevails', async () => {
    await using api = await open();
    const { body } = await put(api, [{ name: 'afp', kind: 'person' }, ana]);
    expect(body['sources']).toEqual([...seeds, { ...ana, isSeed: false }]);
  });

  test('a change is an event of the audit trail, and a request that changes nothing is none', async () => {
    await using api = await open();
    await put(api, [ana]);
    await put(api, [ana]);
    await put(api, [{ ...ana, kind: 'person' }]);
    const { events } = (await desk(api.url, 'GET', '/v1/audit')).body as { events: object[] };
    expect(events).toMatchObject([
      {
        action: 'sources',
        edition: 'en',
        name: 'Bootstrap key',
        detail: '+ Harbour office (person), - Harbour office (organisation)',
      },
      { action: 'sources', detail: '+ Harbour office (organisation)' },
    ]);
    expect(await verifyEdition(api.redis, api.prefix, 'en')).toMatchObject({ broken: null, events: 2 });
  });

  test('a long change is cut in the audit trail', async () => {
    await using api = await open();
    await put(
      api,
      Array.from({ length: 200 }, (_, n) => ({ name: `Agency 😀 ${n}`, kind: 'organisation' })),
    );
    const { events } = (await desk(api.url, 'GET', '/v1/audit')).body as { events: { detail: string }[] };
    expect(events[0]?.detail.length).toBeLessThanOrEqual(281);
    expect((await get(api)).body.sources).toHaveLength(203);
  });
});

describe('two editors at once', () => {
  test('If-Match with the ETag that was read is refused once somebody else has changed the list', async () => {
    await using api = await open();
    const { etag } = await get(api);
    expect((await put(api, [ana], { 'if-match': etag })).status).toBe(200);
    const late = await put(api, [], { 'if-match': etag });
    expect(late).toMatchObject({ status: 412, body: { type: '/problems/version-mismatch' } });
    expect((await put(api, [], { 'if-match': (await get(api)).etag })).status).toBe(200);
    for (const wrong of ['', 'x', '"x"', '3'])
      expect((await put(api, [ana], { 'if-match': wrong })).status, wrong).toBe(412);
    expect((await put(api, [ana], { 'if-match': '*' })).status).toBe(200);
  });

  test('of two requests with one ETag, one is accepted', async () => {
    await using api = await open();
    const { etag } = await get(api);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => put(api, [{ ...ana, name: `Agency ${n}` }], { 'if-match': etag })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(412)]);
  });
});

describe('a wrong request', () => {
  test.each([
    [[{ name: 'AP' }], '/sources/0/kind'],
    [[{ name: 'AP', kind: 'agency' }], '/sources/0/kind'],
    [[{ name: '', kind: 'person' }], '/sources/0/name'],
    [[{ name: '—', kind: 'person' }], '/sources/0/name'],
    [[{ name: 'x'.repeat(81), kind: 'person' }], '/sources/0/name'],
    [[{ name: 'a\nb', kind: 'person' }], '/sources/0/name'],
    [[{ name: 'AP: Paris', kind: 'person' }], '/sources/0/name'],
    [[{ name: 'a\u202Eb', kind: 'person' }], '/sources/0/name'],
    [[{ ...ana, isSeed: true }], '/sources/0/isSeed'],
    [[ana, { ...ana, name: 'HARBOUR óffice' }], '/sources/1/name'],
    [Array.from({ length: 201 }, (_, n) => ({ name: `A${n}`, kind: 'person' })), '/sources'],
    ['AP', '/sources'],
    [undefined, '/sources'],
    [null, '/sources'],
  ])('the sources %j are refused with the place', async (sources, pointer) => {
    await using api = await open();
    const { status, body } = await put(api, sources);
    expect([status, (body['errors'] as { pointer: string }[]).map((fault) => fault.pointer)]).toEqual([422, [pointer]]);
    expect((await get(api)).body.sources).toEqual(seeds);
  });

  test('an edition that is missing or unknown is refused, and one that needs another key does not exist', async () => {
    const vip = siteEdition('vip', { access: 'key' });
    await using api = await open({ site: { ...site, editions: [...site.editions, vip] } });
    const { token } = await api.keys.create({ name: 'English only', role: 'editor', editions: ['en'] });
    const as = { authorization: `Bearer ${token}` };
    for (const path of ['/v1/sources', '/v1/sources?edition=', '/v1/sources?edition=xx', '/v1/sources?edition=vip']) {
      const read = await desk(api.url, 'GET', path, undefined, as);
      expect(read, path).toMatchObject({ status: 400, body: { type: '/problems/bad-query' } });
      expect((await put(api, [ana], as, path)).status, path).toBe(400);
      expect(JSON.stringify(read.body)).not.toContain('vip');
    }
    expect((await put(api, [ana], as, '/v1/sources?edition=es')).status).toBe(403);
    expect((await put(api, [ana], as)).status).toBe(200);
    expect((await put(api, [ana], {}, '/v1/sources?edition=vip')).status).toBe(200);
  });

  test('a reporter reads the sources and cannot confirm one, and nobody does without a key', async () => {
    await using api = await open();
    const { token } = await api.keys.create({ name: 'Stringer', role: 'reporter' });
    const as = { authorization: `Bearer ${token}` };
    expect((await desk(api.url, 'GET', address, undefined, as)).status).toBe(200);
    expect((await put(api, [ana], as)).status).toBe(403);
    expect((await put(api, [ana], { authorization: '' })).status).toBe(401);
    expect((await fetch(api.url + address)).status).toBe(401);
  });

  test('one key changes the sources 60 times a minute at most', async () => {
    await using api = await open();
    const statuses: number[] = [];
    for (let n = 0; n < 61; n++) statuses.push((await put(api, [{ ...ana, name: `Agency ${n}` }])).status);
    // A new minute may begin in between.
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(60);
    expect(statuses.slice(0, 60)).not.toContain(429);
  });

  test('what another program wrote there is no source', async () => {
    await using api = await open();
    for (const text of ['{', '[{"name":1}]', '{"sources":[]}']) {
      await api.redis.set(`${api.prefix}:{en}:sources`, text);
      expect((await get(api)).body.sources).toEqual(seeds);
    }
    expect((await put(api, [ana])).status).toBe(200);
  });
});
