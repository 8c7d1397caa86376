import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Running, startFlashwire, testKey } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';

/** Row 43: which pages may read the feed, through every endpoint, and that only its own pages may read the desk. */
let listed: Running;
let open: Running;

beforeAll(async () => {
  const start = (more: Record<string, string>) =>
    startFlashwire('all', { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix(), ...more });
  [listed, open] = await Promise.all([
    start({
      FLASHWIRE_ALLOWED_ORIGINS: 'https://good.example, https://news.example:8443',
      FLASHWIRE_PUBLIC_URL: 'https://own.example',
    }),
    start({}),
  ]);
});

afterAll(async () => {
  await listed[Symbol.asyncDispose]();
  await open[Symbol.asyncDispose]();
});

/** 101, or the status of the refusal. */
function upgrade(url: string, origin: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/feed?edition=en`, {
      headers: { ...(origin !== undefined && { origin }) },
    });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (asking, answer) => {
      asking.destroy();
      resolve(answer.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}

interface Answer {
  readonly status: number;
  readonly allowed: string | undefined;
  readonly credentials: string | undefined;
  readonly vary: string | undefined;
}

function ask(url: string, path: string, origin: string | undefined, method = 'GET', more = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { ...(origin !== undefined && { origin }), ...more };
    const asking = request(url + path, { method, headers, agent: false }, ({ statusCode = 0, headers: said }) => {
      asking.destroy();
      resolve({
        status: statusCode,
        allowed: said['access-control-allow-origin'],
        credentials: said['access-control-allow-credentials'],
        vary: said.vary,
      });
    });
    asking.on('error', reject);
    asking.end();
  });
}

const streams = ['/v1/feed.sse?edition=en', '/v1/feed.poll?edition=en&wait=0'];

describe('a list of origins', () => {
  test.each([['https://good.example'], ['https://news.example:8443'], ['https://own.example'], [undefined]])(
    'a list of origins allows %s',
    async (origin) => {
      expect(await upgrade(listed.url, origin)).toBe(101);
      for (const path of [...streams, '/v1/feed.json?edition=en', '/v1/feed?edition=en']) {
        const answer = await ask(listed.url, path, origin);
        expect(answer, path).toMatchObject({ status: 200, credentials: undefined });
        expect(answer.allowed, path).toBe(origin);
        expect(answer.vary, path).toMatch(/Origin/);
      }
    },
  );

  test.each([
    ['a subdomain', 'https://sub.good.example'],
    ['a name that begins with it', 'https://good.example.evil.example'],
    ['a name that ends with it', 'https://evilgood.example'],
    ['another character in place of the dot', 'https://goodXexample'],
    ['another scheme', 'http://good.example'],
    ['no scheme', 'good.example'],
    ['another port', 'https://good.example:8443'],
    ['the default port', 'https://good.example:443'],
    ['no port where one is listed', 'https://news.example'],
    ['a trailing dot', 'https://good.example.'],
    ['capitals, as no browser sends it', 'https://GOOD.example'],
    ['a path', 'https://good.example/'],
    ['a user', 'https://user@good.example'],
    ['the name as the user part', 'https://good.example@evil.example'],
    ['two of them', 'https://good.example, https://evil.example'],
    ['two listed ones', 'https://good.example, https://news.example:8443'],
    ['null', 'null'],
    ['nothing', ''],
    ['a star', '*'],
    ['a file', 'file://'],
    ['an extension', 'chrome-extension://good.example'],
    ['a look-alike', 'https://g\u00f3od.example'],
    ['the server itself by another name', 'https://127.0.0.1'],
    ['the name of an object property', 'constructor'],
  ])('a list of origins refuses %s', async (_name, origin) => {
    expect(await upgrade(listed.url, origin)).toBe(403);
    for (const path of streams)
      expect(await ask(listed.url, path, origin), path).toMatchObject({ status: 403, allowed: undefined });
    for (const path of ['/v1/feed.json?edition=en', '/v1/feed?edition=en'])
      expect((await ask(listed.url, path, origin)).allowed, path).toBeUndefined();
    const preflight = { 'access-control-request-method': 'GET' };
    expect((await ask(listed.url, '/v1/feed.json?edition=en', origin, 'OPTIONS', preflight)).allowed).toBeUndefined();
  });
});

describe('a feed that is open to all origins', () => {
  test.each([['https://any.example'], ['null'], [undefined]])(
    'an open feed allows %s, without credentials',
    async (origin) => {
      expect(await upgrade(open.url, origin)).toBe(101);
      for (const path of [...streams, '/v1/feed.json?edition=en']) {
        const answer = await ask(open.url, path, origin);
        expect(answer, path).toMatchObject({ status: 200, allowed: '*', credentials: undefined });
      }
    },
  );
});

test('no page of another origin may read the desk, whatever origins may read the feed', async () => {
  const key = { authorization: `Bearer ${testKey}` };
  for (const path of ['/v1/items', '/v1/session', '/v1/keys', '/v1/audit', '/v1/openapi.json', '/desk', '/desk.js'])
    for (const { url } of [listed, open])
      for (const origin of ['https://good.example', 'https://evil.example', 'null'])
        for (const method of ['GET', 'OPTIONS']) {
          const more = { ...key, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x' };
          const answer = await ask(url, path, origin, method, more);
          expect(answer, `${method} ${path} from ${origin}`).toMatchObject({
            allowed: undefined,
            credentials: undefined,
          });
        }
});
