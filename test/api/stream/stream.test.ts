import { describe, expect, inject, test } from 'vitest';
import { sayGoodbye } from '../../../src/log/rollcall/delivery-report.ts';
import { desk, testKey, until } from '../../resources/flashwire.ts';
import { watchLateness } from '../../resources/lateness.ts';
import { ownPrefix } from '../../resources/redis-server.ts';
import { site, siteEdition } from '../../resources/site.ts';
import { startApi } from '../start-api.ts';
import { itemOf, itemsOf, openStream } from './desk-stream.ts';

const open = (options?: Parameters<typeof startApi>[1]) => startApi(inject('redisUrl'), options);
const line = { edition: 'en', headline: 'The bridge opens' };
const waits = { prefer: 'wait=5' };

async function postTo(url: string, item: object = line): Promise<string> {
  const { body } = await desk(url, 'POST', '/v1/items', item, waits);
  return String(body['id']);
}

const hasId = (id: string, state?: string) => (data: Record<string, unknown>) => {
  const item = data['item'] as Record<string, unknown>;
  return item['id'] === id && (state === undefined || item['state'] === state);
};

describe('a stream', () => {
  test('a stream begins with a snapshot of each edition, with the items as GET lists them', async () => {
    await using api = await open();
    const id = await postTo(api.url);
    await postTo(api.url, { ...line, edition: 'ar', headline: 'الجسر' });
    await using stream = await openStream(api.url, 'edition=en&edition=ar');
    expect(stream.status).toBe(200);
    const [en, ar] = [
      await stream.next('snapshot', ({ edition }) => edition === 'en'),
      await stream.next('snapshot', ({ edition }) => edition === 'ar'),
    ];
    const list = await desk(api.url, 'GET', '/v1/items?edition=en');
    expect(itemsOf(en)).toEqual(list.body['items']);
    expect(itemsOf(ar)).toMatchObject([{ edition: 'ar' }]);
    expect(itemsOf(en)).toMatchObject([{ id }]);
    expect(en.data).toMatchObject({ now: expect.any(Number), stop: { stopped: false } });
    expect(en.data['presence']).toMatchObject([{ name: 'Bootstrap key', since: expect.any(Number) }]);
    expect((await stream.next('status')).data).toMatchObject({ readers: {}, stop: { stopped: false } });
  });

  test('a stream sends every change of an item: held, cancelled, published, corrected, hidden, retracted', async () => {
    await using api = await open();
    await using stream = await openStream(api.url);
    await stream.next('snapshot');
    const held = await desk(api.url, 'POST', '/v1/items', { ...line, holdSeconds: 30 });
    const heldId = String(held.body['id']);
    await stream.next('item', hasId(heldId, 'held'));
    await desk(api.url, 'DELETE', `/v1/items/${heldId}`);
    await stream.next('item', hasId(heldId, 'cancelled'));
    const id = await postTo(api.url);
    await stream.next('item', hasId(id, 'published'));
    await desk(api.url, 'POST', `/v1/items/${id}/withhold`, {}, waits);
    await stream.next('item', hasId(id, 'withheld'));
    await desk(api.url, 'POST', `/v1/items/${id}/retract`, { reason: 'wrong' }, waits);
    const { data } = await stream.next('item', (one) => {
      const item = one['item'] as Record<string, unknown>;
      return item['state'] === 'retracted' && item['publishedVersion'] === 3;
    });
    const read = await desk(api.url, 'GET', '/v1/items?edition=en');
    expect(data['item']).toEqual((read.body['items'] as object[])[0]);
  });

  test('a stream sends the same view of an item to a colleague at another API process within 100 ms', async () => {
    const prefix = ownPrefix();
    await using here = await open({ prefix });
    await using there = await open({ prefix, workers: false });
    await using stream = await openStream(there.url);
    await stream.next('snapshot');
    const took: number[] = [];
    for (let count = 0; count < 20; count++) {
      const lateness = watchLateness();
      const at = performance.now();
      const { body } = await desk(here.url, 'POST', '/v1/items', { ...line, holdSeconds: 30 });
      took.push((await stream.next('item', hasId(String(body['id'])))).at - at - lateness());
    }
    expect(took.sort((a, b) => a - b)[10]).toBeLessThan(100);
  });

  test('a stream updates the original when its translation changes, and the translation when the original does', async () => {
    await using api = await open();
    const original = await postTo(api.url);
    await using stream = await openStream(api.url, 'edition=en&edition=ar');
    await stream.next('snapshot');
    const arabic = { edition: 'ar', headline: 'الجسر', translationOf: { id: original, version: 1 } };
    const translation = await postTo(api.url, arabic);
    await stream.next('item', (data) => {
      const { id, translations } = data['item'] as { id: string; translations: { id: string; state: string }[] };
      return id === original && translations.some((one) => one.id === translation && one.state === 'published');
    });
    const correction = { kind: 'refile' };
    const words = { ...line, headline: 'The bridge has opened', correction };
    await desk(api.url, 'PUT', `/v1/items/${original}`, words, { 'if-match': '"1"', ...waits });
    await stream.next('item', (data) => {
      const { id, original: of } = data['item'] as { id: string; original: { version: number } | null };
      return id === translation && of?.version === 2;
    });
  });

  test('a key of one edition gets no relatives and no items of others', async () => {
    await using api = await open();
    const { token } = await api.keys.create({ name: 'Luz', role: 'editor', editions: ['ar'] });
    const original = await postTo(api.url);
    await using stream = await openStream(api.url, 'edition=ar', token);
    await stream.next('snapshot');
    const arabic = { edition: 'ar', headline: 'الجسر', translationOf: { id: original, version: 1 } };
    const translation = await postTo(api.url, arabic);
    const { data } = await stream.next('item', hasId(translation, 'published'));
    expect(data['item']).toMatchObject({ original: null });
    await postTo(api.url);
    const last = await postTo(api.url, { edition: 'ar', headline: 'الثاني' });
    await stream.next('item', hasId(last));
    expect(stream.events.filter(({ data: { edition } }) => edition === 'en')).toEqual([]);
  });

  test('a stream sends the proof of an item without reading the item again', async () => {
    await using api = await open();
    const process = {
      process: 'p1',
      startedAt: 0,
      readers: { en: 3 },
      canary: { itemId: 'c', at: Date.now(), tookMs: 1 },
      isReady: true,
      painted: [],
    };
    await api.rollCall.say({ ...process, deliveries: [] });
    await until(() => api.roll.present().length === 1, 5_000, 'p1 is there');
    const id = await postTo(api.url);
    await using stream = await openStream(api.url);
    expect(itemsOf(await stream.next('snapshot'))).toMatchObject([{ id, reach: null }]);
    const counts = { targeted: 3, written: 2, caughtUp: 0, left: 0, resumed: 0, latency: [], maxMs: 5 };
    const delivery = { edition: 'en', seq: 1, itemId: id, version: 1, at: Date.now(), what: 'new', ...counts };
    await api.rollCall.say({ ...process, deliveries: [delivery as never] });
    expect(itemOf(await stream.next('item', hasId(id)))).toMatchObject({ reach: { written: 2, waiting: 1 } });
    await api.rollCall.say({ ...process, deliveries: [{ ...delivery, written: 3 } as never] });
    await stream.next('item', (data) => JSON.stringify(data).includes('"written":3'));
    expect((await stream.next('status', ({ readers }) => JSON.stringify(readers) === '{"en":3}')).data).toMatchObject({
      processes: [{ process: 'p1' }],
    });
    await sayGoodbye(api.redis, api.prefix, 'p1');
  });

  test('a stream sends STOP and its end to the desks of every API process', async () => {
    const prefix = ownPrefix();
    await using here = await open({ prefix });
    await using there = await open({ prefix, workers: false });
    await using stream = await openStream(there.url);
    await stream.next('snapshot');
    await desk(here.url, 'PUT', '/v1/stop', { stopped: true, reason: 'Drill' });
    const { data } = await stream.next('stop', ({ stopped }) => stopped === true);
    expect(data).toMatchObject({ by: 'Bootstrap key', reason: 'Drill', now: expect.any(Number) });
    await desk(here.url, 'PUT', '/v1/stop', { stopped: false });
    await stream.next('stop', ({ stopped }) => stopped === false);
  });

  test('a stream holds the newest fifty items and the cursor of the next page', async () => {
    await using api = await open({ workers: false });
    for (let count = 0; count < 52; count++)
      await desk(api.url, 'POST', '/v1/items', { ...line, headline: `Line ${count}`, state: 'draft' });
    await using first = await openStream(api.url);
    const { data } = await first.next('snapshot');
    const list = (await desk(api.url, 'GET', '/v1/items?edition=en')).body;
    expect([data['items'], data['next']]).toEqual([list['items'], list['next']]);
    await desk(api.url, 'POST', '/v1/items', { ...line, state: 'draft' });
    await first.next('item');
    await using second = await openStream(api.url);
    const later = await second.next('snapshot');
    const laterList = (await desk(api.url, 'GET', '/v1/items?edition=en')).body;
    expect([later.data['items'], later.data['next']]).toEqual([laterList['items'], laterList['next']]);
  });

  test.each([
    ['no key', 'edition=en', {}, 401],
    ['a wrong key', 'edition=en', `fw_wrong1_${'x'.repeat(40)}`, 401],
    ['no edition', '', testKey, 400],
    ['an unknown edition', 'edition=xx', testKey, 400],
  ])('is refused with %s', async (_what, query, credential, status) => {
    await using api = await open({ workers: false });
    await using stream = await openStream(api.url, query, credential);
    expect(stream.status).toBe(status);
  });

  test('a stream is refused for an edition that the key is not for', async () => {
    await using api = await open({ workers: false });
    const { token } = await api.keys.create({ name: 'Luz', role: 'editor', editions: ['ar'] });
    await using stream = await openStream(api.url, 'edition=ar&edition=en', token);
    expect(stream.status).toBe(403);
  });

  test('the status tells a key of other editions nothing of an edition that needs a key', async () => {
    const vip = siteEdition('vip', { access: 'key' });
    await using api = await open({ workers: false, site: { ...site, editions: [...site.editions, vip] } });
    const readers = { en: 3, vip: 7 };
    const report = { process: 'p1', startedAt: 0, readers, canary: null, isReady: true, painted: [], deliveries: [] };
    await api.rollCall.say(report);
    await until(() => api.roll.present().length === 1, 5_000, 'p1 is there');
    for (const [editions, seen] of [
      [['ar'], { en: 3 }],
      [['ar', 'vip'], readers],
    ] as const) {
      const { token } = await api.keys.create({ name: 'Luz', role: 'editor', editions: [...editions] });
      const authorization = `Bearer ${token}`;
      const read = await desk(api.url, 'GET', '/v1/status', undefined, { authorization });
      expect(read.body['readers']).toEqual(seen);
      await using stream = await openStream(api.url, 'edition=ar', token);
      expect((await stream.next('status')).data['readers']).toEqual(seen);
      await stream.next(
        'status',
        (data) => data['readers'] !== undefined && stream.events.filter(({ name }) => name === 'status').length > 1,
      );
      expect(stream.events.filter(({ name }) => name === 'status').at(-1)?.data['readers']).toEqual(seen);
    }
    await sayGoodbye(api.redis, api.prefix, 'p1');
  });

  test('a stream beats every five seconds', async () => {
    await using api = await open({ workers: false });
    await using stream = await openStream(api.url);
    await until(() => stream.events.filter(({ name }) => name === 'beat').length === 2, 12_000, 'a second beat');
    const [first, second] = stream.events.filter(({ name }) => name === 'beat');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(4_500);
  });
});

describe('the end of a stream', () => {
  test('revocation ends the streams of a key on every API process within a second', async () => {
    const prefix = ownPrefix();
    await using here = await open({ prefix, workers: false });
    await using there = await open({ prefix, workers: false });
    const { keyId, token } = await here.keys.create({ name: 'Luz', role: 'editor' });
    await using stream = await openStream(there.url, 'edition=en', token);
    await using other = await openStream(there.url);
    await stream.next('snapshot');
    const lateness = watchLateness();
    const at = performance.now();
    await desk(here.url, 'DELETE', `/v1/keys/${keyId}`);
    await until(stream.hasEnded, 10_000, 'it has ended');
    expect(performance.now() - at).toBeLessThan(1_000 + lateness());
    expect(other.hasEnded()).toBe(false);
    await using again = await openStream(there.url, 'edition=en', token);
    expect(again.status).toBe(401);
  });

  test('signing out ends the stream of that session only', async () => {
    await using api = await open({ workers: false });
    const signIn = async () => {
      const response = await fetch(`${api.url}/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ key: testKey }),
      });
      return { cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '', 'sec-fetch-site': 'same-origin' };
    };
    const [mine, theirs] = [await signIn(), await signIn()];
    await using stream = await openStream(api.url, 'edition=en', mine);
    await using other = await openStream(api.url, 'edition=en', theirs);
    await stream.next('snapshot');
    await fetch(`${api.url}/v1/session`, { method: 'DELETE', headers: mine });
    await until(stream.hasEnded, 10_000, 'it has ended');
    expect(other.hasEnded()).toBe(false);
  });

  test('the streams of a key end when it expires', async () => {
    await using api = await open({ workers: false });
    const { token } = await api.keys.create({ name: 'Luz', role: 'editor', expiresAt: Date.now() + 3_000 });
    await using stream = await openStream(api.url, 'edition=en', token);
    await stream.next('snapshot');
    await until(stream.hasEnded, 10_000, 'it has ended');
  });

  test('a lost subscription ends every stream, and a new one starts with what was missed', async () => {
    await using api = await open();
    await using stream = await openStream(api.url);
    await stream.next('snapshot');
    api.subscriber.disconnect(true);
    await until(stream.hasEnded, 10_000, 'it has ended');
    const id = await postTo(api.url);
    await until(
      async () => {
        await using again = await openStream(api.url);
        if (again.status !== 200) return false;
        return itemsOf(await again.next('snapshot')).some((item) => item['id'] === id);
      },
      5_000,
      'a new stream has what was missed',
    );
  });

  test('a drain ends every stream with a time to wait, and refuses new ones', async () => {
    await using api = await open({ workers: false });
    await using stream = await openStream(api.url);
    await stream.next('snapshot');
    await api.hub.drain();
    await until(stream.hasEnded, 10_000, 'it has ended');
    expect(stream.retryMs()).toBeLessThanOrEqual(1_000);
    await using again = await openStream(api.url);
    expect(again.status).toBe(503);
  });

  test('a desk that does not read is cut, and others are not', async () => {
    await using api = await open({ workers: false });
    await using reading = await openStream(api.url);
    const abort = new AbortController();
    const headers = { authorization: `Bearer ${testKey}` };
    const slow = await fetch(`${api.url}/v1/stream?edition=en`, { headers, signal: abort.signal });
    expect(slow.status).toBe(200);
    expect(api.hub.size).toBe(2);
    const long = { ...line, headline: 'ب'.repeat(280), state: 'draft' };
    const drafts = await Promise.all(Array.from({ length: 50 }, () => desk(api.url, 'POST', '/v1/items', long)));
    // Until the kernel's buffers and the desk's are full.
    const isCut = async () => {
      for (const { body } of drafts) await api.redis.publish(`${api.prefix}:desk`, `item en ${body['id']}`);
      return api.hub.size === 1;
    };
    await until(isCut, 60_000, 'the slow desk is cut');
    expect(reading.hasEnded()).toBe(false);
    abort.abort();
  }, 90_000);

  test('a key has at most a hundred streams at one process', async () => {
    await using api = await open({ workers: false });
    const streams = await Promise.all(Array.from({ length: 100 }, () => openStream(api.url)));
    await using one = await openStream(api.url);
    expect(one.status).toBe(429);
    await Promise.all(streams.map((stream) => stream[Symbol.asyncDispose]()));
    await until(() => api.hub.size === 0, 5_000, 'all are closed');
    await using again = await openStream(api.url);
    expect(again.status).toBe(200);
  });
});

describe('presence', () => {
  test('desks of every API process see who comes and who goes', async () => {
    const prefix = ownPrefix();
    await using here = await open({ prefix, workers: false });
    await using there = await open({ prefix, workers: false });
    const [nour, luz] = [
      await here.keys.create({ name: 'Nour', role: 'editor' }),
      await here.keys.create({ name: 'Luz', role: 'editor', editions: ['en'] }),
    ];
    const names = (data: Record<string, unknown>) => (data['editors'] as { name: string }[]).map(({ name }) => name);
    await using mine = await openStream(here.url, 'edition=en&edition=ar', nour.token);
    await mine.next('snapshot');
    {
      await using theirs = await openStream(there.url, 'edition=en', luz.token);
      await mine.next('presence', (data) => data['edition'] === 'en' && names(data).join() === 'Nour,Luz');
      await theirs.next('presence', (data) => names(data).join() === 'Nour,Luz');
      expect(await here.redis.keys(`${prefix}:presence:*`)).toHaveLength(2);
      expect(await here.redis.ttl((await here.redis.keys(`${prefix}:presence:*`))[0] ?? '')).toBeLessThanOrEqual(25);
    }
    await until(
      () => {
        const last = mine.events.filter(({ name }) => name === 'presence').at(-1);
        return last !== undefined && names(last.data).join() === 'Nour';
      },
      5_000,
      'Luz has left',
    );
    expect(JSON.stringify(mine.events.filter(({ data: { edition } }) => edition === 'ar'))).not.toContain('Luz');
  });
});
