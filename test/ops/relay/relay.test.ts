import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, request as requestTo, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NoAnswer, Relay } from '../../../src/ops/relay/relay.ts';
import { StatedClients } from '../../../src/ops/relay/stated-clients.ts';
import { Unread } from '../../../src/ops/unread.ts';
import { ResourceStack } from '../../resources/resource-stack.ts';

let folder = '';
let sockets = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flashwire-relay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const statusOf = { unreachable: 503, draining: 503, lost: 504 } as const satisfies Record<NoAnswer, number>;

/** An api process that answers with `handle`, an edge that relays to it, and what the api got. */
async function open(handle: RequestListener, { isThere = true, unread = new Unread() } = {}) {
  const stack = new ResourceStack();
  const socketPath = join(folder, `api-${sockets++}`);
  const stated = new StatedClients();
  const got: { readonly request: IncomingMessage; readonly body: string }[] = [];
  let connections = 0;
  const api = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    got.push({ request, body });
    handle(request, response);
  });
  api.maxHeadersCount = 64; // as http-server.ts has it
  api.on('connection', () => connections++);
  stated.trust(api);
  if (isThere) await listening(api.listen(socketPath));
  const relay = new Relay({
    socketPath,
    clientOf: () => '192.0.2.7',
    unread,
    answerInstead: (response, why) => void response.writeHead(statusOf[why]).end(why),
    onFault: (error) => {
      throw error;
    },
  });
  const edge = createServer((request, response) => relay.relay(request, response));
  await listening(edge.listen(0, '127.0.0.1'));
  const close = (server: Server) => {
    server.close();
    server.closeAllConnections();
  };
  for (const server of [api, edge]) stack.defer(() => close(server));
  const { port } = edge.address() as AddressInfo;
  return {
    relay,
    got,
    stated,
    port,
    url: `http://127.0.0.1:${port}`,
    connections: () => connections,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

async function listening(server: Server): Promise<void> {
  await once(server, 'listening');
}

test('a request reaches the api with its method, address, headers and body, and its answer comes back', async () => {
  await using site = await open((_request, response) => {
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.setHeader('etag', '"3"');
    response.writeHead(201).end('{"id":"x"}');
  });
  const response = await fetch(`${site.url}/v1/items?edition=en`, {
    method: 'POST',
    headers: { authorization: 'Bearer fw_a', 'x-forwarded-for': '198.51.100.1' },
    body: '{"headline":"Ä"}',
  });
  expect(response.status).toBe(201);
  expect(await response.text()).toBe('{"id":"x"}');
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(response.headers.get('etag')).toBe('"3"');
  const [{ request, body } = { request: undefined, body: '' }] = site.got;
  expect([request?.method, request?.url, body]).toEqual(['POST', '/v1/items?edition=en', '{"headline":"Ä"}']);
  expect(request?.headers).toMatchObject({
    host: `127.0.0.1:${site.port}`,
    authorization: 'Bearer fw_a',
    'x-forwarded-for': '198.51.100.1',
    'content-length': '17',
  });
});

test('the api takes every header that an edge has accepted', async () => {
  await using site = await open((_request, response) => response.end());
  const many = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`x-${at}`, 'x']));
  await fetch(`${site.url}/v1/items`, { method: 'POST', headers: { ...many, 'zz-last': 'here' }, body: '{}' });
  const [{ request } = { request: undefined }] = site.got;
  expect(request?.headers['zz-last']).toBe('here');
  expect(request && site.stated.of(request)).toBe('192.0.2.7');
});

test('the edge states the client of a request, whatever the client says itself', async () => {
  await using site = await open((_request, response) => response.end());
  await fetch(`${site.url}/v1/items`, { headers: { 'X-Flashwire-Client': '203.0.113.1' } });
  const [{ request } = { request: undefined }] = site.got;
  expect(request && site.stated.of(request)).toBe('192.0.2.7');
});

test('a client that another connection states is not believed', async () => {
  const stated = new StatedClients();
  await using site = await open((_request, response) => response.end());
  await fetch(`${site.url}/v1/items`);
  const [{ request } = { request: undefined }] = site.got;
  expect(request?.headers['x-flashwire-client']).toBe('192.0.2.7');
  expect(request && stated.of(request)).toBeNull();
});

test('a request that cannot be handed over is unreachable', async () => {
  await using site = await open(() => undefined, { isThere: false });
  const response = await fetch(`${site.url}/v1/items`, { method: 'POST', body: '{}' });
  expect([response.status, await response.text()]).toEqual([503, 'unreachable']);
  expect(site.relay.counts).toMatchObject({ answered: 0, unreachable: 1, lost: 0 });
  expect(site.relay.isWaiting).toBe(false);
});

test.each([
  ['before it answers', () => undefined],
  [
    'in the middle of an answer',
    (response: Parameters<RequestListener>[1]) => response.writeHead(200, { 'content-length': 100 }).write('half'),
  ],
  [
    'in the middle of an answer of unknown length',
    (response: Parameters<RequestListener>[1]) => response.write('half'),
  ],
] as const)('an answer of an api that ends %s is lost', async (_when, begin) => {
  await using site = await open((request, response) => {
    begin(response);
    setImmediate(() => request.socket.destroy());
  });
  const response = await fetch(`${site.url}/v1/items`, { method: 'POST', body: '{}' });
  expect([response.status, await response.text()]).toEqual([504, 'lost']);
  expect(site.relay.counts).toMatchObject({ answered: 0, unreachable: 0, lost: 1 });
  expect(site.relay.isWaiting).toBe(false);
});

test('requests one after another use one connection to the api', async () => {
  await using site = await open((_request, response) => response.end('ok'));
  for (let n = 0; n < 20; n++) expect(await (await fetch(`${site.url}/v1/items`)).text()).toBe('ok');
  expect(site.connections()).toBe(1);
  expect(site.relay.counts.answered).toBe(20);
});

test('a relay is busy while a request waits, and a little longer', async () => {
  let answer: () => void = () => undefined;
  await using site = await open((_request, response) => {
    answer = () => response.end('ok');
  });
  expect(site.relay.isBusy).toBe(false);
  const answered = fetch(`${site.url}/v1/items`);
  await expect.poll(() => site.got.length).toBe(1);
  expect(site.relay.isBusy).toBe(true);
  answer();
  await answered;
  await expect.poll(() => site.relay.isBusy).toBe(false);
});

test('a client that leaves ends its request at the api', async () => {
  const left: Promise<unknown>[] = [];
  await using site = await open((_request, response) => void left.push(once(response, 'close')));
  const client = connect(site.port, '127.0.0.1');
  client.write('GET /v1/items HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await expect.poll(() => left.length).toBe(1);
  expect(site.relay.isWaiting).toBe(true);
  client.destroy();
  await left[0];
  expect(site.relay.isWaiting).toBe(false);
  expect(site.relay.counts).toMatchObject({ answered: 0, lost: 0, left: 1 });
});

test('half a body is not handed over', async () => {
  await using site = await open((_request, response) => response.end());
  const client = connect(site.port, '127.0.0.1');
  client.write('POST /v1/items HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{"a"');
  await once(client, 'connect');
  await fetch(`${site.url}/v1/items`); // so that the edge has read what the client has sent
  client.destroy();
  await expect.poll(() => site.relay.counts.left).toBe(1);
  expect(site.got).toHaveLength(1);
});

test('parts of bodies are bounded, and the oldest of the client with most of them goes first', async () => {
  const unread = new Unread(100_000);
  await using site = await open((_request, response) => response.end('ok'), { unread });
  const clients = [];
  for (const n of [1, 2, 3, 4]) {
    const client = connect(site.port, '127.0.0.1');
    client.write('POST /v1/items HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\n\r\n{');
    client.on('error', () => undefined);
    clients.push(client);
    if (n < 4) await expect.poll(() => unread.bytes).toBe(n * 30_000);
  }
  const [first, second] = clients;
  if (!first || !second) throw new Error('no client');
  if (!first.closed) await new Promise((resolve) => first.once('close', resolve));
  expect([unread.cut, unread.bytes]).toEqual([1, 90_000]);
  second.write(`${' '.repeat(29_998)}}`);
  await once(second, 'data');
  expect(unread.bytes).toBe(60_000);
  for (const client of clients) client.destroy();
  await expect.poll(() => unread.bytes).toBe(0);
});

test('of a long body the api gets one byte more than it accepts', async () => {
  await using site = await open((_request, response) => response.writeHead(413).end());
  const { status } = await fetch(`${site.url}/v1/items`, { method: 'POST', body: 'x'.repeat(1_000_000) });
  expect(status).toBe(413);
  expect(site.got[0]?.request.headers['content-length']).toBe('32769');
  expect(site.got[0]?.body.length).toBe(32_769);
});

test('a stream of events begins at once, is not waited for, and ends with the api', async () => {
  const streams: { end(text: string): void; destroy(): void }[] = [];
  await using site = await open((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).write('event: a\n\n');
    streams.push(response);
  });
  const [first, second] = await Promise.all([fetch(`${site.url}/v1/stream`), fetch(`${site.url}/v1/stream`)]);
  expect(site.relay.isWaiting).toBe(false);
  const [one, other] = [first.body?.getReader(), second.body?.getReader()];
  expect(Buffer.from((await one?.read())?.value ?? []).toString()).toBe('event: a\n\n');
  expect(Buffer.from((await other?.read())?.value ?? []).toString()).toBe('event: a\n\n');
  streams[0]?.end('retry: 5\n\n');
  streams[1]?.destroy();
  const ends = await Promise.allSettled([readAll(one), readAll(other)]);
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(ends).toContainEqual({ status: 'fulfilled', value: 'retry: 5\n\n' });
});

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<string> {
  let text = '';
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return text;
    text += Buffer.from(value).toString();
  }
}

test('a long answer waits for its client, and the edge holds little of it', async () => {
  let written = 0;
  await using site = await open((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' });
    const piece = Buffer.alloc(65_536, 'x');
    const write = () => {
      while (written < 64 * 2 ** 20) {
        written += piece.length;
        if (!response.write(piece)) return void response.once('drain', write);
      }
      response.end();
    };
    write();
  });
  const asked = requestTo(`${site.url}/v1/audit`).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const before = process.memoryUsage().arrayBuffers;
  let last = -1;
  // Until the pipe is full: nothing more is written for a while.
  await expect
    .poll(
      () => {
        const isStill = written === last;
        last = written;
        return isStill;
      },
      { interval: 200 },
    )
    .toBe(true);
  expect(written).toBeLessThan(32 * 2 ** 20);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20);
  let read = 0;
  for await (const piece of answer) read += (piece as Buffer).length;
  expect(read).toBe(64 * 2 ** 20);
});

test('pipelined requests of a connection are relayed one after another', async () => {
  const underWay: string[] = [];
  let mostAtOnce = 0;
  await using site = await open((request, response) => {
    underWay.push(request.url ?? '');
    mostAtOnce = Math.max(mostAtOnce, underWay.length);
    setImmediate(() => {
      underWay.pop();
      response.end(`<${request.url}>`);
    });
  });
  const client = connect(site.port, '127.0.0.1');
  const lines = ['/v1/1', '/v1/2', '/v1/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n`);
  client.write(`${lines.join('\r\n')}Connection: close\r\n\r\n`);
  let received = '';
  for await (const piece of client) received += String(piece);
  expect(received.match(/<[^>]*>/g)).toEqual(['</v1/1>', '</v1/2>', '</v1/3>']);
  expect(mostAtOnce).toBe(1);
});

test('headers of one connection stay on it', async () => {
  await using site = await open((_request, response) => response.writeHead(200, { 'keep-alive': 'timeout=1' }).end());
  const client = connect(site.port, '127.0.0.1');
  client.write(
    'POST /v1/items HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  );
  let received = '';
  for await (const piece of client) received += String(piece);
  expect(received).toContain('HTTP/1.1 200 OK');
  expect(received).not.toContain('timeout=1');
  const headers = site.got[0]?.request.headers;
  expect(Object.keys(headers ?? {}).sort()).toEqual(['connection', 'content-length', 'host', 'x-flashwire-client']);
  expect(headers?.connection).toBe('keep-alive');
  expect(site.got[0]?.body).toBe('{}');
});

test('an answer that announces trailers arrives without them', async () => {
  await using site = await open((_request, response) => {
    response.writeHead(200, { trailer: 'x-sum', 'transfer-encoding': 'chunked' }).write('ok');
    response.addTrailers({ 'x-sum': '1' });
    response.end();
  });
  const response = await fetch(`${site.url}/v1/items`);
  expect([response.headers.get('trailer'), await response.text()]).toEqual([null, 'ok']);
});

test('a relay that drains refuses new requests and waits for the answers of those under way', async () => {
  let answer: () => void = () => undefined;
  await using site = await open((_request, response) => {
    answer = () => response.end('done');
  });
  const first = fetch(`${site.url}/v1/items`);
  await expect.poll(() => site.relay.isWaiting).toBe(true);
  await expect.poll(() => site.got.length).toBe(1);
  let isDrained = false;
  const drained = site.relay.drain(20_000).then(() => {
    isDrained = true;
  });
  const second = await fetch(`${site.url}/v1/items`);
  expect([second.status, await second.text()]).toEqual([503, 'draining']);
  expect(isDrained).toBe(false);
  answer();
  expect(await (await first).text()).toBe('done');
  await drained;
});

test('a relay waits no longer than it may for an answer', async () => {
  await using site = await open(() => undefined);
  const lost = fetch(`${site.url}/v1/items`);
  await expect.poll(() => site.got.length).toBe(1);
  await site.relay.drain(10);
  expect((await lost).status).toBe(504);
});
