import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { operationsOf } from '../../src/api/openapi/operations.ts';
import { type RunningApi, startApi } from '../api/start-api.ts';
import { desk, testKey } from '../resources/flashwire.ts';
import { site } from '../resources/site.ts';

/** Rows 42 and 46: every route of the API, with every role and edition. */
let api: RunningApi;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  api = await startApi(inject('redisUrl'));
  const { keys } = api;
  const make = async (name: string, key: Parameters<typeof keys.create>[0]) => {
    const { keyId, token } = await keys.create(key);
    tokens[name] = token;
    return keyId;
  };
  await make('reporter', { name: 'R', role: 'reporter', editions: ['en'] });
  await make('editor', { name: 'E', role: 'editor', editions: ['en'] });
  await make('admin', { name: 'A', role: 'admin' });
  await make('foreign', { name: 'F', role: 'editor', editions: ['es'] });
  await make('foreign admin', { name: 'G', role: 'admin', editions: ['es'] });
  await make('expired', { name: 'X', role: 'admin', expiresAt: Date.now() - 1 });
  await keys.revoke(await make('revoked', { name: 'V', role: 'admin' }));
  await keys.revoke(await make('revoked and expired', { name: 'W', role: 'admin', expiresAt: 1 }));
});

afterAll(() => api[Symbol.asyncDispose]());

const as = (token: string | undefined) => ({ authorization: `Bearer ${token}` });
const line = { edition: 'en', headline: 'The new bridge opens tonight' };
const waits = { prefer: 'wait=5' };

async function item(
  fields: object = {},
  then?: 'withhold',
): Promise<{ readonly id: string; readonly statusUrl: string }> {
  const { status, body } = await desk(api.url, 'POST', '/v1/items', { ...line, ...fields }, waits);
  expect(status).toBeLessThan(300);
  if (then) expect((await desk(api.url, 'POST', `/v1/items/${body['id']}/${then}`, {}, waits)).status).toBe(200);
  return { id: String(body['id']), statusUrl: String(body['statusUrl']) };
}

interface Asked {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** For each operation, a request that succeeds with the right key. */
const succeeding: Readonly<Record<string, () => Promise<Asked>>> = {
  publish: async () => ({ path: '/v1/items', body: line }),
  listItems: async () => ({ path: '/v1/items?edition=en' }),
  readItem: async () => ({ path: `/v1/items/${(await item()).id}` }),
  readDelivery: async () => ({ path: `/v1/items/${(await item()).id}/delivery` }),
  correct: async () => ({
    path: `/v1/items/${(await item()).id}`,
    body: { ...line, correction: { kind: 'refile' } },
    headers: { 'if-match': '"1"' },
  }),
  cancel: async () => ({ path: `/v1/items/${(await item({ holdSeconds: 30 })).id}` }),
  publishDraft: async () => ({ path: `/v1/items/${(await item({ state: 'draft' })).id}/publish`, body: {} }),
  hide: async () => ({ path: `/v1/items/${(await item()).id}/withhold`, body: {} }),
  release: async () => ({ path: `/v1/items/${(await item({}, 'withhold')).id}/release`, body: {} }),
  retract: async () => ({ path: `/v1/items/${(await item()).id}/retract`, body: { reason: 'Wrong.' } }),
  readCommand: async () => ({ path: (await item()).statusUrl }),
  listKeys: async () => ({ path: '/v1/keys' }),
  createKey: async () => ({ path: '/v1/keys', body: { name: 'N', role: 'editor' } }),
  revokeKey: async () => ({ path: `/v1/keys/${(await api.keys.create({ name: 'N', role: 'editor' })).keyId}` }),
  listSessions: async () => ({ path: '/v1/sessions' }),
  endSession: async () => {
    const answer = await desk(api.url, 'POST', '/v1/session', { key: tokens['editor'] });
    expect(answer.status).toBe(200);
    const { sessions } = (await desk(api.url, 'GET', '/v1/sessions')).body as { sessions: readonly { id: string }[] };
    return { path: `/v1/sessions/${sessions[0]?.id}` };
  },
  streamDesk: async () => ({ path: '/v1/stream?edition=en' }),
  readStatus: async () => ({ path: '/v1/status' }),
  readAudit: async () => ({ path: '/v1/audit' }),
  readStop: async () => ({ path: '/v1/stop' }),
  listSources: async () => ({ path: '/v1/sources?edition=en' }),
  confirmSources: async () => ({ path: '/v1/sources?edition=en', body: { sources: [] } }),
  listHeld: async () => ({ path: '/v1/stop/held?edition=en' }),
  turnStop: async () => ({ path: '/v1/stop', body: { stopped: false } }),
  signIn: async () => ({ path: '/v1/session', body: { key: testKey } }),
  readSession: async () => ({ path: '/v1/session' }),
  signOut: async () => ({ path: '/v1/session' }),
  readOpenApi: async () => ({ path: '/v1/openapi.json' }),
};

/** By operation: a reporter and an editor of the edition, an admin, an editor and an admin of another edition. */
const expected: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  publish: [403, 202, 202, 403, 403],
  listItems: [200, 200, 200, 403, 403],
  readItem: [200, 200, 200, 403, 403],
  readDelivery: [200, 200, 200, 403, 403],
  correct: [403, 202, 202, 403, 403],
  cancel: [403, 200, 200, 403, 403],
  publishDraft: [403, 202, 202, 403, 403],
  hide: [403, 202, 202, 403, 403],
  release: [403, 202, 202, 403, 403],
  retract: [403, 202, 202, 403, 403],
  readCommand: [200, 200, 200, 403, 403],
  listKeys: [403, 403, 200, 403, 200],
  createKey: [403, 403, 201, 403, 403],
  revokeKey: [403, 403, 204, 403, 404],
  listSessions: [403, 403, 200, 403, 200],
  endSession: [403, 403, 204, 403, 404],
  streamDesk: [200, 200, 200, 403, 403],
  readStatus: [200, 200, 200, 200, 200],
  readAudit: [200, 200, 200, 200, 200],
  readStop: [200, 200, 200, 200, 200],
  turnStop: [403, 403, 200, 403, 403],
  listSources: [200, 200, 200, 403, 403],
  confirmSources: [403, 200, 200, 403, 403],
  listHeld: [200, 200, 200, 403, 403],
  signIn: [200, 200, 200, 200, 200],
  readSession: [200, 200, 200, 200, 200],
  signOut: [204, 204, 204, 204, 204],
  readOpenApi: [200, 200, 200, 200, 200],
};

const operations = operationsOf(site);

test('the table lists every operation of the API', () => {
  const ids = operations.map(({ id }) => id).sort();
  expect(Object.keys(expected).sort()).toEqual(ids);
  expect(Object.keys(succeeding).sort()).toEqual(ids);
});

describe.each(operations.map((operation) => [operation.id, operation] as const))(
  '%s',
  (id, { method, path, needsNoKey }) => {
    test(`${id} is allowed for its roles and editions only`, async () => {
      const statuses: number[] = [];
      for (const who of ['reporter', 'editor', 'admin', 'foreign', 'foreign admin']) {
        const asked = await succeeding[id]?.();
        // A stream does not end; its HEAD passes the same checks.
        const verb = id === 'streamDesk' ? 'HEAD' : method.toUpperCase();
        const { status } = await desk(api.url, verb, asked?.path ?? '', asked?.body, {
          ...asked?.headers,
          ...as(tokens[who]),
        });
        statuses.push(status);
      }
      expect(statuses).toEqual(expected[id]);
    });

    test.skipIf(needsNoKey)(`${id} answers every invalid key with the same 401`, async () => {
      const secret = tokens['admin']?.slice(-43) ?? '';
      const wrong: Readonly<Record<string, string | undefined>> = {
        none: undefined,
        empty: '',
        'no scheme': tokens['admin'],
        'another scheme': `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}`,
        'no token': 'Bearer ',
        'a token of two parts': `Bearer ${tokens['admin']} ${tokens['admin']}`,
        'no key': 'Bearer x',
        'a token with alg none': 'Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ.',
        'in capitals': `Bearer ${tokens['admin']?.toUpperCase()}`,
        'cut short': `Bearer ${tokens['admin']?.slice(0, -1)}`,
        'one more': `Bearer ${tokens['admin']}x`,
        'a wildcard': `Bearer fw_*_${secret}`,
        'an unknown id': `Bearer fw_nobody42_${secret}`,
        'the id of another': `Bearer fw_${tokens['editor']?.split('_')[1]}_${secret}`,
        'the id of the bootstrap key': `Bearer fw_test1_${secret}`,
        'an id that is a field': `Bearer fw_constructor_${secret}`,
        expired: `Bearer ${tokens['expired']}`,
        revoked: `Bearer ${tokens['revoked']}`,
        'revoked and expired': `Bearer ${tokens['revoked and expired']}`,
      };
      const answers = new Map<string, string[]>();
      for (const [name, authorization] of Object.entries(wrong)) {
        const response = await fetch(`${api.url}${path.replace(':edition', 'en').replace(':id', '01K')}`, {
          method: method.toUpperCase(),
          headers: { ...(authorization !== undefined && { authorization }) },
        });
        const said = [response.status, response.headers.get('www-authenticate'), await response.text()].join(' ');
        answers.set(said, [...(answers.get(said) ?? []), name]);
      }
      expect([...answers.values()]).toEqual([Object.keys(wrong)]);
      expect([...answers.keys()][0]).toMatch(/^401 Bearer realm="desk" \{"type":"\/problems\/unauthorized"/);
    });
  },
);

describe('API keys', () => {
  test('a key of a reporter can write, change and cancel drafts, and nothing else', async () => {
    const by = as(tokens['reporter']);
    const made = await desk(api.url, 'POST', '/v1/items', { ...line, state: 'draft' }, by);
    const at = `/v1/items/${made.body['id']}`;
    expect(made.status).toBe(202);
    expect((await desk(api.url, 'PUT', at, { ...line, headline: 'Anew' }, { ...by, 'if-match': '"1"' })).status).toBe(
      202,
    );
    expect((await desk(api.url, 'POST', `${at}/publish`, {}, by)).status).toBe(403);
    expect((await desk(api.url, 'DELETE', at, undefined, by)).status).toBe(200);
  });

  test('a key of an admin of one edition can create, see and revoke keys of that edition only', async () => {
    const by = as(tokens['foreign admin']);
    const create = (body: object) => desk(api.url, 'POST', '/v1/keys', { name: 'N', role: 'admin', ...body }, by);
    expect((await create({})).status).toBe(403);
    expect((await create({ editions: ['es', 'en'] })).status).toBe(403);
    const own = await create({ editions: ['es'] });
    expect(own.status).toBe(201);
    const { keys } = (await desk(api.url, 'GET', '/v1/keys', undefined, by)).body as {
      keys: { editions?: string[] }[];
    };
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.every(({ editions }) => editions?.join() === 'es')).toBe(true);
    expect((await desk(api.url, 'DELETE', `/v1/keys/${own.body['keyId']}`, undefined, by)).status).toBe(204);
  });

  test('a key in an address is ignored', async () => {
    expect((await fetch(`${api.url}/v1/keys?authorization=Bearer%20${testKey}&key=${testKey}`)).status).toBe(401);
  });

  test('a key is stored as a digest, and Redis holds no secret and no session token', async () => {
    const signedIn = await fetch(`${api.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: tokens['editor'] }),
    });
    const session = /fw_session=([^;]+)/.exec(signedIn.headers.get('set-cookie') ?? '')?.[1] ?? '';
    const names = await api.redis.keys(`${api.prefix}:*`);
    const held = await Promise.all(
      names
        .filter((name) => /:(key|session):/.test(name))
        .map(async (name) => [
          name,
          (await api.redis.type(name)) === 'hash' ? await api.redis.hgetall(name) : await api.redis.get(name),
        ]),
    );
    expect(held.length).toBeGreaterThan(5);
    const all = JSON.stringify(held);
    for (const secret of [...Object.values(tokens).map((token) => token.slice(-43)), session, testKey])
      expect(all).not.toContain(secret);
  });
});
