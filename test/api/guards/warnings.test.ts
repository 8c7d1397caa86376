import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { createItemSchemas } from '../../../src/item/schema.ts';
import { desk, testKey, until } from '../../resources/flashwire.ts';
import { startRedis } from '../../resources/redis-server.ts';
import { site } from '../../resources/site.ts';
import { type RunningApi, startApi } from '../start-api.ts';
import { openStream } from '../stream/desk-stream.ts';

const open = () => startApi(inject('redisUrl'), { workers: false });
const line = { edition: 'en', headline: 'The new bridge opens tonight', attribution: 'AFP' };
const post = (api: RunningApi, body: object, headers = {}) => desk(api.url, 'POST', '/v1/items', body, headers);
const strict = { prefer: 'handling=strict' };
const codesOf = ({ body }: { readonly body: Record<string, unknown> }) =>
  (body['warnings'] as { readonly code: string }[] | undefined)?.map(({ code }) => code);

describe('a warning', () => {
  test('a line with a source, in the script of its edition, has none', async () => {
    await using api = await open();
    expect(await post(api, line)).toMatchObject({ status: 202, body: { state: 'queued', warnings: [] } });
  });

  test('a line without a source is accepted with a warning that names the field', async () => {
    await using api = await open();
    const { attribution: _, ...unsourced } = line;
    const warning = {
      code: 'missing-source',
      pointer: '/attribution',
      detail: 'is missing, so the line names no source',
    };
    expect(await post(api, unsourced)).toMatchObject({ status: 202, body: { warnings: [warning] } });
    const { body } = await post(api, { ...unsourced, headline: 'Gaza ceasefire: what we know' });
    expect(body['warnings']).toMatchObject([{ detail: expect.stringContaining('if "Gaza ceasefire" is the source') }]);
  });

  test('a line that repeats a line of the last hour names the other item', async () => {
    await using api = await open();
    const first = await post(api, line);
    const again = await post(api, { ...line, headline: 'Tonight the new bridge opens' });
    expect(again).toMatchObject({
      status: 202,
      body: { warnings: [{ code: 'near-duplicate', pointer: '/headline', id: first.body['id'] }] },
    });
    expect(codesOf(await post(api, { ...line, edition: 'es' }))).toEqual([]);
  });

  test('a line in the script of another edition is accepted with a warning', async () => {
    await using api = await open();
    expect(codesOf(await post(api, { ...line, headline: 'استقالة رئيس الوزراء الفرنسي' }))).toEqual(['wrong-script']);
    expect(codesOf(await post(api, { ...line, edition: 'ar' }))).toEqual(['wrong-script']);
  });

  test('a change is warned of like a new line, and never of the item itself', async () => {
    await using api = await open();
    const { body } = await post(api, { ...line, state: 'draft' });
    const put = (change: object) =>
      desk(api.url, 'PUT', `/v1/items/${body['id']}`, { ...line, ...change }, { 'if-match': '"1"' });
    expect(await put({ headline: 'The new bridge opens tonight!' })).toMatchObject({
      status: 202,
      body: { warnings: [] },
    });
    const other = await post(api, line);
    const changed = await desk(api.url, 'PUT', `/v1/items/${body['id']}`, line, { 'if-match': '"2"' });
    expect(changed.body['warnings']).toMatchObject([{ code: 'near-duplicate', id: other.body['id'] }]);
  });

  test('a retried request has the warnings of the first answer', async () => {
    await using api = await open();
    const once = { 'idempotency-key': 'a-1' };
    const [first, second] = [await post(api, line, once), await post(api, line, once)];
    expect(second.body).toEqual(first.body);
  });

  test.each(['retract', 'cancel'])('a line that is gone (%s) has no near duplicate', async (how) => {
    await using api = await open();
    const { body } = await post(api, { ...line, holdSeconds: 30 });
    if (how === 'cancel') await desk(api.url, 'DELETE', `/v1/items/${body['id']}`);
    else await desk(api.url, 'POST', `/v1/items/${body['id']}/retract`, { reason: 'A hoax' });
    expect(codesOf(await post(api, line))).toEqual([]);
  });

  test('a line of before the start is known once it was listed, or a desk is open', async () => {
    await using one = await open();
    await post(one, line);
    const start = () => startApi(inject('redisUrl'), { workers: false, prefix: one.prefix });
    await using other = await start();
    expect(codesOf(await post(other, { ...line, state: 'draft' }))).toEqual([]);
    await desk(other.url, 'GET', '/v1/items?edition=en');
    expect(codesOf(await post(other, { ...line, state: 'draft' }))).toEqual(['near-duplicate']);
    await using third = await start();
    await using stream = await openStream(third.url);
    await stream.next('snapshot');
    expect(codesOf(await post(third, { ...line, state: 'draft' }))).toEqual(['near-duplicate']);
  });

  test.each(['retract', 'cancel'])(
    'a line of another process is known at once, and nothing of it is kept after a %s there',
    async (how) => {
      await using one = await open();
      await using other = await startApi(inject('redisUrl'), { workers: false, prefix: one.prefix });
      const { body } = await post(one, { ...line, holdSeconds: 30 });
      await until(() => other.lines.of('en').length === 1, 5_000, 'the other process knows the line');
      expect(codesOf(await post(other, { ...line, state: 'draft' }))).toEqual(['near-duplicate']);
      if (how === 'cancel') await desk(one.url, 'DELETE', `/v1/items/${body['id']}`);
      else await desk(one.url, 'POST', `/v1/items/${body['id']}/retract`, { reason: 'A hoax' });
      await until(() => other.lines.of('en').length === 0, 5_000, 'the other process forgets the line');
      expect(codesOf(await post(other, line))).toEqual([]);
    },
  );

  test('a line whose change may have been lost is forgotten', async () => {
    await using api = await open();
    await post(api, line);
    api.subscriber.disconnect(true);
    await until(() => api.lines.of('en').length === 0, 5_000, 'the line is forgotten');
  });

  test('a warning costs no command of Redis', async () => {
    await using redis = await startRedis();
    await using api = await startApi(redis.url, { workers: false });
    const commandsOf = async (body: object) => {
      await api.redis.config('RESETSTAT');
      await post(api, body);
      const counts = [...(await api.redis.info('commandstats')).matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)];
      // Without those of clocks and connections, of the rate limit, which reports later, and of the item that the news names.
      const others = /^(time|role|info|config.*|ping|multi|exec|incrby|expire|hgetall|hget)$/;
      return counts.flatMap(([, name = '', calls]) => (others.test(name) ? [] : [`${name} ${calls}`]));
    };
    await commandsOf(line);
    const quiet = await commandsOf({ ...line, headline: 'Parliament votes on the budget' });
    expect(quiet.length).toBeGreaterThan(0);
    expect(await commandsOf({ edition: 'en', headline: line.headline })).toEqual(quiet);
  });
});

describe('Prefer: handling=strict', () => {
  test('a line with warnings is refused, and nothing is accepted', async () => {
    await using api = await open();
    const { body: known } = await post(api, line);
    const before = await api.waiting();
    const refused = await post(api, { edition: 'en', headline: line.headline }, strict);
    expect(refused).toMatchObject({
      status: 422,
      body: {
        type: '/problems/warnings-refused',
        errors: [
          { code: 'near-duplicate', pointer: '/headline', id: known['id'] },
          { code: 'missing-source', pointer: '/attribution' },
        ],
      },
    });
    expect(await api.waiting()).toBe(before);
    expect((await desk(api.url, 'GET', '/v1/items?edition=en')).body['items']).toHaveLength(1);
  });

  test('a line without warnings is accepted, and the answer says what was applied', async () => {
    await using api = await open();
    const response = await fetch(`${api.url}/v1/items`, {
      method: 'POST',
      body: JSON.stringify(line),
      headers: {
        authorization: `Bearer ${testKey}`,
        'content-type': 'application/json',
        prefer: 'Handling="strict", respond-async; wait=1',
      },
    });
    expect([response.status, response.headers.get('preference-applied')]).toEqual([202, 'handling=strict, wait=1']);
  });

  test('a retry of an accepted request is answered as accepted, not refused as its own duplicate', async () => {
    await using api = await open();
    await using other = await startApi(inject('redisUrl'), { workers: false, prefix: api.prefix });
    const once = { ...strict, 'idempotency-key': 'a-1' };
    const first = await post(api, line, once);
    expect(first.status).toBe(202);
    await desk(other.url, 'GET', '/v1/items?edition=en');
    for (const process of [api, other]) expect(await post(process, line, once)).toEqual(first);
  });

  test('the same request without it is accepted under the same Idempotency-Key', async () => {
    await using api = await open();
    const once = { 'idempotency-key': 'a-1' };
    const unsourced = { edition: 'en', headline: line.headline };
    expect((await post(api, unsourced, { ...once, ...strict })).status).toBe(422);
    expect((await post(api, unsourced, once)).status).toBe(202);
    expect((await post(api, unsourced, { ...once, ...strict })).status).toBe(202);
  });

  test('a change with warnings is refused, and the item stays as it was', async () => {
    await using api = await open();
    const { body } = await post(api, { ...line, state: 'draft' });
    const { attribution: _, ...unsourced } = line;
    const address = `/v1/items/${body['id']}`;
    const put = await desk(api.url, 'PUT', address, unsourced, { 'if-match': '"1"', ...strict });
    expect(put).toMatchObject({ status: 422, body: { type: '/problems/warnings-refused' } });
    expect((await desk(api.url, 'GET', address)).body).toMatchObject({ version: 1, body: { attribution: 'AFP' } });
  });

  test.each(['handling=lenient', 'handling=strictly', 'handling', 'strict', 'x-handling=strict', '=strict', ','])(
    'Prefer: %s refuses nothing',
    async (prefer) => {
      await using api = await open();
      expect((await post(api, { edition: 'en', headline: line.headline }, { prefer })).status).toBe(202);
    },
  );
});

test('a warning never changes the outcome of a request without handling=strict', async () => {
  await using api = await open();
  const { publish } = createItemSchemas(site);
  const words = fc.constantFrom(
    'bridge',
    'opens',
    'tonight',
    'AFP:',
    'استقالة',
    'رئيس',
    '',
    '{place}',
    '10:45',
    '法國',
  );
  const body = fc.record(
    {
      edition: fc.constantFrom('en', 'ar', 'es', 'xx'),
      headline: fc.oneof(
        fc.array(words, { maxLength: 12 }).map((all) => all.join(' ')),
        fc.string({ unit: 'grapheme' }),
      ),
      attribution: fc.constantFrom('AFP', 'Gaza', ''),
      urgency: fc.constantFrom('urgent', 'update', 'loud'),
      state: fc.constant('draft'),
      holdSeconds: fc.constantFrom(0, 3, 31),
    },
    { requiredKeys: ['edition', 'headline'] },
  );
  await fc.assert(
    fc.asyncProperty(body, async (request) => {
      const answer = await post(api, request);
      const isValid = publish.safeParse(request).success;
      expect(answer.status, JSON.stringify(answer.body)).toBe(isValid ? 202 : 422);
      expect(answer.body['type']).toBe(isValid ? undefined : '/problems/invalid');
      if (!isValid) return;
      const state = request.state ?? (request.holdSeconds ? 'held' : 'queued');
      expect(answer.body).toMatchObject({ version: 1, state });
      const strictly = await post(api, request, strict);
      const hasWarnings = strictly.status === 422;
      expect(strictly.body['type']).toBe(hasWarnings ? '/problems/warnings-refused' : undefined);
      if (hasWarnings) return;
      expect(codesOf(strictly)).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 20_000);
