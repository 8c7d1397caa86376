import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createHttpServer, listen } from '../../src/ops/http-server.ts';
import { serveFanout, until } from '../resources/fanout-server.ts';
import { MemoryLog } from '../resources/memory-log.ts';

interface Connection extends Disposable {
  readonly socket: Socket;
  received: string;
  endedAfterMs: number | null;
}

/** Sends this many requests on one connection, a few at a time, or until it is closed. */
async function ask(connection: Connection, said: string, times: number): Promise<void> {
  for (let asked = 1; asked <= times; asked += 10) {
    const count = Math.min(10, times - asked + 1);
    connection.socket.write(said.repeat(count));
    const isAnswered = () => (connection.received.match(/^HTTP/gm)?.length ?? 0) >= asked + count - 1;
    await until(() => isAnswered() || connection.endedAfterMs !== null, 'answers');
  }
}

/** A connection that sends the given bytes, and how long the server kept it. */
function dial(port: number, said: string): Connection {
  const start = performance.now();
  const socket = connect({ port, host: '127.0.0.1' });
  const connection: Connection = { socket, received: '', endedAfterMs: null, [Symbol.dispose]: () => socket.destroy() };
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    connection.received += String(bytes);
  });
  socket.on('close', () => {
    connection.endedAfterMs = performance.now() - start;
  });
  socket.write(said);
  return connection;
}

const large = Buffer.alloc(64 * 1_024 * 1_024);

async function serve({
  keepAliveMs = 5_000,
  maxConnections = 1_000,
  mostSilent = 1_000,
  noProgressMs = 60_000,
  addressOf = (): string | null => 'one',
} = {}) {
  const dropped: string[] = [];
  const later: (() => void)[] = [];
  const server = createHttpServer({
    handlers: [
      ({ url }, response) => {
        if (url === '/large') response.end(large);
        if (url === '/later') later.push(() => response.end('later\n'));
        return url === '/large' || url === '/later';
      },
    ],
    whyNotReady: () => null,
    keepAliveMs,
    maxConnections,
    silent: { most: mostSilent, addressOf },
    noProgressMs,
    onDropped: (why) => dropped.push(why),
    onFault: (error) => {
      throw error;
    },
  });
  const port = await listen(server, 0, '127.0.0.1');
  return {
    server,
    port,
    dropped,
    later,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const headers = (count: number) => Array.from({ length: count }, (_, n) => `X-${n}: ${n}\r\n`).join('');
const get = 'GET /healthz HTTP/1.1\r\nHost: x\r\n';

describe('limits of connections', () => {
  test('the server itself reports its limits', async () => {
    await using own = await serve({ keepAliveMs: 65_000 });
    const { headersTimeout, requestTimeout, keepAliveTimeout, maxHeadersCount } = own.server;
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, maxHeadersCount }).toEqual({
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 65_000,
      maxHeadersCount: 64,
    });
  });

  test('an address may hold a limited number of connections without a request, and connections of a proxy do not count', async () => {
    const addresses: (string | null)[] = [];
    await using own = await serve({ mostSilent: 2, addressOf: () => addresses.shift() ?? null, keepAliveMs: 60_000 });
    // None of them may end before the test does.
    own.server.headersTimeout = 60_000;
    own.server.requestTimeout = 60_000;
    const dialled: Connection[] = [];
    using _ = { [Symbol.dispose]: () => dialled.forEach(({ socket }) => void socket.destroy()) };
    const come = async (address: string | null, request = '') => {
      const connection = dial(own.port, request);
      addresses.push(address);
      dialled.push(connection);
      await once(connection.socket, 'connect');
      return connection;
    };
    const asked = await come('a', `${get}\r\n`);
    await until(() => asked.received.includes('200 OK'), 'the answer');
    const [first, second] = [await come('a'), await come('a')];
    const third = await come('a');
    await until(() => third.endedAfterMs !== null, 'the third is closed');
    expect(own.dropped).toEqual(['silent']);
    const [other, proxied, ...more] = [await come('b'), await come(null), await come(null), await come(null)];
    first.socket.destroy();
    const isFree = async () => {
      const late = await come('a', `${get}\r\n`);
      await until(() => late.endedAfterMs !== null || late.received !== '', 'an answer, or the end');
      return late.received.includes('200 OK');
    };
    await expect.poll(isFree).toBe(true);
    expect([asked, second, other, proxied, ...more].map(({ endedAfterMs }) => endedAfterMs)).toEqual(
      Array(6).fill(null),
    );
  });

  test('a connection ends after a thousand requests, announced in the last answer, without a 503', async () => {
    await using own = await serve();
    using client = dial(own.port, '');
    await ask(client, `${get}\r\n`, 1_001);
    await until(() => client.endedAfterMs !== null, 'the end');
    const answers = client.received.match(/^HTTP.*|^Connection: .*/gm);
    const kept = Array(999).fill(['HTTP/1.1 200 OK', 'Connection: keep-alive']).flat();
    expect(answers).toEqual([...kept, 'HTTP/1.1 200 OK', 'Connection: close']);
  });

  test('sixteen requests may wait behind an unfinished answer, and one more ends the connection', async () => {
    await using own = await serve();
    using patient = dial(own.port, `${get.replace('healthz', 'later')}\r\n${`${get}\r\n`.repeat(16)}`);
    await until(() => own.later.length === 1, 'the first is asked');
    own.later[0]?.();
    const answers = () => patient.received.match(/^HTTP\/1\.1 200/gm)?.length;
    await until(() => answers() === 17, 'all are answered');
    // Answered requests do not count, so that a fast client is not cut.
    for (let round = 2; round < 10; round++) {
      patient.socket.write(`${get.replace('healthz', 'later')}\r\n${`${get}\r\n`.repeat(8)}`);
      await until(() => own.later.length === round, 'the next is asked');
      own.later[round - 1]?.();
      await until(() => answers() === 17 + (round - 1) * 9, 'all are answered');
    }
    expect(patient.endedAfterMs).toBeNull();
    for (const [first, rest] of [
      ['later', ''],
      ['healthz', ''],
      ['healthz', 'Expect: a-miracle\r\n'],
    ] as const) {
      using hasty = dial(own.port, `${get.replace('healthz', first)}\r\n${`${get}${rest}\r\n`.repeat(17)}`);
      await until(() => hasty.endedAfterMs !== null, `the end, behind ${first} ${rest}`);
      expect(hasty.received.match(/^HTTP/gm)?.length ?? 0).toBeLessThanOrEqual(1);
    }
  });

  // All at once: the longest takes ten seconds.
  test.concurrent.each([
    ['a silent connection', '', 4_900, 20_000, /^HTTP\/1\.1 408 |^$/],
    ['a request whose headers do not end', `${get}X-A: b`, 4_900, 20_000, /^HTTP\/1\.1 408 /],
    [
      'a request whose body does not arrive',
      `POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n`,
      4_900,
      25_000,
      /^HTTP/,
    ],
    ['an idle keep-alive connection', `${get}\r\n`, 4_900, 20_000, /^HTTP\/1\.1 200 /],
  ])('%s ends in time', async (_name, request, atLeast, atMost, answer) => {
    await using own = await serve();
    using connection = dial(own.port, request);
    await until(() => connection.endedAfterMs !== null, 'the end', 25_000);
    expect(connection.received).toMatch(answer);
    expect(connection.endedAfterMs).toBeGreaterThan(atLeast);
    expect(connection.endedAfterMs).toBeLessThan(atMost);
  });

  test('headers may have 8 KiB, and 64 of them are read', async () => {
    await using own = await serve();
    using large = dial(own.port, `${get}X: ${'a'.repeat(8_200)}\r\n\r\n`);
    using many = dial(own.port, `${get}${headers(2_000)}\r\n`);
    using few = dial(own.port, `${get}${headers(65)}\r\n`);
    await until(() => [large, many, few].every(({ received }) => received !== ''), 'answers');
    expect([large, many].map(({ received }) => received.slice(9, 12))).toEqual(['431', '431']);
    // Node 20 leaves the rest out, Node 24 refuses.
    expect(['200', '431']).toContain(few.received.slice(9, 12));
  });

  test('connections beyond the configured limit are closed, and new ones are accepted once there is room', async () => {
    await using own = await serve({ maxConnections: 3, keepAliveMs: 60_000 });
    const connections = [0, 1, 2].map(() => dial(own.port, `${get}\r\n`));
    await until(() => connections.every(({ received }) => received.includes('200')), 'three answers');
    using fourth = dial(own.port, `${get}\r\n`);
    await until(() => fourth.endedAfterMs !== null, 'the end of the fourth');
    expect(fourth.received).toBe('');
    expect(own.dropped).toEqual(['full']);
    connections[0]?.socket.destroy();
    await until(() => connections[0]?.endedAfterMs !== null, 'one leaves');
    let room: Connection | undefined;
    await until(() => {
      if (room === undefined || room.endedAfterMs !== null) room = dial(own.port, `${get}\r\n`);
      return room.received.includes('200');
    }, 'room');
    expect(connections.slice(1).map(({ endedAfterMs }) => endedAfterMs)).toEqual([null, null]);
    for (const { socket } of [...connections, ...(room ? [room] : [])]) socket.destroy();
  });

  test('an answer stays open while it makes progress, and is cut when the client takes nothing', async () => {
    await using own = await serve({ noProgressMs: 2_000 });
    const stuck = dial(own.port, 'GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
    stuck.socket.pause();
    const slow = dial(own.port, 'GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
    slow.socket.pause();
    const sockets: Socket[] = [];
    own.server.on('connection', (socket: Socket) => sockets.push(socket));
    const drip = setInterval(() => slow.socket.read(), 5);
    await until(() => sockets.length === 2, 'both are there');
    await until(() => sockets[0]?.destroyed === true, 'the end of the one that is stuck', 15_000);
    expect(sockets[1]?.destroyed).toBe(false);
    clearInterval(drip);
    stuck.socket.destroy();
    slow.socket.destroy();
  });

  test('an event stream stays open while it beats, even if the client is silent', async () => {
    await using fanout = await serveFanout(new MemoryLog(), { beatMs: 1_500 });
    fanout.server.timeout = 1_000;
    using stream = dial(fanout.port, 'GET /v1/feed.sse?edition=en HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => stream.received.split('event: beat').length > 2, 'two beats', 15_000);
    expect(stream.endedAfterMs).toBeNull();
  });

  test("the limits differ from Node's defaults, which wait for a minute and more", () => {
    const plain = createServer();
    expect(plain.headersTimeout).toBe(60_000);
    expect(plain.requestTimeout).toBe(300_000);
  });
});
