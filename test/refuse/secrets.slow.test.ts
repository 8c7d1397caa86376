import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { runFlashwire, startFlashwire, until } from '../resources/flashwire.ts';
import { startRedis } from '../resources/redis-server.ts';

/** Row 47: real processes at LOG_LEVEL trace, through normal work and failures of Redis. No line may have a secret or a text of the desk. */
const secret = (name: string) => `CaNaRy${name}${'x'.repeat(32)}`;
const canary = /CaNaRy\w*/g;
const rootKey = `fw_root1_${secret('Root')}`;
const json = { 'content-type': 'application/json' };

function found(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => {
    const whole = [line, decoded(line), line.replace(/[A-Za-z0-9+/=]{40,}/g, (text) => atob64(text))].join('\n');
    return [...new Set(whole.match(canary) ?? [])].map((hit) => `${hit} in ${line.slice(0, 300)}`);
  });
}

function decoded(line: string): string {
  try {
    return decodeURIComponent(line);
  } catch {
    return ''; // a malformed percent escape
  }
}

function atob64(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}

const raw = async (url: string, bytes: string) => {
  const socket = connectSocket(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.end(bytes);
  await new Promise((resolve) => void socket.once('data', resolve).once('close', resolve));
  socket.destroy();
};

/** Requests of editors and clients, with a canary in place of each secret and text. The answers do not matter. */
async function sendEverything(url: string): Promise<void> {
  const key = { authorization: `Bearer ${rootKey}` };
  const send = (method: string, path: string, headers: Record<string, string>, body?: string) =>
    fetch(url + path, { method, headers, ...(body !== undefined && { body }), signal: AbortSignal.timeout(8_000) })
      .then(async (answer) => ({ headers: answer.headers, text: await answer.text() }))
      .catch(() => null);
  const item = { edition: 'en', headline: secret('Headline'), attribution: secret('By'), topics: [secret('Topic')] };
  const text = JSON.stringify(item);
  const posted = await send('POST', '/v1/items', { ...json, ...key, 'idempotency-key': secret('Idem') }, text);
  const { id } = (posted ? JSON.parse(posted.text) : {}) as { id?: string };
  const correction = { kind: 'corrected', note: secret('Note') };
  const changed = JSON.stringify({ ...item, correction });
  await send('PUT', `/v1/items/${id}`, { ...json, ...key, 'if-match': '"1"' }, changed);
  await send(
    'POST',
    `/v1/items/${id}/retract`,
    { ...json, ...key },
    JSON.stringify({ reason: secret('Reason'), notice: secret('Notice') }),
  );
  await send('POST', '/v1/test/items', { ...json, ...key }, text);
  await send('POST', '/v1/items', { ...json, ...key }, `${text}}`);
  await send('POST', '/v1/items', { ...json, ...key }, JSON.stringify({ ...item, [secret('Field')]: 1 }));
  await send('POST', '/v1/items', { ...json, ...key }, secret('Big').repeat(2_000));
  await send('POST', '/v1/items', { 'content-type': secret('Type'), ...key }, text);
  await send('POST', '/v1/keys', { ...json, ...key }, JSON.stringify({ name: 'N', role: secret('Role') }));
  await send('PUT', '/v1/stop', { ...json, ...key }, JSON.stringify({ stopped: false, reason: secret('Stop') }));
  for (let n = 0; n < 70; n += 1)
    await send('GET', '/v1/items', { authorization: `Bearer fw_wrong_${secret('Wrong')}` });
  await send('POST', '/v1/session', json, JSON.stringify({ key: `fw_wrong_${secret('SignIn')}` }));
  const signedIn = await send('POST', '/v1/session', json, JSON.stringify({ key: rootKey }));
  await send('GET', '/v1/items', { cookie: signedIn?.headers.get('set-cookie')?.split(';')[0] ?? '' });
  await send('GET', '/v1/items', { cookie: `fw_session=${secret('Cookie')}`, 'x-api-key': secret('Header') });
  for (const path of ['/v1/items', '/v1/feed.json', '/live/en', '/desk', '/v1/audit', `/v1/items/${secret('Id')}`])
    await send('GET', `${path}?edition=en&token=${secret('Query')}&before=${secret('Before')}`, key);
  for (const protocol of [`flashwire.ticket.${secret('Ticket')}`, secret('Protocol')]) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/feed?edition=en&ticket=${secret('Url')}`, [protocol]);
    await Promise.race([once(socket, 'open'), once(socket, 'error')]).catch(() => undefined);
    if (socket.readyState === WebSocket.OPEN) socket.send(secret('Message'));
    socket.terminate();
    socket.on('error', () => undefined);
  }
  await raw(
    url,
    `GET /v1/feed?x=${secret('Raw')} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nCookie: ${secret('Jar')}\r\n\r\n`,
  );
  await raw(url, `${secret('Garbage')}\r\n\r\n`);
}

test('no log line has a secret or a text of the desk, whatever happens to Redis', async () => {
  const first = await startRedis();
  const port = Number(new URL(first.url).port);
  const password = secret('Redis');
  const lock = async (url: string, word: string) => {
    const redis = new Redis(url);
    await redis.config('SET', 'requirepass', word);
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    redis.disconnect();
  };
  await lock(first.url, password);
  const env = {
    REDIS_URL: `redis://default:${password}@127.0.0.1:${port}`,
    FLASHWIRE_BOOTSTRAP_KEY: rootKey,
    FLASHWIRE_POST_RATE: '30',
    LOG_LEVEL: 'trace',
  };
  const lines: string[] = [];
  const output = { output: lines };
  {
    await using all = await startFlashwire('all', env, 20_000, output);
    await sendEverything(all.url);
    await first.kill();
    await sendEverything(all.url);
    await using second = await startRedis(['--save', '', '--appendonly', 'no'], { port, dir: '/tmp' });
    await lock(second.url, secret('Other'));
    await sendEverything(all.url);
    await until(
      () => lines.some((line) => /WRONGPASS|NOAUTH|invalid password/i.test(line)),
      10_000,
      'a wrong password is logged',
    );
  }
  await first[Symbol.asyncDispose]();
  expect(lines.some((line) => line.includes('many failed keys'))).toBe(true);
  expect(lines.some((line) => /ECONNREFUSED/.test(line))).toBe(true);
  expect(lines.length).toBeGreaterThan(20);
  expect(found(lines)).toEqual([]);
});

test.each([
  ['REDIS_URL', `http://user:${secret('Url')}@127.0.0.1`],
  ['REDIS_URL', `redis://user:${secret('Url')}@127.0.0.1:notaport`],
  ['FLASHWIRE_BOOTSTRAP_KEY', `fw_${secret('Key')}`],
  ['FLASHWIRE_PUBLIC_URL', `ftp://user:${secret('Public')}@news.example`],
  ['FLASHWIRE_ALLOWED_ORIGINS', `https://user:${secret('Origin')}@news.example`],
  ['FLASHWIRE_ALLOWED_ORIGINS', `https://news.example, ${secret('Origin')}`],
  ['FLASHWIRE_TRUST_PROXY', secret('Proxy')],
])('an invalid %s stops the start and is not printed', async (name, value) => {
  const { code, out, err } = await runFlashwire(['fanout'], { FLASHWIRE_BOOTSTRAP_KEY: rootKey, [name]: value });
  expect(code).toBe(2);
  expect(err).toContain(name);
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(found([out, err])).toEqual([]);
});

test('a refused command does not print its key', async () => {
  const { code, out, err } = await runFlashwire(['list'], {
    FLASHWIRE_KEY: rootKey,
    FLASHWIRE_URL: 'http://127.0.0.1:1',
  });
  expect(code).toBe(3);
  expect(found([out, err])).toEqual([]);
});
