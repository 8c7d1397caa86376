import { describe, expect, inject, test } from 'vitest';
import { createSessions } from '../../src/api/access/session.ts';
import { verifyEdition } from '../../src/log/trail/verify.ts';
import { desk, until } from '../resources/flashwire.ts';
import { site } from '../resources/site.ts';
import { type RunningApi, startApi } from './start-api.ts';

const open = () => startApi(inject('redisUrl'));
const waits = { prefer: 'wait=5' };
const line = { edition: 'en', headline: 'The new bridge opens tonight' };

describe('keys', () => {
  test('only an admin creates, lists and revokes keys, and the list has no secret', async () => {
    await using api = await open();
    const made = await desk(api.url, 'POST', '/v1/keys', { name: 'Night desk', role: 'editor', editions: ['en'] });
    expect(made.status).toBe(201);
    const { keyId, token } = made.body as { keyId: string; token: string };
    const as = { authorization: `Bearer ${token}` };
    expect((await desk(api.url, 'POST', '/v1/items', line, as)).status).toBe(202);
    expect((await desk(api.url, 'GET', '/v1/keys', undefined, as)).status).toBe(403);
    expect((await desk(api.url, 'POST', '/v1/keys', { name: 'x', role: 'admin' }, as)).status).toBe(403);
    const listed = await desk(api.url, 'GET', '/v1/keys');
    expect(listed.body['keys']).toMatchObject([{ keyId, name: 'Night desk', role: 'editor', editions: ['en'] }]);
    expect(JSON.stringify(listed.body)).not.toContain(token.slice(`fw_${keyId}_`.length));
    expect((await desk(api.url, 'DELETE', `/v1/keys/${keyId}`)).status).toBe(204);
    expect((await desk(api.url, 'POST', '/v1/items', line, as)).status).toBe(401);
    expect((await desk(api.url, 'GET', '/v1/keys')).body['keys']).toMatchObject([{ revokedAt: expect.any(String) }]);
    expect((await desk(api.url, 'DELETE', '/v1/keys/nosuchkey')).status).toBe(404);
  });

  test('the list of keys shows the last use, by a program or a session', async () => {
    await using api = await open();
    const make = async (name: string) =>
      (await desk(api.url, 'POST', '/v1/keys', { name, role: 'editor' })).body as { keyId: string; token: string };
    const [sent, signedIn, unused] = [await make('A program'), await make('A desk'), await make('Nobody')];
    const listed = async () => (await desk(api.url, 'GET', '/v1/keys')).body['keys'] as Record<string, string>[];
    const used = async () => (await listed()).filter(({ lastUsedAt }) => lastUsedAt).map(({ keyId }) => keyId);
    expect(await used()).toEqual([]);
    const wrong = { authorization: `Bearer ${unused.token}x` };
    expect((await desk(api.url, 'GET', '/v1/items?edition=en', undefined, wrong)).status).toBe(401);
    await desk(api.url, 'GET', '/v1/items?edition=en', undefined, { authorization: `Bearer ${sent.token}` });
    await desk(api.url, 'POST', '/v1/session', { key: signedIn.token }, { authorization: '' });
    await expect.poll(async () => (await used()).sort()).toEqual([sent.keyId, signedIn.keyId].sort());
    const [first] = (await listed()).filter(({ keyId }) => keyId === sent.keyId);
    expect(Math.abs(Date.parse(first?.['lastUsedAt'] ?? '') - Date.now())).toBeLessThan(60_000);
  });

  test('the API says what each role may do', async () => {
    await using api = await open();
    const rights = { reporter: [], editor: ['publish'], admin: ['publish', 'manage'] };
    const { roles } = (await desk(api.url, 'GET', '/v1/keys')).body;
    expect(roles).toEqual(Object.entries(rights).map(([role, may]) => ({ role, may })));
    for (const [role, may] of Object.entries(rights)) {
      const { body } = await desk(api.url, 'POST', '/v1/keys', { name: 'One', role });
      const as = { authorization: `Bearer ${body['token']}` };
      expect((await desk(api.url, 'GET', '/v1/session', undefined, as)).body).toMatchObject({ role, may });
    }
  });

  test.each(['fr', 'en', 0])('a new key with 5,000 editions is refused early (%j)', async (edition) => {
    await using api = await open();
    const body = { name: 'Night desk', role: 'editor', editions: Array.from({ length: 5_000 }, () => edition) };
    const answer = await desk(api.url, 'POST', '/v1/keys', body);
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toEqual([{ pointer: '/editions', detail: 'must have at most 3 entries' }]);
  });

  test('a wrong new key is refused with every fault', async () => {
    await using api = await open();
    const { status, body } = await desk(api.url, 'POST', '/v1/keys', {
      name: ' ',
      role: 'boss',
      editions: ['fr'],
      expiresAt: 'soon',
      secret: 'x',
    });
    expect(status).toBe(422);
    expect((body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual([
      '/editions/0',
      '/expiresAt',
      '/name',
      '/role',
      '/secret',
    ]);
  });

  test('a key cannot expire in the past', async () => {
    await using api = await open();
    for (const expiresAt of [
      '1970-01-01T00:00:00Z',
      '0001-01-01T00:00:00Z',
      new Date(Date.now() - 60_000).toISOString(),
    ])
      expect(await desk(api.url, 'POST', '/v1/keys', { name: 'Guest', role: 'editor', expiresAt })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/expiresAt' }] },
      });
  });
});

describe('STOP', () => {
  test('STOP holds publishes and corrections in order, and never hide or retract', async () => {
    await using api = await open();
    const out = await desk(api.url, 'POST', '/v1/items', line, waits);
    const second = await desk(api.url, 'POST', '/v1/items', { ...line, headline: 'Another line' }, waits);
    const stopped = await desk(api.url, 'PUT', '/v1/stop', { stopped: true, reason: 'A hoax' });
    expect(stopped).toMatchObject({ status: 200, body: { stopped: true, by: 'Bootstrap key', reason: 'A hoax' } });
    const held = [
      await desk(api.url, 'POST', '/v1/items', { ...line, headline: 'First held' }),
      await desk(api.url, 'POST', '/v1/items', { ...line, headline: 'Second held' }),
    ];
    const id = String(out.body['id']);
    const correction = { ...line, headline: 'Put right', correction: { kind: 'corrected', note: 'It was wrong.' } };
    const corrected = await desk(api.url, 'PUT', `/v1/items/${second.body['id']}`, correction, { 'if-match': '"1"' });
    expect((await desk(api.url, 'POST', `/v1/items/${id}/withhold`, {}, waits)).status).toBe(200);
    expect((await desk(api.url, 'POST', `/v1/items/${id}/retract`, { reason: 'Hoax' }, waits)).status).toBe(200);
    const stateOf = async ({ body }: { body: Record<string, unknown> }) =>
      (await desk(api.url, 'GET', String(body['statusUrl']))).body['state'];
    expect(await Promise.all([...held, corrected].map(stateOf))).toEqual(['queued', 'queued', 'queued']);
    expect((await desk(api.url, 'GET', '/v1/stop')).body).toMatchObject({ stopped: true });
    expect((await desk(api.url, 'PUT', '/v1/stop', { stopped: false })).body).toEqual({ stopped: false });
    const seqs = async () =>
      Promise.all(
        [...held, corrected].map(
          async ({ body }) => (await desk(api.url, 'GET', String(body['statusUrl']))).body['seq'],
        ),
      );
    await until(async () => (await seqs()).every((seq) => typeof seq === 'number'), 5_000, 'all that was held is out');
    const order = (await seqs()) as number[];
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test('what STOP holds back is listed: new lines, corrections and releases, oldest first, until they are taken out', async () => {
    await using api = await open();
    const post = (headline: string) => desk(api.url, 'POST', '/v1/items', { ...line, headline }, waits);
    const idOf = ({ body }: { body: Record<string, unknown> }) => String(body['id']);
    const [corrected, hidden, quiet] = [await post('To correct'), await post('To show'), await post('To hide')];
    await desk(api.url, 'POST', `/v1/items/${idOf(hidden)}/withhold`, {}, waits);
    await desk(api.url, 'PUT', '/v1/stop', { stopped: true });
    const held = await desk(api.url, 'POST', '/v1/items', { ...line, headline: 'New', urgency: 'flash' });
    const correction = { ...line, headline: 'Corrected', correction: { kind: 'refile' } };
    await desk(api.url, 'PUT', `/v1/items/${idOf(corrected)}`, correction, { 'if-match': '"1"' });
    await desk(api.url, 'POST', `/v1/items/${idOf(hidden)}/release`, {});
    // None of these goes out with the release of STOP.
    await desk(api.url, 'POST', `/v1/items/${idOf(quiet)}/withhold`, {}, waits);
    await desk(api.url, 'POST', '/v1/items', { ...line, headline: 'Tomorrow', publishAt: new Date(Date.now() + 9e7) });
    await desk(api.url, 'POST', '/v1/items', { ...line, headline: 'Draft', state: 'draft' });
    const listed = async () => {
      const { body } = await desk(api.url, 'GET', '/v1/stop/held?edition=en');
      return (body['items'] as { id: string; kind: string }[]).map(({ id, kind }) => [id, kind]);
    };
    expect(await listed()).toEqual([
      [idOf(held), 'publish'],
      [idOf(corrected), 'correct'],
      [idOf(hidden), 'release'],
    ]);
    expect((await desk(api.url, 'GET', '/v1/stop/held?edition=ar')).body['items']).toEqual([]);
    expect((await desk(api.url, 'GET', '/v1/stop/held?edition=xx')).status).toBe(400);
    await desk(api.url, 'DELETE', `/v1/items/${idOf(held)}`);
    await desk(api.url, 'POST', `/v1/items/${idOf(hidden)}/withhold`, {}, waits);
    expect(await listed()).toEqual([[idOf(corrected), 'correct']]);
    await desk(api.url, 'PUT', '/v1/stop', { stopped: false });
    await until(async () => (await listed()).length === 0, 5_000, 'all that was held is out');
  });

  test('what STOP holds back is listed while its own hold runs, and counted where the list has no room', async () => {
    await using api = await open();
    await desk(api.url, 'PUT', '/v1/stop', { stopped: true });
    const soon = new Date(Date.now() + 20_000).toISOString();
    await desk(api.url, 'POST', '/v1/items', { ...line, headline: 'Scheduled', publishAt: soon });
    await desk(api.url, 'POST', '/v1/items', { ...line, headline: 'Held', holdSeconds: 30 });
    const read = async () => (await desk(api.url, 'GET', '/v1/stop/held?edition=en')).body;
    const headlines = (items: unknown) => (items as { body: { headline: string } }[]).map(({ body }) => body.headline);
    const first = await read();
    expect(headlines(first['items'])).toEqual(['Held']);
    expect(first['more']).toBe(0);
    await Promise.all(
      Array.from({ length: 102 }, (_, at) => desk(api.url, 'POST', '/v1/items', { ...line, headline: `Line ${at}` })),
    );
    const full = await read();
    expect(full['items']).toHaveLength(100);
    // The two that are due last, and the scheduled one.
    expect(full['more']).toBe(4);
  });

  test('a key sees only what STOP holds in its own editions', async () => {
    await using api = await open();
    const { token } = await api.keys.create({ name: 'Arabic desk', role: 'editor', editions: ['ar'] });
    const as = { authorization: `Bearer ${token}` };
    expect((await desk(api.url, 'GET', '/v1/stop/held?edition=en', undefined, as)).status).toBe(403);
    expect((await desk(api.url, 'GET', '/v1/stop/held?edition=ar', undefined, as)).status).toBe(200);
  });

  test('a reporter cannot turn STOP', async () => {
    await using api = await open();
    const { token } = await api.keys.create({ name: 'Stringer', role: 'reporter' });
    const as = { authorization: `Bearer ${token}` };
    expect((await desk(api.url, 'PUT', '/v1/stop', { stopped: true }, as)).status).toBe(403);
    expect((await desk(api.url, 'PUT', '/v1/stop', { stopped: 'yes' })).status).toBe(422);
  });
});

describe('the audit trail', () => {
  const make = async (api: RunningApi, more: object) => {
    const { body } = await desk(api.url, 'POST', '/v1/keys', { name: 'One', role: 'editor', ...more });
    return { authorization: `Bearer ${body['token']}` };
  };
  const stop = (api: RunningApi, stopped: boolean, as: Record<string, string> = {}) =>
    desk(api.url, 'PUT', '/v1/stop', { stopped }, as);
  const actions = async (api: RunningApi) => {
    const { body } = await desk(api.url, 'GET', '/v1/audit?limit=200');
    return (body['events'] as { action: string }[]).map(({ action }) => action).reverse();
  };

  test('a key that is not for all editions can stop, but not release', async () => {
    await using api = await open();
    const all = site.editions.map(({ id }) => id);
    const [some, every] = [await make(api, { editions: ['en'] }), await make(api, { editions: all })];
    expect(await stop(api, true, some)).toMatchObject({ status: 200, body: { stopped: true } });
    expect(await stop(api, false, some)).toMatchObject({ status: 403, body: { type: '/problems/forbidden' } });
    expect((await desk(api.url, 'GET', '/v1/stop')).body['stopped']).toBe(true);
    expect(await stop(api, false, every)).toMatchObject({ status: 200, body: { stopped: false } });
  });

  test('a request that does not change STOP is not in the audit trail', async () => {
    await using api = await open();
    for (const stopped of [false, false, true, true, true, false, false]) await stop(api, stopped);
    expect(await actions(api)).toEqual(['stop', 'let-go']);
  });

  test('releases of STOP are limited per key, and do not limit pulling it', async () => {
    await using api = await open();
    const one = await make(api, {});
    const statuses: number[] = [];
    for (let turn = 0; turn < 25; turn++) statuses.push((await stop(api, false, one)).status);
    expect(statuses).toContain(429);
    expect(await stop(api, true, one)).toMatchObject({ status: 200, body: { stopped: true } });
    expect((await stop(api, false)).status).toBe(200);
  });

  test('sign-ins are limited per key, and have their own audit trail', async () => {
    await using api = await open();
    const [one, other] = [await make(api, {}), await make(api, {})];
    const signIn = (as: { authorization: string }) =>
      desk(api.url, 'POST', '/v1/session', { key: as.authorization.slice('Bearer '.length) }, { authorization: '' });
    const answers = await Promise.all(Array.from({ length: 130 }, () => signIn(one)));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    expect((await signIn(other)).status).toBe(200);
    const signIns = await api.redis.xlen(`${api.prefix}:{_sign-ins}:audit`);
    expect(signIns).toBe(answers.filter(({ status }) => status === 200).length + 1);
    expect(await api.redis.xlen(`${api.prefix}:{_site}:audit`)).toBe(2);
    expect(new Set(await actions(api))).toEqual(new Set(['create-key', 'sign-in']));
    for (const trail of ['_site', '_sign-ins'])
      expect(await verifyEdition(api.redis, api.prefix, trail)).not.toHaveProperty('eventsSince');
  });

  test('a key has at most a hundred sessions, and a new one ends the oldest', async () => {
    await using api = await open();
    const sessions = createSessions({ redis: api.redis, prefix: api.prefix, keys: api.keys, publicUrl: undefined });
    const { keyId } = await api.keys.create({ name: 'One', role: 'editor' });
    const principal = { keyId, name: 'One', role: 'editor', editions: null, expiresAt: null } as const;
    const cookies: string[] = [];
    for (let count = 0; count < 101; count++) cookies.push(`fw_session=${await sessions.open(principal)}`);
    expect(await sessions.principal({ cookie: cookies[0] })).toBeNull();
    expect(await sessions.principal({ cookie: cookies[1] })).toMatchObject({ keyId });
    expect(await sessions.principal({ cookie: cookies[100] })).toMatchObject({ keyId });
  });

  test('verify prints the first date of a trimmed audit trail', async () => {
    await using api = await open();
    await stop(api, true);
    await stop(api, false);
    const audit = `${api.prefix}:{_site}:audit`;
    await api.redis.xtrim(audit, 'MAXLEN', 1);
    await stop(api, true);
    const [[oldest = ''] = []] = await api.redis.xrange(audit, '-', '+', 'COUNT', 1);
    expect(await verifyEdition(api.redis, api.prefix, '_site')).toMatchObject({
      broken: null,
      eventsSince: Number(oldest.split('-')[0]),
    });
  });
});
