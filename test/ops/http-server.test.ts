import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpServer, listen } from '../../src/ops/http-server.ts';

const keepAliveMs = 5_000;

/** Answers with what it was asked, body included. */
const server = createHttpServer({
  handlers: [
    (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => response.end(`<${request.method} ${request.url} ${request.headers.host} ${body}>`));
      return true;
    },
  ],
  upgrade: ({ url, headers }, socket: Socket) =>
    socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n<${url} ${headers.host} ${headers.upgrade}>`),
  whyNotReady: () => null,
  keepAliveMs,
  maxConnections: 100,
  onFault: (error) => {
    throw error;
  },
});
let port = 0;
beforeAll(async () => {
  port = await listen(server, 0, '127.0.0.1');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** The status lines and what stands in angle brackets of all that comes back. The last request ends the connection. */
function exchange(...requests: readonly string[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(requests.join('')));
    let received = '';
    socket.on('data', (chunk) => {
      received += String(chunk);
    });
    socket.on('error', reject);
    socket.on('close', () =>
      resolve([...received.matchAll(/HTTP\/1\.1 (\d{3})|(<[^>]*>)/g)].map(([, status, body]) => status ?? body ?? '')),
    );
  });
}

const asked = (line: string, headers: readonly string[] = [], body = '') =>
  `${[`${line} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n${body}`;
const h2c = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];

test.each([
  ['h2c, as curl --http2 asks', 'GET', h2c],
  ['h2c with HEAD', 'HEAD', h2c],
  ['h2c with a method that deletes', 'DELETE', h2c],
  ['TLS', 'OPTIONS', ['Connection: upgrade', 'Upgrade: TLS/1.2, HTTP/1.1']],
  ['a protocol in upper case', 'GET', ['Connection: Upgrade', 'Upgrade: H2C']],
  ['a name that begins like another', 'GET', ['Connection: Upgrade', 'Upgrade: websockets']],
  ['a version of a WebSocket that does not exist', 'GET', ['Connection: Upgrade', 'Upgrade: websocket/13']],
  ['a WebSocket with a method that has none', 'POST', ['Connection: Upgrade', 'Upgrade: websocket']],
])(
  'TR-3: a request to change to %s is answered as if it had not asked (%s), and its connection ends',
  async (_name, method, headers) => {
    const began = performance.now();
    expect(await exchange(asked(`${method} /a`, headers))).toEqual(
      method === 'HEAD' ? ['200'] : ['200', `<${method} /a localhost >`],
    );
    expect(performance.now() - began).toBeLessThan(keepAliveMs);
  },
);

test.each([
  ['without Connection: Upgrade', ['Upgrade: websocket']],
  ['without a name', ['Connection: Upgrade', 'Upgrade:']],
])('an Upgrade header %s is ignored, and the next request is answered', async (_name, headers) => {
  const last = asked('GET /last', ['Connection: close']);
  expect(await exchange(asked('GET /a', headers), last)).toEqual([
    ...['200', '<GET /a localhost >'],
    ...['200', '<GET /last localhost >'],
  ]);
});

test('an Upgrade header in HTTP/1.0 is ignored', async () => {
  const old = asked('GET /a', ['Connection: Upgrade', 'Upgrade: websocket']).replace('HTTP/1.1', 'HTTP/1.0');
  expect(await exchange(old)).toEqual(['200', '<GET /a localhost >']);
});

test('a request with an ignored Upgrade header keeps its body, in one piece or in chunks', async () => {
  const post = asked('POST /a', [...h2c, 'Content-Length: 4'], 'news');
  expect(await exchange(post)).toEqual(['200', '<POST /a localhost news>']);
  const chunked = asked('POST /a', [...h2c, 'Transfer-Encoding: chunked'], '2\r\nne\r\n2\r\nws\r\n0\r\n\r\n');
  expect(await exchange(chunked)).toEqual(['200', '<POST /a localhost news>']);
});

test.each([
  ['in any case', 'WebSocket'],
  ['among others', 'h2c, websocket'],
  ['first of several', 'websocket, h2c'],
])('a WebSocket opens when Upgrade is %s', async (_name, upgrade) => {
  const [status, seen] = await exchange(
    asked('GET /v1/feed', ['Connection: keep-alive, Upgrade', `Upgrade: ${upgrade}`]),
  );
  expect([status, seen]).toEqual(['101', '</v1/feed localhost websocket>']);
});

test.each([
  ['http://news.example/live/en?a=b', '/live/en?a=b news.example'],
  ['HTTP://News.Example:8080/', '/ News.Example:8080'],
  ['https://news.example/v1/feed.json?edition=en', '/v1/feed.json?edition=en news.example'],
  ['http://[2001:db8::1]:80/a', '/a [2001:db8::1]:80'],
  ['http://news.example', '/ news.example'],
  ['http://news.example?a=b', '/?a=b news.example'],
  ['http://news.example//evil.example/', '//evil.example/ news.example'],
  ['http://name:password@news.example/a', 'http://name:password@news.example/a localhost'],
  ['http:///a', 'http:///a localhost'],
  ['gopher://news.example/a', 'gopher://news.example/a localhost'],
])('TR-4: GET %s is read as %s', async (target, seen) => {
  expect(await exchange(asked(`GET ${target}`, ['Connection: close']))).toEqual(['200', `<GET ${seen} >`]);
});

test('a target with a host works on the health pages and for a WebSocket', async () => {
  const socket = asked('GET http://news.example/v1/feed?edition=en', ['Connection: Upgrade', 'Upgrade: websocket']);
  expect(await exchange(socket)).toEqual(['101', '</v1/feed?edition=en news.example websocket>']);
  expect(await exchange(asked('GET http://news.example/readyz', ['Connection: close']))).toEqual(['200']);
});

test('a readiness page has further lines, whatever its status', async () => {
  let why: string | null = null;
  const noted = createHttpServer({
    handlers: [],
    whyNotReady: () => why,
    notes: () => ['redis: weak'],
    keepAliveMs,
    maxConnections: 10,
    onFault: () => undefined,
  });
  const url = `http://127.0.0.1:${await listen(noted, 0, '127.0.0.1')}/readyz`;
  const read = async () => {
    const response = await fetch(url);
    return [response.status, await response.text()];
  };
  expect(await read()).toEqual([200, 'ready\nredis: weak\n']);
  why = 'a reason';
  expect(await read()).toEqual([503, 'not ready: a reason\nredis: weak\n']);
  noted.close();
});

test.each(['/healthz?from=probe', '/readyz?'])('GET %s ignores its query', async (target) => {
  const [status, body] = await exchange(asked(`GET ${target}`, ['Connection: close']));
  expect([status, body]).toEqual(['200', undefined]);
});

test.each(['OPTIONS *', 'OPTIONS http://news.example'])('%s is answered for the whole server', async (line) => {
  expect(await exchange(asked(line, ['Connection: close']))).toEqual(['204']);
});

test.each(['news.example:443', '/v1/feed'])('CONNECT %s is refused with an answer', async (target) => {
  expect(await exchange(asked(`CONNECT ${target}`))).toEqual(['405']);
});
