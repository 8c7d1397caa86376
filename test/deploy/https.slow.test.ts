import { once } from 'node:events';
import { request as requestPlain } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { Agent, request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { type FanoutServer, serveFanout } from '../resources/fanout-server.ts';
import { type Running, startFlashwire, testKey, until } from '../resources/flashwire.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';
import { ResourceStack } from '../resources/resource-stack.ts';
import { domain, type HttpsSite, missingPrograms, startHttpsSite } from './https-site.ts';

const perAddress = 20;
const stack = new ResourceStack();
const log = new MemoryLog();
const open: (() => void)[] = [];
let site: HttpsSite;
let fanouts: readonly [FanoutServer, FanoutServer];
let api: Running;

interface Reader {
  readonly socket: WebSocket;
  /** Types of all frames, in their order. */
  readonly frames: string[];
  /** Null: open. */
  code: number | null;
}

/** A reader with an address of its own for every ten. */
function openReader(n: number, headers: Readonly<Record<string, string>> = {}): Reader {
  const socket = new WebSocket(`wss://127.0.0.1:${site.port}/v1/feed?edition=en`, {
    agent: new Agent({ ca: site.ca, servername: domain, localAddress: `127.0.0.${10 + Math.floor(n / 10)}` }),
    headers: { host: domain, ...headers },
  });
  const reader: Reader = { socket, frames: [], code: null };
  socket.on('message', (data) => reader.frames.push(JSON.parse(String(data)).type));
  socket.on('close', (code) => {
    reader.code = code;
  });
  socket.on('error', () => undefined);
  open.push(() => socket.terminate());
  return reader;
}

/** A reader that gets no connection tries again, as clients do: right after a reload an old process may answer, with the old certificate. */
async function openReaders(count: number): Promise<readonly Reader[]> {
  const readers = Array.from({ length: count }, (_, n) => openReader(n));
  const haveJoined = () => {
    for (const [n, { code, frames }] of readers.entries())
      if (code !== null && frames.length === 0) readers[n] = openReader(n);
    return readers.every(({ frames }) => frames.length > 0);
  };
  await until(haveJoined, 15_000, `${count} readers have a snapshot`);
  return readers;
}

/** Ends every connection of a test. */
async function leave(): Promise<void> {
  for (const end of open.splice(0)) end();
  await until(() => fanouts.every(({ fanout }) => fanout.stats().connections === 0), 5_000, 'the readers have left');
}

/** One HTTP/2 connection of this address. */
function openHttp2(localAddress: string): ClientHttp2Session {
  const socket = connectTcp({ host: '127.0.0.1', port: site.port, localAddress });
  const tls = { socket, ca: site.ca, servername: domain, ALPNProtocols: ['h2'] };
  const session = connectHttp2(`https://${domain}`, { createConnection: () => connectTls(tls) });
  open.push(() => session.destroy());
  return session;
}

/** A stream of events over HTTP/2: what has come of it. */
function openStream(session: ClientHttp2Session): { text: string } {
  const heard = { text: '' };
  const stream = session.request({ ':path': '/v1/feed.sse?edition=en', ':authority': domain });
  stream.setEncoding('utf8').on('data', (piece: string) => {
    heard.text += piece;
  });
  return heard;
}

/** A request of HTTPS, or of HTTP to the other port. */
async function ask(
  path: string,
  options: { readonly method?: string; readonly body?: string; readonly plain?: number } = {},
) {
  const { plain, method = 'GET', body } = options;
  const common = { host: '127.0.0.1', path, method, headers: { host: domain, 'content-type': 'application/json' } };
  const asked = plain
    ? requestPlain({ ...common, port: plain })
    : request({ ...common, port: site.port, ca: site.ca, servername: domain });
  asked.end(body);
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const piece of response.setEncoding('utf8')) text += piece;
  return { status: response.statusCode as number, headers: response.headers as Record<string, string>, text };
}

describe.skipIf(missingPrograms.length > 0)(
  `HTTPS${missingPrograms.map((name) => ` (no ${name} here)`).join('')}`,
  () => {
    beforeAll(async () => {
      const one = () => serveFanout(log, { trustProxy: '1', maxConnectionsPerAddress: perAddress });
      fanouts = [stack.use(await one()), stack.use(await one())];
      api = stack.use(
        await startFlashwire('api', {
          REDIS_URL: inject('redisUrl'),
          FLASHWIRE_REDIS_PREFIX: `https-${process.pid}`,
          FLASHWIRE_PUBLIC_URL: `https://${domain}`,
          FLASHWIRE_TRUST_PROXY: '1',
        }),
      );
      const port = Number(new URL(api.url).port);
      site = stack.use(await startHttpsSite({ 'fanout-1': fanouts[0].port, 'fanout-2': fanouts[1].port, api: port }));
      log.publish('01J00000000000000000000001', facets());
    });

    afterEach(leave);

    afterAll(() => stack[Symbol.asyncDispose]());

    test('a renewal cuts no reader and no stream, and the next reader sees the new certificate', async () => {
      const readers = await openReaders(200);
      const stream = openStream(openHttp2('127.0.0.40'));
      await until(() => stream.text.includes('event: snapshot'), 5_000, 'the stream has begun');
      for (let n = 2; n < 4; n++) {
        const before = await site.serial();
        await site.renew();
        await until(async () => (await site.serial()) !== before, 10_000, 'nginx has the new certificate');
        const id = `01J0000000000000000000000${n}`;
        log.publish(id, facets());
        await until(() => stream.text.includes(id), 5_000, 'the stream has the item');
        await until(() => readers.every(({ frames }) => frames.length === n), 5_000, 'all readers have the item');
        expect(readers.filter(({ code }) => code !== null)).toEqual([]);
        const { frames } = openReader(190 + n);
        await until(() => frames.length > 0, 5_000, 'a new reader has a snapshot');
      }
    });

    test('an address counts as nginx sees it, whatever the client says, and each stream of HTTP/2 counts', async () => {
      const readers = Array.from({ length: 3 * perAddress }, (_, n) =>
        openReader(150, { 'x-forwarded-for': `198.51.100.${n}` }),
      );
      await until(
        () => readers.filter(({ code, frames }) => code !== null || frames.length > 0).length === readers.length,
        5_000,
        'all were answered',
      );
      // Two processes, which count for themselves.
      expect(readers.filter(({ code }) => code === null).length).toBeLessThanOrEqual(2 * perAddress);
      const session = openHttp2('127.0.0.41');
      const streams = Array.from({ length: 3 * perAddress }, () => openStream(session));
      await until(() => streams.every(({ text }) => text !== ''), 5_000, 'every stream was answered');
      expect(streams.filter(({ text }) => text.includes('event: snapshot')).length).toBeLessThanOrEqual(2 * perAddress);
    });

    test('HTTPS is announced for a year on every answer, and HTTP leads there', async () => {
      for (const path of ['/v1/feed.json?edition=en', '/v1/feed.json?edition=none', '/desk', '/nothing']) {
        const { headers } = await ask(path);
        expect(headers['strict-transport-security'], path).toBe('max-age=31536000');
        expect((await ask(path, { plain: site.plainPort })).headers['strict-transport-security'], path).toBeUndefined();
      }
      for (const method of ['GET', 'POST']) {
        const { status, headers } = await ask('/desk?edition=en', { method, plain: site.redirectPort });
        expect([status, headers['location']]).toEqual([308, `https://${domain}/desk?edition=en`]);
      }
      const outside = '/.well-known/acme-challenge/../../site.pem';
      for (const path of [outside, outside.replaceAll('..', '%2e%2e'), '/.well-known/acme-challenge/none'])
        expect((await ask(path, { plain: site.redirectPort })).text, path).not.toContain('PRIVATE KEY');
    });

    test('the cookie of the desk is for HTTPS only, and a body that is too large is refused', async () => {
      const signedIn = await ask('/v1/session', { method: 'POST', body: JSON.stringify({ key: testKey }) });
      expect(signedIn.status).toBe(200);
      expect(String(signedIn.headers['set-cookie'])).toMatch(/^__Host-fw_session=.*; Secure$/);
      const large = await ask('/v1/session', { method: 'POST', body: 'x'.repeat(70_000) });
      expect(large.status).toBe(413);
    });

    test('a file that is no certificate changes nothing', async () => {
      const before = await site.serial();
      await site.spoil('no certificate');
      await until(() => site.output().includes('Could not read certificate'), 5_000, 'the log says what is wrong');
      expect(await site.serial()).toBe(before);
      await site.renew();
      await until(async () => (await site.serial()) !== before, 10_000, 'nginx has the next certificate');
    });

    test('readers of a fan-out that drains are told to reconnect, and find the other one', async () => {
      const readers = await openReaders(100);
      const [leaving, staying] = fanouts;
      expect(leaving.fanout.stats().connections).toBeGreaterThan(20);
      const cut = leaving.fanout.stats().connections;
      await leaving.fanout.drain(1_000);
      await until(() => readers.filter(({ code }) => code !== null).length === cut, 5_000, 'its readers were told');
      for (const { code, frames } of readers.filter((reader) => reader.code !== null))
        expect([code, frames.at(-1)]).toEqual([4200, 'reconnect']);
      const back = Array.from({ length: cut }, (_, n) => openReader(n));
      await until(() => back.every(({ frames }) => frames.length > 0), 10_000, 'they are back');
      expect(staying.fanout.stats().connections).toBe(100);
    });
  },
);
