import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { desk, type Running, startFlashwire, testKey, until } from '../resources/flashwire.ts';
import { watchLateness } from '../resources/lateness.ts';
import { ownPrefix } from '../resources/redis-server.ts';

/** Row 42: a key that is revoked at one API process is refused by every other process, and so are its sessions. */
let one: Running;
let other: Running;
const env = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix() };

beforeAll(async () => {
  [one, other] = await Promise.all([startFlashwire('api', env), startFlashwire('api', env)]);
});

afterAll(async () => {
  await one[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

async function signIn(url: string, key: string): Promise<string> {
  const answer = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ key }),
  });
  expect(answer.status).toBe(200);
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

const read = (url: string, headers: Record<string, string>) =>
  fetch(`${url}/v1/session`, { headers }).then(({ status }) => status);

test('a revoked key and its sessions are refused by every process within 5 s', async () => {
  const { body } = await desk(one.url, 'POST', '/v1/keys', { name: 'Night desk', role: 'editor' });
  const { keyId, token } = body as { keyId: string; token: string };
  const authorization = `Bearer ${token}`;
  const cookie = await signIn(other.url, token);
  for (const { url } of [one, other]) {
    expect(await read(url, { authorization })).toBe(200);
    expect(await read(url, { cookie })).toBe(200);
  }
  expect((await desk(one.url, 'DELETE', `/v1/keys/${keyId}`)).status).toBe(204);
  const lateness = watchLateness();
  const revokedAt = performance.now();
  const all = [one, other].flatMap(({ url }) => [read(url, { authorization }), read(url, { cookie })]);
  expect(await Promise.all(all)).toEqual([401, 401, 401, 401]);
  expect(performance.now() - revokedAt).toBeLessThan(5_000 + lateness());
  const retract = await fetch(`${other.url}/v1/items/01K/retract`, {
    method: 'POST',
    headers: { cookie, origin: other.url, 'content-type': 'application/json' },
    body: '{"reason":"x"}',
  });
  expect(retract.status).toBe(401);
});

test('the sessions of a key end when it expires', async () => {
  const expiresAt = new Date(Date.now() + 5_000).toISOString();
  const { body } = await desk(one.url, 'POST', '/v1/keys', { name: 'For a moment', role: 'editor', expiresAt });
  const cookie = await signIn(one.url, String(body['token']));
  expect(await read(other.url, { cookie })).toBe(200);
  await until(async () => (await read(other.url, { cookie })) === 401, 15_000, 'the session has ended');
  // Each process knows Redis' clock to within some milliseconds.
  const atOne = { authorization: `Bearer ${body['token']}` };
  await until(async () => (await read(one.url, atOne)) === 401, 5_000, 'the key has ended');
});

test('a session that has signed out is refused by every process', async () => {
  const cookie = await signIn(one.url, testKey);
  const out = await fetch(`${one.url}/v1/session`, { method: 'DELETE', headers: { cookie, origin: one.url } });
  expect(out.status).toBe(204);
  expect(out.headers.get('set-cookie')).toMatch(/^fw_session=; .*Max-Age=0/);
  expect(await read(other.url, { cookie })).toBe(401);
});

test('a new bootstrap key with the same id ends the sessions of the old one', async () => {
  const own = { ...env, FLASHWIRE_REDIS_PREFIX: ownPrefix() };
  let cookie: string;
  {
    await using before = await startFlashwire('api', own);
    cookie = await signIn(before.url, testKey);
    expect(await read(before.url, { cookie })).toBe(200);
  }
  await using after = await startFlashwire('api', { ...own, FLASHWIRE_BOOTSTRAP_KEY: `fw_test1_${'n'.repeat(40)}` });
  expect(await read(after.url, { cookie })).toBe(401);
});
