import { describe, expect, inject, test, vi } from 'vitest';
import { channelsOf } from '../../../src/log/redis/redis-keys.ts';
import { desk, until } from '../../resources/flashwire.ts';
import { connect } from '../../resources/redis-server.ts';
import { type RunningApi, startApi } from '../start-api.ts';
import { openStream } from '../stream/desk-stream.ts';

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

interface Row {
  readonly id: string;
  readonly keyId: string;
  readonly name: string;
  readonly isCurrent: boolean;
  readonly startedAt?: string;
  readonly lastSeenAt?: string;
  readonly browser?: string;
}

const open = () => startApi(inject('redisUrl'), { workers: false });

async function make(api: RunningApi, name: string, more: object = {}) {
  const { body } = await desk(api.url, 'POST', '/v1/keys', { name, role: 'editor', ...more });
  return body as { keyId: string; token: string };
}

async function signIn(api: RunningApi, key: string, userAgent = firefox): Promise<string> {
  const answer = await fetch(`${api.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: api.url, 'user-agent': userAgent },
    body: JSON.stringify({ key }),
  });
  expect(answer.status).toBe(200);
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

const status = (api: RunningApi, cookie: string) =>
  fetch(`${api.url}/v1/session`, { headers: { cookie } }).then((answer) => answer.status);

async function sessionsOf(api: RunningApi, headers: Record<string, string> = {}, query = '') {
  const { body } = await desk(api.url, 'GET', `/v1/sessions${query}`, undefined, headers);
  return body['sessions'] as readonly Row[];
}

describe('open sessions', () => {
  test('an admin sees every open session: whose, since when, last seen, in which browser', async () => {
    await using api = await open();
    const nour = await make(api, 'Nour Haddad');
    const cookie = await signIn(api, nour.token);
    await signIn(api, `fw_test1_${'k'.repeat(40)}`, 'curl/8');
    const listed = await sessionsOf(api);
    expect(listed).toHaveLength(2);
    const row = listed.find(({ keyId }) => keyId === nour.keyId);
    expect(row).toMatchObject({ name: 'Nour Haddad', role: 'editor', browser: 'Firefox · Linux', isCurrent: false });
    expect(Math.abs(Date.parse(row?.startedAt ?? '') - Date.now())).toBeLessThan(60_000);
    expect(Math.abs(Date.parse(row?.lastSeenAt ?? '') - Date.now())).toBeLessThan(60_000);
    const bootstrap = listed.find(({ name }) => name === 'Bootstrap key');
    expect(bootstrap).not.toHaveProperty('browser');
    expect(await sessionsOf(api, {}, `?key=${nour.keyId}`)).toEqual([row]);
    await fetch(`${api.url}/v1/session`, { method: 'DELETE', headers: { cookie, origin: api.url } });
    expect((await sessionsOf(api)).map(({ name }) => name)).toEqual(['Bootstrap key']);
  });

  test('the session that asks is marked as the current one', async () => {
    await using api = await open();
    const { token } = await make(api, 'Admin', { role: 'admin' });
    const cookies = [await signIn(api, token), await signIn(api, token)];
    const answer = await fetch(`${api.url}/v1/sessions`, { headers: { cookie: cookies[1] ?? '' } });
    const { sessions: listed } = (await answer.json()) as { sessions: readonly Row[] };
    expect(listed.map(({ isCurrent }) => isCurrent).sort()).toEqual([false, true]);
  });

  test('no answer has a token, and the id of a session is not one', async () => {
    await using api = await open();
    const { token } = await make(api, 'Nour Haddad');
    const cookie = await signIn(api, token);
    const listed = await sessionsOf(api);
    expect(JSON.stringify(listed)).not.toContain(cookie.slice('fw_session='.length));
    expect(await status(api, cookie)).toBe(200);
    expect(await status(api, `fw_session=${listed[0]?.id}`)).toBe(401);
    const bearer = { authorization: `Bearer ${listed[0]?.id}` };
    expect((await desk(api.url, 'GET', '/v1/session', undefined, bearer)).status).toBe(401);
  });

  test('an admin ends one session, the other goes on, and the audit trail says whose', async () => {
    await using api = await open();
    const { keyId, token } = await make(api, 'Nour Haddad');
    const cookies = [await signIn(api, token), await signIn(api, token)];
    const [first, second] = await sessionsOf(api);
    expect((await desk(api.url, 'DELETE', `/v1/sessions/${first?.id}`)).status).toBe(204);
    expect((await desk(api.url, 'DELETE', `/v1/sessions/${first?.id}`)).status).toBe(404);
    expect((await desk(api.url, 'DELETE', '/v1/sessions/nothing')).status).toBe(404);
    expect((await Promise.all(cookies.map((cookie) => status(api, cookie)))).sort()).toEqual([200, 401]);
    expect(await sessionsOf(api)).toEqual([second]);
    const { body } = await desk(api.url, 'GET', '/v1/audit');
    const [event] = body['events'] as readonly object[];
    expect(event).toMatchObject({
      action: 'end-session',
      name: 'Bootstrap key',
      detail: `${keyId} editor Nour Haddad`,
    });
  });

  test('only an admin sees and ends sessions, and an admin of some editions only those of keys that the admin manages', async () => {
    await using api = await open();
    const [here, there] = [await make(api, 'En', { editions: ['en'] }), await make(api, 'Es', { editions: ['es'] })];
    for (const { token } of [here, there]) await signIn(api, token);
    await signIn(api, `fw_test1_${'k'.repeat(40)}`);
    const admin = await make(api, 'Admin of en', { role: 'admin', editions: ['en'] });
    const by = { authorization: `Bearer ${admin.token}` };
    expect((await sessionsOf(api, by)).map(({ name }) => name)).toEqual(['En']);
    const foreign = (await sessionsOf(api)).filter(({ name }) => name !== 'En');
    expect(foreign).toHaveLength(2);
    for (const { id } of foreign)
      expect((await desk(api.url, 'DELETE', `/v1/sessions/${id}`, undefined, by)).status).toBe(404);
    const asEditor = { authorization: `Bearer ${here.token}` };
    expect((await desk(api.url, 'GET', '/v1/sessions', undefined, asEditor)).status).toBe(403);
    expect((await desk(api.url, 'DELETE', '/v1/sessions/x', undefined, asEditor)).status).toBe(403);
  });

  test('the sessions of a revoked key are over', async () => {
    await using api = await open();
    const { keyId, token } = await make(api, 'Nour Haddad');
    await signIn(api, token);
    expect(await sessionsOf(api)).toHaveLength(1);
    await desk(api.url, 'DELETE', `/v1/keys/${keyId}`);
    expect(await sessionsOf(api)).toEqual([]);
  });

  test('the session of an open desk stays in use, with one write a minute', async () => {
    await using api = await open();
    const { keyId, token } = await make(api, 'Nour Haddad');
    const cookie = await signIn(api, token);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await using stream = await openStream(api.url, 'edition=en', { cookie });
      await stream.next('snapshot');
      const [key = ''] = await api.redis.lrange(`${api.prefix}:sessions:${keyId}`, 0, 0);
      const parts = ((await api.redis.get(key)) ?? '').split(':');
      await api.redis.set(key, parts.with(3, '1').join(':'), 'KEEPTTL');
      const isSeen = async () => Date.parse((await sessionsOf(api))[0]?.lastSeenAt ?? '') > 1;
      vi.advanceTimersByTime(59_000);
      expect(await isSeen()).toBe(false);
      vi.advanceTimersByTime(1_500);
      await until(isSeen, 5_000, 'its use is noted');
      expect(await api.redis.ttl(key)).toBeGreaterThan(11 * 3_600);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a session of the last version is valid, and is listed without what that version did not store', async () => {
    await using api = await open();
    const { keyId, token } = await make(api, 'Nour Haddad');
    const cookie = await signIn(api, token);
    const [key = ''] = await api.redis.lrange(`${api.prefix}:sessions:${keyId}`, 0, 0);
    const stored = (await api.redis.get(key)) ?? '';
    await api.redis.set(key, stored.split(':').slice(0, 2).join(':'), 'KEEPTTL');
    expect(await sessionsOf(api)).toEqual([expect.not.objectContaining({ startedAt: expect.anything() })]);
    expect(await status(api, cookie)).toBe(200);
    await until(async () => (await sessionsOf(api))[0]?.lastSeenAt !== undefined, 5_000, 'its use is noted');
    expect(await api.redis.ttl(key)).toBeGreaterThan(11 * 3_600);
  });
});

test('revocation, sign-out and the end of a session are published to every API process', async () => {
  await using api = await open();
  using follower = connect(inject('redisUrl'));
  const heard: string[] = [];
  follower.redis.on('message', (_channel, message: string) => heard.push(message));
  await follower.redis.subscribe(channelsOf(follower.redis, api.prefix).desk);
  const { keyId, token } = await make(api, 'Nour Haddad');
  const [out] = [await signIn(api, token), await signIn(api, token)];
  const ids = (await sessionsOf(api)).map(({ id }) => id);
  await fetch(`${api.url}/v1/session`, { method: 'DELETE', headers: { cookie: out ?? '', origin: api.url } });
  const [left] = await sessionsOf(api);
  await desk(api.url, 'DELETE', `/v1/sessions/${left?.id}`);
  await desk(api.url, 'DELETE', `/v1/keys/${keyId}`);
  await until(() => heard.length === 3, 10_000, 'all three are heard');
  const signedOut = ids.find((id) => id !== left?.id);
  expect(heard).toEqual([`session ${signedOut}`, `session ${left?.id}`, `key ${keyId}`]);
});
