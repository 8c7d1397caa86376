import { describe, expect, inject, test } from 'vitest';
import { desk, until } from '../resources/flashwire.ts';
import { openDesk } from './open-desk.ts';

const open = () => openDesk(inject('redisUrl'));
const waits = { prefer: 'wait=5' };
const line = { edition: 'en', headline: 'The new bridge opens tonight' };

describe('keys', () => {
  test('are made, listed without their secret, and revoked by an admin alone', async () => {
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

  test('show when they were last used, by themselves or by a signed-in desk', async () => {
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

  test('are refused with all that is wrong with them', async () => {
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
});

describe('STOP', () => {
  test('holds publishes and corrections for everyone, in their order, and never hide or retract', async () => {
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

  test('is not for reporters', async () => {
    await using api = await open();
    const { token } = await api.keys.create({ name: 'Stringer', role: 'reporter' });
    const as = { authorization: `Bearer ${token}` };
    expect((await desk(api.url, 'PUT', '/v1/stop', { stopped: true }, as)).status).toBe(403);
    expect((await desk(api.url, 'PUT', '/v1/stop', { stopped: 'yes' })).status).toBe(422);
  });
});
