import { once } from 'node:events';
import { type ClientRequest, createServer, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startNginx } from '../../bench/target/nginx.ts';
import { until } from '../resources/flashwire.ts';
import { watchLateness } from '../resources/lateness.ts';
import { facets } from '../resources/memory-log.ts';
import { ResourceStack } from '../resources/resource-stack.ts';
import { type ServedPages, servePages } from '../resources/served-pages.ts';
import { publicFiles } from '../ui/public-files.ts';

const idOf = (number: number) => `01J0000000000000000000${String(number).padStart(4, '0')}`;

let served: ServedPages;
let url: string;
const stack = new ResourceStack();

beforeAll(async () => {
  served = stack.use(await servePages(await publicFiles()));
  const { port } = served.server;
  url = `http://127.0.0.1:${stack.use(await startNginx({ 'fanout-1': port, 'fanout-2': port, api: port })).port}`;
});

afterAll(() => stack[Symbol.asyncDispose]());

interface Answered {
  readonly statuses: ReadonlySet<number>;
  /** How long the last one waited, and without what the machine kept this process waiting. */
  readonly lastMs: number;
  readonly ownMs: number;
}

/** As many at once: what each was answered. */
async function ask(path: string, times: number): Promise<Answered> {
  const lateness = watchLateness();
  const start = performance.now();
  const statuses = await Promise.all(
    Array.from({ length: times }, async () => {
      const response = await fetch(url + path);
      await response.arrayBuffer();
      return response.status;
    }),
  );
  const lastMs = performance.now() - start;
  return { statuses: new Set(statuses), lastMs, ownMs: lastMs - lateness() };
}

test('fifty clients that open the page of a retracted or missing item do not wait for each other', async () => {
  served.en.publish(idOf(1), facets());
  served.en.retract(idOf(1), 'A line was withdrawn.');
  served.en.publish(idOf(2), facets());
  served.en.withhold(idOf(2));
  for (const [path, status] of [
    [`/item/${idOf(1)}`, 410],
    [`/item/${idOf(2)}`, 410],
    [`/item/${idOf(3)}`, 404],
  ] as const) {
    const { statuses, ownMs } = await ask(path, 50);
    expect([...statuses], path).toEqual([status]);
    expect(ownMs, path).toBeLessThan(3_000);
  }
});

test('a client of HTTP/1.0 needs no Host header', async () => {
  for (const path of ['/live/en', '/sdk.js']) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
    for await (const piece of socket.setEncoding('utf8')) answer += piece;
    expect(answer.split('\r\n')[0], path).toContain(' 200 ');
  }
});

test('fifty clients with uncacheable answers do not wait for each other for long', async () => {
  served.en.isUnreachable = true;
  const { statuses, ownMs } = await ask('/v1/feed/history?edition=en&before=5', 50);
  served.en.isUnreachable = false;
  expect([...statuses]).toEqual([503]);
  expect(ownMs).toBeLessThan(5_000);
  expect((await ask('/v1/feed.json?edition=nowhere', 50)).ownMs).toBeLessThan(5_000);
});

test('polls without news return when their wait ends, and polls without a wait at once', async () => {
  const position = `${served.en.epoch}:${served.en.seq}`;
  const quiet = await ask(`/v1/feed.poll?edition=en&since=${position}&wait=1`, 8);
  expect([...quiet.statuses]).toEqual([204]);
  expect(quiet.lastMs).toBeGreaterThan(900);
  expect(quiet.ownMs).toBeLessThan(5_000);
  const welcomes = await ask(`/v1/feed.poll?edition=en&since=${position}&wait=0`, 50);
  expect([...welcomes.statuses]).toEqual([200]);
  expect(welcomes.ownMs).toBeLessThan(3_000);
});

test('2,000 requests of one address are answered at once, one more is 429, and other addresses are served', async () => {
  let held = 0;
  const upstream = createServer(({ url }, response) => {
    if (url === '/v1/feed.sse') held++;
    else response.end();
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  await using nginx = await startNginx({ 'fanout-1': port, 'fanout-2': port, api: port });
  const ask = (localAddress: string, path = '/v1/feed.sse') =>
    request({ port: nginx.port, host: '127.0.0.1', localAddress, path, agent: false })
      .on('error', () => undefined)
      .end();
  const status = (asked: ClientRequest) => once(asked, 'response').then(([{ statusCode }]) => statusCode);
  const many = Array.from({ length: 2_000 }, () => ask('127.0.0.2'));
  try {
    await until(() => held === 2_000, 15_000, 'all 2,000 are held');
    expect(await status(ask('127.0.0.2'))).toBe(429);
    expect(await status(ask('127.0.0.2', '/desk'))).toBe(429);
    expect(await status(ask('127.0.0.3', '/site.json'))).toBe(200);
    many[0]?.destroy();
    await until(
      async () => (await status(ask('127.0.0.2', '/site.json'))) === 200,
      5_000,
      'there is room for another one',
    );
  } finally {
    for (const asked of many) asked.destroy();
    upstream.closeAllConnections();
    upstream.close();
  }
});

/** A process that refuses what has `no` in its query, or all but the question whether it is ready. */
function standIn(refuses: 'some' | 'all') {
  const server = createServer(({ url = '' }, response: ServerResponse) => {
    const isRefused = refuses === 'all' ? url !== '/readyz' : url.includes('?no');
    response.writeHead(isRefused ? 503 : 200, { 'Cache-Control': 'no-store' }).end('said\n');
  });
  server.on('upgrade', ({ url = '' }, socket) => {
    const isRefused = refuses === 'all' || url.includes('?no');
    const rest = 'Content-Length: 0\r\nConnection: close\r\n\r\n';
    socket.end(
      isRefused
        ? `HTTP/1.1 503 Service Unavailable\r\n${rest}`
        : 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    );
  });
  return {
    async listen() {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const everyAddress = [
  '/',
  '/readyz',
  '/ticker.js',
  '/embed',
  '/embed/en',
  '/oembed',
  '/live/en',
  '/section/en/politics',
  '/topic/en/x',
  '/item/x',
  '/feeds/en.rss',
  '/article/x',
  '/v1/feed',
  '/v1/feed.json',
  '/v1/feed.poll',
  '/v1/feed.sse',
  '/v1/feed/history',
  '/v1/feed/items/x',
  '/v1/log/head',
  '/v1/painted',
];

/** The status of a WebSocket handshake. */
function handshake(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': 13,
      'Sec-WebSocket-Key': 'x',
    };
    const asked = request({ port, host: '127.0.0.1', path, headers });
    asked.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('no refusal counts against a process in nginx', async () => {
  await using upstream = standIn('some');
  const own = await upstream.listen();
  await using nginx = await startNginx({ 'fanout-1': own, 'fanout-2': own, api: own });
  const at = `http://127.0.0.1:${nginx.port}`;
  for (const path of everyAddress) {
    for (let n = 0; n < 5; n++) {
      const refused = await fetch(`${at}${path}?no=${n}`);
      expect([refused.status, await refused.text()], path).toEqual([503, 'said\n']);
      expect(await handshake(nginx.port, `${path}?no=${n}`), path).toBe(503);
    }
    expect((await fetch(`${at}${path}?yes`)).status, path).toBe(200);
  }
  const much = { 'X-Much': 'a'.repeat(7_000), 'X-More': 'b'.repeat(7_000) };
  for (let n = 0; n < 5; n++) expect((await fetch(`${at}/v1/feed`, { headers: much })).status).toBe(400);
  expect(await handshake(nginx.port, '/v1/feed?yes')).toBe(101);
});

test('another process answers what a draining process refuses', async () => {
  await using leaving = standIn('all');
  await using staying = standIn('some');
  const ports = { 'fanout-1': await leaving.listen(), 'fanout-2': await staying.listen() };
  await using nginx = await startNginx({ ...ports, api: ports['fanout-2'] });
  for (const path of everyAddress)
    for (let n = 0; n < 4; n++) {
      expect((await fetch(`http://127.0.0.1:${nginx.port}${path}?${n}`)).status, path).toBe(200);
      expect(await handshake(nginx.port, `/v1/feed?${n}`)).toBe(101);
    }
});

test('nginx sends no POST twice, and its own 502 is not a problem of the API', async () => {
  let asked = 0;
  const broken = createServer(({ socket }) => {
    asked += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(broken, 'listening');
  const { port } = broken.address() as AddressInfo;
  await using nginx = await startNginx({ 'fanout-1': port, 'fanout-2': port, api: port });
  const paths = ['/v1/items', '/v1/test/items', '/v1/commands', '/v1/keys', '/v1/session', '/v1/painted', '/live/en'];
  for (const path of paths) {
    asked = 0;
    const answer = await fetch(`http://127.0.0.1:${nginx.port}${path}`, { method: 'POST', body: '{}' });
    expect([answer.status, answer.headers.get('content-type'), asked], path).toEqual([502, 'text/html', 1]);
  }
  broken.close();
});
