import { beforeEach, describe, expect, inject, test } from 'vitest';
import { desk } from '../../resources/flashwire.ts';
import { site } from '../../resources/site.ts';
import { type RunningApi, startApi } from '../start-api.ts';

const most = 3;
const small = { ...site, editions: site.editions.map((edition) => ({ ...edition, flashesPerMinute: most })) };
const open = (options = {}) => startApi(inject('redisUrl'), { workers: false, site: small, ...options });
const confirm = { prefer: 'confirm=flash-fuse' };

let number = 0;
beforeEach(() => {
  number = 0;
});

const post = (api: RunningApi, more: object = {}, headers = {}) => {
  const line = { edition: 'en', headline: `Line ${++number}`, attribution: 'AFP', urgency: 'flash', ...more };
  return desk(api.url, 'POST', '/v1/items', line, headers);
};

/** As many flashes as go out without a confirmation. */
async function fill(api: RunningApi): Promise<readonly string[]> {
  const ids: string[] = [];
  while (ids.length < most) {
    const { status, body } = await post(api);
    expect(status).toBe(202);
    ids.push(String(body['id']));
  }
  return ids;
}

const blown = { status: 409, body: { type: '/problems/flash-fuse' } };

describe('the fuse', () => {
  test('one flash more than the edition has in a minute is refused, and nothing is accepted', async () => {
    await using api = await open();
    await fill(api);
    expect(await post(api)).toMatchObject(blown);
    expect(await api.waiting()).toBe(most);
    expect((await post(api, { urgency: 'urgent' })).status).toBe(202);
    expect((await post(api, { edition: 'es' })).status).toBe(202);
  });

  test('an edition without a setting has 12 flashes a minute', async () => {
    await using api = await open({ site });
    for (let count = 1; count <= 12; count++) expect((await post(api)).status).toBe(202);
    expect(await post(api)).toMatchObject(blown);
  });

  test('a confirmation lets one flash through, and the next one needs its own', async () => {
    await using api = await open();
    await fill(api);
    expect((await post(api, {}, confirm)).status).toBe(202);
    expect(await post(api)).toMatchObject(blown);
  });

  test('a refusal counts the flashes of the last minute, confirmed ones too', async () => {
    await using api = await open();
    await fill(api);
    for (let count = 1; count <= 3; count++) await post(api, {}, confirm);
    const { body } = await post(api);
    expect(body).toMatchObject({ flashes: most + 3 });
    expect(body['detail']).toContain(`had ${most + 3} flashes in the last minute`);
  });

  test('a confirmed request is the same request to its Idempotency-Key', async () => {
    await using api = await open();
    await fill(api);
    const once = { 'idempotency-key': 'a-1' };
    const headline = 'A line that is sent again';
    expect(await post(api, { headline }, once)).toMatchObject(blown);
    const confirmed = await post(api, { headline }, { ...once, ...confirm });
    expect(confirmed.status).toBe(202);
    expect((await post(api, { headline }, once)).body).toEqual(confirmed.body);
  });

  test('a minute later the next flash is accepted', async () => {
    await using api = await open();
    await fill(api);
    const key = `${api.prefix}:{en}:flashes`;
    expect(await api.redis.llen(key)).toBe(most);
    expect(await api.redis.ttl(key)).toBeGreaterThan(50);
    await api.redis.lset(key, -1, Date.now() - 60_001);
    expect((await post(api)).status).toBe(202);
    expect(await post(api)).toMatchObject(blown);
    expect(await api.redis.llen(key)).toBe(most);
  });

  test('the fuse counts over all api processes, to exactly the number of the edition', async () => {
    await using one = await open();
    await using other = await open({ prefix: one.prefix });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => post(at % 2 === 0 ? one : other)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(most);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(20 - most);
  });

  test.each([
    'confirm',
    'confirm=',
    'confirm=flash',
    'confirm=all',
    'x-confirm=flash-fuse',
    'flash-fuse',
    'confirm flash-fuse',
  ])('Prefer: %s confirms nothing', async (prefer) => {
    await using api = await open();
    await fill(api);
    expect(await post(api, {}, { prefer })).toMatchObject(blown);
  });

  test.each(['Confirm="flash-fuse"', 'wait=0, confirm=flash-fuse', 'confirm=flash-fuse; handling=strict'])(
    'Prefer: %s is a confirmation',
    async (prefer) => {
      await using api = await open();
      await fill(api);
      expect((await post(api, { headline: 'Parliament votes on the budget' }, { prefer })).status).toBe(202);
    },
  );
});

describe('what counts as a flash', () => {
  test('a refused request and a repeated one are not counted', async () => {
    await using api = await open();
    const once = { 'idempotency-key': 'a-1' };
    const headline = 'A line that is sent again';
    for (let time = 0; time < 5; time++) {
      expect((await post(api, { headline }, once)).status).toBe(202);
      expect((await post(api, { headline: '' })).status).toBe(422);
      expect((await post(api, { attribution: undefined }, { prefer: 'handling=strict' })).status).toBe(422);
    }
    for (let count = 1; count < most; count++) expect((await post(api)).status).toBe(202);
    expect(await post(api)).toMatchObject(blown);
  });

  test('a held flash and a scheduled one are counted when they are accepted', async () => {
    await using api = await open();
    expect((await post(api, { holdSeconds: 30 })).body['state']).toBe('held');
    expect((await post(api, { publishAt: '2090-01-01T00:00:00Z' })).body['state']).toBe('scheduled');
    expect((await post(api)).status).toBe(202);
    expect(await post(api, { publishAt: '2090-01-01T00:00:00Z' })).toMatchObject(blown);
    expect(await post(api, { holdSeconds: 30 })).toMatchObject(blown);
  });

  test('a draft is counted when it is published, not when it is written', async () => {
    await using api = await open();
    const { body } = await post(api, { state: 'draft' });
    await fill(api);
    expect((await post(api, { state: 'draft' })).status).toBe(202);
    const publish = (headers = {}) => desk(api.url, 'POST', `/v1/items/${body['id']}/publish`, {}, headers);
    expect(await publish()).toMatchObject(blown);
    expect((await desk(api.url, 'GET', `/v1/items/${body['id']}`)).body['state']).toBe('draft');
    expect((await publish(confirm)).status).toBe(202);
  });

  test('a held flash that became a draft meets the fuse again when it is published, with a hold or without', async () => {
    await using api = await open();
    const { body } = await post(api, { holdSeconds: 30 });
    const draft = await desk(
      api.url,
      'PUT',
      `/v1/items/${body['id']}`,
      { edition: 'en', headline: 'Other words', attribution: 'AFP', urgency: 'flash', state: 'draft' },
      { 'if-match': '"1"' },
    );
    expect(draft).toMatchObject({ status: 202, body: { state: 'draft' } });
    for (let count = 1; count < most; count++) await post(api);
    const publish = (request: object, headers = {}) =>
      desk(api.url, 'POST', `/v1/items/${body['id']}/publish`, request, { 'if-match': '"2"', ...headers });
    expect(await publish({})).toMatchObject(blown);
    expect(await publish({ holdSeconds: 30 })).toMatchObject(blown);
    expect((await desk(api.url, 'GET', `/v1/items/${body['id']}`)).body).toMatchObject({ state: 'draft', version: 2 });
    expect(await publish({ holdSeconds: 30 }, confirm)).toMatchObject({ status: 202, body: { state: 'held' } });
  });

  test('a change is counted if it turns an item that goes out into a flash', async () => {
    await using api = await open();
    const { body } = await post(api, { urgency: 'urgent', holdSeconds: 30 });
    const written = await post(api, { urgency: 'urgent', state: 'draft' });
    await fill(api);
    const put = (id: unknown, urgency: string, version: number, headers = {}) =>
      desk(
        api.url,
        'PUT',
        `/v1/items/${id}`,
        { edition: 'en', headline: 'Other words', attribution: 'AFP', urgency },
        { 'if-match': `"${version}"`, ...headers },
      );
    expect(await put(body['id'], 'flash', 1)).toMatchObject(blown);
    expect((await put(body['id'], 'update', 1)).status).toBe(202);
    expect((await put(body['id'], 'flash', 2, confirm)).status).toBe(202);
    expect((await put(body['id'], 'flash', 3)).status).toBe(202); // it is one already
    expect((await put(written.body['id'], 'flash', 1)).status).toBe(202);
  });

  test('a correction that turns a published item into a flash is counted, and one of a flash is not', async () => {
    await using api = await open({ workers: true });
    const waits = { prefer: 'wait=5' };
    const flash = await post(api, {}, waits);
    const urgent = await post(api, { urgency: 'urgent' }, waits);
    for (let count = 1; count < most; count++) await post(api);
    const correct = (id: unknown, headers = {}) =>
      desk(
        api.url,
        'PUT',
        `/v1/items/${id}`,
        {
          edition: 'en',
          headline: 'Other words',
          attribution: 'AFP',
          urgency: 'flash',
          correction: { kind: 'corrected', note: 'Other words' },
        },
        { 'if-match': '"1"', prefer: 'wait=5', ...headers },
      );
    expect((await correct(flash.body['id'])).status).toBe(200);
    expect(await correct(urgent.body['id'])).toMatchObject(blown);
    expect((await correct(urgent.body['id'], { prefer: 'wait=5, confirm=flash-fuse' })).status).toBe(200);
  });

  test('hide and retract never meet the fuse, and showing a flash again does', async () => {
    await using api = await open({ workers: true });
    const { body } = await post(api, {}, { prefer: 'wait=5' });
    for (let count = 1; count < most; count++) await post(api);
    const act = (action: string, request: object = {}, headers = {}) =>
      desk(api.url, 'POST', `/v1/items/${body['id']}/${action}`, request, { prefer: 'wait=5', ...headers });
    expect((await act('withhold')).status).toBe(200);
    expect(await act('release')).toMatchObject(blown);
    expect((await act('release', {}, { prefer: 'wait=5, confirm=flash-fuse' })).status).toBe(200);
    expect((await act('retract', { reason: 'A hoax' })).status).toBe(200);
  });

  test('the correction of a hidden flash is not counted: readers see nothing of it', async () => {
    await using api = await open({ workers: true });
    const { body } = await post(api, { urgency: 'urgent' }, { prefer: 'wait=5' });
    await fill(api);
    await desk(api.url, 'POST', `/v1/items/${body['id']}/withhold`, {}, { prefer: 'wait=5' });
    const corrected = {
      edition: 'en',
      headline: 'Other words',
      urgency: 'flash',
      correction: { kind: 'corrected', note: 'Other words' },
    };
    const put = await desk(api.url, 'PUT', `/v1/items/${body['id']}`, corrected, { 'if-match': '"2"' });
    expect(put.status).toBe(202);
    expect(await desk(api.url, 'POST', `/v1/items/${body['id']}/release`, {})).toMatchObject(blown);
  });
});
