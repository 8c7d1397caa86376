import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { desk, type Running, startFlashwire, testKey } from '../resources/flashwire.ts';
import { fetchPage } from '../resources/page.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { useBrowser, visit } from '../ui/browser.ts';

/** Row 44: requests that a page of another site can make the browser of a signed-in editor send. */
let site: Running;
let cookie: string;

beforeAll(async () => {
  site = await startFlashwire('all', { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix() });
  cookie = (await signIn(site.url)).split(';')[0] ?? '';
});

afterAll(() => site[Symbol.asyncDispose]());

async function signIn(url: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ key: testKey }),
  });
  return answer.headers.get('set-cookie') ?? '';
}

const json = 'application/json';
const line = '{"edition":"en","headline":"Forged"}';
const items = async () => (await desk(site.url, 'GET', '/v1/items?edition=en')).body['items'];
const own = () => ({ origin: site.url, 'sec-fetch-site': 'same-origin' });

describe('requests with a session cookie', () => {
  test.each<[string, string, string, Record<string, string>, number]>([
    [
      'a form of type text/plain',
      'text/plain',
      line,
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      403,
    ],
    ['an urlencoded form', 'application/x-www-form-urlencoded', 'headline=x', { origin: 'https://evil.example' }, 403],
    ['a multipart form', 'multipart/form-data; boundary=x', '--x--', { origin: 'https://evil.example' }, 403],
    ['JSON from another site', json, line, { 'sec-fetch-site': 'cross-site' }, 403],
    ['JSON from a sibling domain', json, line, { 'sec-fetch-site': 'same-site' }, 403],
    ['the origin null', json, line, { origin: 'null' }, 403],
    ['an empty origin', json, line, { origin: '' }, 403],
    ['an origin whose name begins with ours', json, line, { origin: 'http://127.0.0.1.evil.example' }, 403],
    ['our name at another port', json, line, { origin: 'http://127.0.0.1:1' }, 403],
    ['our name as the user part', json, line, { origin: 'http://127.0.0.1@evil.example' }, 403],
    ['no origin at all', json, line, {}, 403],
    ['two headers that disagree', json, line, { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, 403],
    ['that lies in the other', json, line, { 'sec-fetch-site': 'cross-site', origin: 'own' }, 403],
    ['of a form on the desk itself, text/plain', 'text/plain', line, { origin: 'own' }, 415],
    ['of a form on the desk itself, urlencoded', 'application/x-www-form-urlencoded', 'a=b', { origin: 'own' }, 415],
    ['with a type that hides JSON', 'text/plain; application/json', line, { origin: 'own' }, 415],
  ])('a request with a session cookie is refused: %s', async (_name, type, body, headers, status) => {
    const said = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === 'own' ? site.url : value]),
    );
    const before = await items();
    for (const [method, path] of [
      ['POST', '/v1/items'],
      ['POST', '/v1/keys'],
      ['PUT', '/v1/stop'],
      ['POST', '/v1/test/items'],
    ] as const) {
      const answer = await fetch(site.url + path, { method, headers: { cookie, 'content-type': type, ...said }, body });
      expect(answer.status, `${method} ${path}`).toBe(status);
    }
    expect(await items()).toEqual(before);
  });

  test('a request from another site with a session cookie reads nothing and does not sign out', async () => {
    const foreign = { cookie, 'sec-fetch-site': 'same-site' };
    for (const path of ['/v1/items', '/v1/keys', '/v1/audit?format=csv', '/v1/session'])
      expect((await fetch(site.url + path, { headers: foreign })).status, path).toBe(403);
    expect((await fetch(`${site.url}/v1/session`, { method: 'DELETE', headers: foreign })).status).toBe(403);
    expect((await fetch(`${site.url}/v1/session`, { headers: { cookie } })).status).toBe(200);
  });

  test('a request of the desk itself with a session cookie is accepted', async () => {
    const headers = { cookie, 'content-type': json, ...own() };
    const answer = await fetch(`${site.url}/v1/test/items`, { method: 'POST', headers, body: line });
    expect(answer.status).toBe(202);
  });

  test('a wrong key is refused even with a session cookie, and a key needs no origin', async () => {
    const send = (headers: Record<string, string>) =>
      fetch(`${site.url}/v1/session`, { headers }).then(({ status }) => status);
    expect(await send({ cookie, authorization: 'Bearer x', ...own() })).toBe(401);
    expect(await send({ authorization: `Bearer ${testKey}`, origin: 'https://evil.example' })).toBe(200);
  });
});

test('a page of another site cannot sign an editor in', async () => {
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }])
    expect(await signIn(site.url, headers)).toBe('');
});

test('the session cookie cannot be read by scripts, sent to other sites or set by a sibling domain', async () => {
  expect(await signIn(site.url)).toMatch(/^fw_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  await using secure = await startFlashwire('api', {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: ownPrefix(),
    FLASHWIRE_PUBLIC_URL: 'https://news.example',
  });
  const set = await signIn(secure.url);
  expect(set).toMatch(/^__Host-fw_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/);
  const token = /=([\w-]{43})/.exec(set)?.[1] ?? '';
  const status = (name: string) =>
    fetch(`${secure.url}/v1/session`, { headers: { cookie: `${name}=${token}` } }).then((answer) => answer.status);
  expect(await status('__Host-fw_session')).toBe(200);
  expect(await status('fw_session')).toBe(401);
});

test.each([
  ['none is trusted', '', 'fw_session', [200, 200]],
  ['it is trusted', '1', '__Host-fw_session', [200, 403]],
])('X-Forwarded-Proto decides on cookie, origin and links where %s', async (_name, trust, cookieName, statuses) => {
  await using proxied = await startFlashwire('all', {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: ownPrefix(),
    FLASHWIRE_TRUST_PROXY: trust,
  });
  const headers = { 'x-forwarded-proto': 'https' };
  const set = await signIn(proxied.url, headers);
  expect([set.split('=')[0], set.endsWith('; Secure')]).toEqual([cookieName, trust !== '']);
  const withCookie = { ...headers, cookie: set.split(';')[0] ?? '' };
  const { host } = new URL(proxied.url);
  const asked = ['https', 'http'].map((scheme) =>
    fetch(`${proxied.url}/v1/session`, { headers: { ...withCookie, origin: `${scheme}://${host}` } }),
  );
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(statuses);
  const feed = await (await fetchPage(`${proxied.url}/feeds/en.rss`, { headers })).text();
  expect(feed).toContain(`<link>${trust === '' ? 'http' : 'https'}://${host}/live/en</link>`);
});

describe('cross-site pages in Chromium', () => {
  const browser = useBrowser();

  /** Every request that needs no preflight, including three kinds of form. */
  const attack = (target: string) => `<!doctype html><body><script>
    const send = (init) => fetch('${target}/v1/items', { method: 'POST', credentials: 'include', body: '${line}', ...init }).catch(() => {});
    const form = (enctype) => {
      const form = Object.assign(document.createElement('form'), { method: 'post', enctype, action: '${target}/v1/items', target: enctype });
      const frame = Object.assign(document.createElement('iframe'), { name: enctype });
      const done = new Promise((resolve) => { frame.onload = resolve; });
      form.append(Object.assign(document.createElement('input'), { name: '{"edition":"en","headline":"Forged","x":"', value: '"}' }));
      document.body.append(frame, form);
      form.submit();
      return done;
    };
    Promise.all([
      send({ mode: 'no-cors' }),
      send({ mode: 'no-cors', headers: { 'content-type': 'text/plain' } }),
      send({ mode: 'cors', headers: { 'content-type': 'application/json' } }),
      send({ mode: 'cors', referrerPolicy: 'no-referrer' }),
      form('text/plain'), form('multipart/form-data'), form('application/x-www-form-urlencoded'),
      navigator.sendBeacon('${target}/v1/items', '${line}'),
      fetch('${target}/v1/items?edition=en', { credentials: 'include' }).then((a) => a.text()).then((t) => { document.title = 'read ' + t; }, () => {}),
    ]).then(() => { document.body.dataset.done = 'yes'; });
  </script>`;

  test.each([
    ['another site', 'localhost'],
    ['another port of the same site, to which the cookie goes', '127.0.0.1'],
  ])('a page of %s cannot publish or read for a signed-in editor', async (_name, host) => {
    const sent: (string | undefined)[] = [];
    // A proxy in between, to see what the browser sends.
    const evil = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(attack(site.url));
    }).listen(0);
    try {
      await using visited = await visit(browser(), `${site.url}/desk#key=${testKey}`);
      await visited.page.locator('.composer textarea').waitFor();
      visited.page.on('response', (answer) => {
        if (answer.request().method() === 'POST') sent.push(String(answer.status()));
      });
      const before = await items();
      await visited.page.goto(`http://${host}:${(evil.address() as AddressInfo).port}/`);
      await visited.page.locator('body[data-done]').waitFor({ timeout: 10_000 });
      await expect.poll(() => sent.length).toBeGreaterThanOrEqual(5); // forms and beacons have no event at their end
      expect(sent.every((status) => status === '401' || status === '403')).toBe(true);
      expect(await visited.page.title()).not.toContain('read');
      expect(await items()).toEqual(before);
      await visited.page.goto(`${site.url}/desk`);
      await visited.page.locator('.composer textarea').waitFor(); // still signed in
    } finally {
      evil.close();
      evil.closeAllConnections();
    }
  });
});
