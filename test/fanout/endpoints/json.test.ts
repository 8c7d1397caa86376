import { describe, expect, test } from 'vitest';
import { serveFanout } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';

const idOf = (number: number) => `01J0000000000000000000${String(number).padStart(4, '0')}`;

describe('JSON endpoints', () => {
  test('HT-1, SN-1, SN-2: feed.json is a snapshot that a cache may keep for one second', async () => {
    const log = new MemoryLog();
    for (let index = 0; index < 25; index++) log.publish(`i${index}`, facets());
    await using server = await serveFanout(log);
    const response = await fetch(`${server.origin}/v1/feed.json?edition=en`);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=0, s-maxage=1, stale-while-revalidate=1');
    expect(response.headers.get('etag')).toMatch(/^W\/"epochone:25:[0-9a-f]{8}"$/);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    const snapshot = await response.json();
    expect(snapshot).toMatchObject({ type: 'snapshot', epoch: 'epochone', seq: 25, more: true, reason: 'start' });
    expect(snapshot.items).toHaveLength(20);
    expect(server.fanout.stats().feeds).toBe(0);
  });

  test('HT-1: feed.json answers 304 until the position changes', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log);
    const url = `${server.origin}/v1/feed.json?edition=en`;
    const headers = { 'If-None-Match': (await fetch(url)).headers.get('etag') ?? '' };
    expect((await fetch(url, { headers })).status).toBe(304);
    log.publish('b', facets());
    expect((await fetch(url, { headers })).status).toBe(200);
  });

  test('HT-1: /v1/feed is not cacheable', async () => {
    await using server = await serveFanout(new MemoryLog());
    const response = await fetch(`${server.origin}/v1/feed?edition=en`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('vary')).toBe('Accept, Origin');
  });

  test('feed.json answers HEAD and OPTIONS, and allows only origins on the list', async () => {
    await using server = await serveFanout(new MemoryLog(), { allowedOrigins: 'https://here.example' });
    const url = `${server.origin}/v1/feed.json?edition=en`;
    const head = await fetch(url, { method: 'HEAD', headers: { Origin: 'https://here.example' } });
    expect([head.status, await head.text(), head.headers.get('access-control-allow-origin')]).toEqual([
      200,
      '',
      'https://here.example',
    ]);
    const foreign = await fetch(url, { headers: { Origin: 'https://elsewhere.example' } });
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    expect((await fetch(url, { method: 'OPTIONS' })).status).toBe(204);
    const post = await fetch(url, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  test.each([
    'cache-control,pragma',
    'traceparent,tracestate,baggage,sentry-trace',
    'X-Requested-With, Last-Event-ID',
    'accept-language,if-none-match,x-datadog-trace-id',
  ])('TR-2: pages may send %s to every public address', async (asked) => {
    await using server = await serveFanout(new MemoryLog());
    const paths = ['feed', 'feed.json', 'feed.sse', 'feed.poll', 'feed/history', 'feed/items/x', 'log/head', 'painted'];
    for (const path of paths) {
      const { status, headers } = await fetch(`${server.origin}/v1/${path}`, {
        method: 'OPTIONS',
        headers: { Origin: 'https://paper.example', 'Access-Control-Request-Headers': asked },
      });
      expect([status, headers.get('access-control-allow-origin')], path).toEqual([204, '*']);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('vary')).toContain('Access-Control-Request-Headers');
      const allowed = headers.get('access-control-allow-headers')?.split(', ');
      expect(allowed, path).toEqual(expect.arrayContaining(asked.toLowerCase().split(/, ?/)));
    }
  });

  test('a preflight allows only valid header names, and a bounded number of them', async () => {
    await using server = await serveFanout(new MemoryLog());
    const asked = ['a b', 'x(y)', '', 'z'.repeat(65), 'ok', 'ok', ...Array.from({ length: 500 }, (_, n) => `x-${n}`)];
    const { status, headers } = await fetch(`${server.origin}/v1/feed.json`, {
      method: 'OPTIONS',
      headers: { 'Access-Control-Request-Headers': asked.join(',') },
    });
    const allowed = headers.get('access-control-allow-headers')?.split(', ') ?? [];
    expect([status, allowed.length, ...allowed.slice(0, 4)]).toEqual([
      ...[204, 61],
      ...['if-none-match', 'last-event-id', 'ok', 'x-0'],
    ]);
  });

  test('GE-3: a bad query gets a problem with all of its faults', async () => {
    await using server = await serveFanout(new MemoryLog());
    const response = await fetch(`${server.origin}/v1/feed.json?edition=nowhere&limit=7`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect((await response.json()).errors).toHaveLength(2);
  });

  test('a problem lists at most 32 faults, and is smaller than the request', async () => {
    await using server = await serveFanout(new MemoryLog());
    const many = (...names: readonly string[]) =>
      names.flatMap((name) => Array.from({ length: 720 / names.length }, (_, at) => `${name}=x${at}`)).join('&');
    const queries = [
      many('section'),
      many('region'),
      many('urgency'),
      many('topic'),
      many('section', 'region', 'urgency', 'topic'),
      `edition=en&edition=en&limit=1&${many('section', 'region', 'urgency', 'topic')}`,
      `before=x&before=y&limit=0&${many('section', 'region', 'urgency', 'topic')}`,
      `section=${'x'.repeat(7_000)}`,
      `edition=${'x'.repeat(7_000)}`,
    ];
    for (const path of ['feed.json', 'feed', 'feed.poll', 'feed.sse', 'feed/history'])
      for (const query of queries) {
        const response = await fetch(`${server.origin}/v1/${path}?${query}`);
        const text = await response.text();
        expect([path, query.slice(0, 40), response.status]).toEqual([path, query.slice(0, 40), 400]);
        expect(JSON.parse(text).errors.length).toBeLessThanOrEqual(32);
        expect(text.length).toBeLessThan(6_000);
      }
    const heads = await fetch(`${server.origin}/v1/log/head?edition=${'x'.repeat(7_000)}`);
    expect((await heads.text()).length).toBeLessThan(6_000);
  });

  test('FL-4: an edition that needs a key gets the same answer as an unknown edition', async () => {
    await using server = await serveFanout(new MemoryLog());
    const paths = ['feed.json?', 'feed?', 'feed.poll?', 'feed.sse?', 'feed/history?', 'feed/items/a?', 'log/head?'];
    for (const path of paths) {
      const [hidden, unknown] = await Promise.all(
        ['vip', 'xyz'].map(async (edition) => {
          const response = await fetch(`${server.origin}/v1/${path}edition=${edition}`);
          return [path, response.status, (await response.text()).replaceAll(edition, '')];
        }),
      );
      expect(hidden).toEqual(unknown);
    }
  });

  test('HT-2: history pages lead through all older items', async () => {
    const log = new MemoryLog();
    for (let index = 1; index <= 7; index++)
      log.publish(`i${index}`, facets([index % 2 === 0 ? 'sports' : 'politics']));
    await using server = await serveFanout(log);
    const page = async (query: string) => (await fetch(`${server.origin}/v1/feed/history?edition=en&${query}`)).json();
    const ids = (body: { readonly items: readonly { readonly id: string }[] }) => body.items.map((item) => item.id);
    const first = await page('before=7&limit=3');
    expect([ids(first), first.more, first.next]).toEqual([['i6', 'i5', 'i4'], true, 4]);
    const second = await page('before=4&limit=3');
    expect([ids(second), second.more]).toEqual([['i3', 'i2', 'i1'], false]);
    expect(ids(await page('section=sports'))).toEqual(['i6', 'i4', 'i2']);
    expect((await fetch(`${server.origin}/v1/feed/history?edition=en&before=x&limit=0`)).status).toBe(400);
  });

  test('HT-3: the item endpoint answers with the item, its tombstone, or 404', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    log.publish('b', facets());
    log.retract('b', 'A line about b was wrong.');
    await using server = await serveFanout(log);
    expect(await (await fetch(`${server.origin}/v1/feed/items/a`)).json()).toMatchObject({ id: 'a', status: 'usable' });
    const gone = await fetch(`${server.origin}/v1/feed/items/b`);
    expect([gone.status, (await gone.json()).notice]).toEqual([410, 'A line about b was wrong.']);
    expect((await fetch(`${server.origin}/v1/feed/items/c`)).status).toBe(404);
    for (const [id, status] of [
      [idOf(1), 'expired'],
      [idOf(2), 'withheld'],
    ] as const) {
      log.publish(id, facets(), 'A line that is over');
      if (status === 'expired') log.expire(id);
      else log.withhold(id);
      const over = await fetch(`${server.origin}/v1/feed/items/${id}`);
      expect([over.status, await over.json()]).toEqual([410, expect.objectContaining({ id, status })]);
    }
  });

  test('answers from memory continue while the log is unreachable, and other reads get 503', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log);
    log.lose();
    expect(await (await fetch(`${server.origin}/v1/feed.json?edition=en`)).json()).toMatchObject({
      stale: true,
      seq: 1,
    });
    const history = await fetch(`${server.origin}/v1/feed/history?edition=en`);
    expect([history.status, history.headers.get('retry-after')]).toEqual([503, '2']);
  });

  test('HT-4: the head endpoint has the head of every edition with its hash', async () => {
    const log = new MemoryLog();
    const { hash } = log.publish('a', facets());
    await using server = await serveFanout(log);
    const response = await fetch(`${server.origin}/v1/log/head`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { editions } = (await response.json()) as { editions: Record<string, unknown> };
    expect(editions['en']).toEqual({ epoch: 'epochone', seq: 1, hash });
    const one = await fetch(`${server.origin}/v1/log/head?edition=en`);
    expect(await one.json()).toEqual({ editions: { en: editions['en'] } });
    expect((await fetch(`${server.origin}/v1/log/head?edition=tlh`)).status).toBe(400);
  });

  test('paths that do not belong to the feed are left to other handlers', async () => {
    await using server = await serveFanout(new MemoryLog());
    expect((await fetch(`${server.origin}/v1/items`)).status).toBe(404);
  });
});
