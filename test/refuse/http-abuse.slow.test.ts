import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { expect, inject, test } from 'vitest';
import { startNginx } from '../../bench/target/nginx.ts';
import { openFollowedLog } from '../fanout/followed-log.ts';
import { TestReader, until } from '../resources/fanout-server.ts';
import { type Running, startFlashwire } from '../resources/flashwire.ts';
import { ResourceStack } from '../resources/resource-stack.ts';
import { handshake } from './clients/frame-client.ts';
import { addresses, type HttpRow, requestLines, smuggled, smuggling } from './rows/http-rows.ts';

const targets = {
  fanout: [
    '/v1/feed.json?edition=en',
    '/v1/feed?edition=en',
    '/v1/feed/history?edition=en',
    '/live/en',
    '/feeds/en.rss',
    '/ticker.js',
    '/readyz',
  ],
  api: ['/v1/items', '/v1/keys', '/v1/session', '/v1/openapi.json', '/desk', '/v1/test/items'],
};

const rowsFor = (paths: readonly string[]): readonly HttpRow[] => [
  ...paths.flatMap((path) =>
    [...smuggling(path), ...requestLines(path)].map((row) => ({ ...row, name: `${path}: ${row.name}` })),
  ),
  ...addresses,
];
const tables = { fanout: rowsFor(targets.fanout), api: rowsFor(targets.api) };

/** Everything that is received until the connection ends. */
function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let received = '';
    socket.setTimeout(15_000, () => {
      socket.destroy();
      reject(new Error(`not ended: ${received.slice(0, 80)}`));
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(received));
    socket.write(bytes);
  });
}

/** A proxy refuses requests that it cannot parse in its own way (501, 505), and normalizes the others. */
type By = 'flashwire' | 'nginx';

/** The faults in the outcome of a row; empty if there are none. */
async function play(port: number, row: HttpRow, by: By): Promise<readonly string[]> {
  const received = await exchange(port, row.send).catch((error: Error) => error.message);
  if (received.startsWith('not ended')) return [`${row.name}: ${received}`];
  const statuses = [...received.matchAll(/(?:^|\n)HTTP\/1\.[01] (\d{3}) /g)].map((match) => Number(match[1]));
  const isAllowed = (status: number) =>
    by === 'nginx'
      ? status < 500 || status === 501 || status === 505
      : status < 500 && (row.outcome === 'answered' || status >= 400);
  const isSmuggled = /\r\n\r\n(3\r\n)?ok\n/.test(received);
  if (statuses.every(isAllowed) && !isSmuggled) return [];
  return [`${row.name}: ${statuses.join(', ')} ${JSON.stringify(received.slice(0, 60))}`];
}

/** A few at a time: this tests the table, not the load. */
async function playAll(port: number, rows: readonly HttpRow[], by: By): Promise<readonly string[]> {
  const waiting = [...rows];
  const faults: string[] = [];
  const run = async () => {
    for (let row = waiting.shift(); row; row = waiting.shift()) faults.push(...(await play(port, row, by)));
  };
  await Promise.all(Array.from({ length: 20 }, run));
  return faults;
}

/** Connections that are reset within a header, right after an upgrade request, and during its answer. */
async function resetMany(port: number): Promise<void> {
  const whole = handshake('edition=en');
  const parts = [
    Buffer.from('G'),
    whole.subarray(0, 40),
    whole,
    Buffer.concat([whole, Buffer.alloc(60_000)]),
    handshake('edition=%'),
  ];
  await Promise.all(
    Array.from({ length: 200 }, (_, n) => parts[n % parts.length] ?? whole).map(
      (bytes, n) =>
        new Promise<void>((resolve) => {
          const socket = connect({ port, host: '127.0.0.1' });
          socket.on('error', () => undefined);
          socket.on('close', () => resolve());
          socket.write(bytes, () =>
            n % 2 === 0 ? socket.resetAndDestroy() : setImmediate(() => socket.resetAndDestroy()),
          );
        }),
    ),
  );
}

async function open(stack: ResourceStack) {
  const written = stack.use(await openFollowedLog(inject('redisUrl')));
  const env = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: written.prefix, LOG_LEVEL: 'info' };
  const fanout = stack.use(await startFlashwire('fanout', env));
  const api = stack.use(await startFlashwire('api', env));
  const beside = new TestReader(portOf(fanout), 'edition=en');
  stack.defer(() => beside[Symbol.dispose]());
  await beside.frame('snapshot');
  return {
    fanout,
    api,
    /** Checks that the processes are alive, have logged nothing, and serve others. */
    async check() {
      for (const { child, url, output } of [fanout, api]) {
        expect([child.exitCode, child.signalCode]).toEqual([null, null]);
        expect((await fetch(`${url}/healthz`)).status).toBe(200);
        expect(output.join('\n')).not.toMatch(/"level":(50|60)|"level":"(error|fatal)"/);
      }
      const seq = await written.publish(`item${beside.seqs.length}`, 'All is well');
      await until(() => beside.seqs.at(-1) === seq, 'the reader beside gets an entry');
    },
  };
}

function portOf({ url }: Running): number {
  return Number(new URL(url).port);
}

test(`${tables.fanout.length} harmful requests to a fan-out and ${tables.api.length} to an api get no 5xx, have no effect, and do not disturb other clients`, async () => {
  await using stack = new ResourceStack();
  const { fanout, api, check } = await open(stack);
  const seen = `GET /live/en HTTP/1.1\r\nHost: x\r\n\r\n${smuggled.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`;
  const row: HttpRow = { name: 'a second request is seen', send: Buffer.from(seen), outcome: 'answered' };
  expect(await play(portOf(fanout), row, 'flashwire')).toHaveLength(1);
  expect(await playAll(portOf(fanout), tables.fanout, 'flashwire')).toEqual([]);
  expect(await playAll(portOf(api), tables.api, 'flashwire')).toEqual([]);
  await check();
});

test(`nginx passes the same ${tables.fanout.length + tables.api.length} requests on without harm`, async () => {
  await using stack = new ResourceStack();
  const { fanout, api, check } = await open(stack);
  const ports = { 'fanout-1': portOf(fanout), 'fanout-2': portOf(fanout), api: portOf(api) };
  const nginx = stack.use(await startNginx(ports, 'keepalive_timeout 2s;'));
  expect(await playAll(nginx.port, [...tables.fanout, ...tables.api], 'nginx')).toEqual([]);
  await check();
});

const pipelined = {
  fanout: [
    'GET /v1/feed/items/01J00000000000000000000001',
    'GET /item/01J00000000000000000000002',
    'GET /v1/feed.json?edition=en',
    'GET /v1/feed.poll?edition=en',
    'GET /v1/feed/history?edition=en&before=9',
    'GET /feeds/en.rss',
    'GET /healthz',
    'POST /v1/painted?edition=en&id=x&version=1&ms=1',
  ],
  api: ['GET /v1/items', 'GET /v1/openapi.json'],
};

/** Several clients pipeline two thousand requests each. Returns the largest number of answers to one client. */
async function pipeline(port: number, row: string, connections: number): Promise<number> {
  const length = row.startsWith('POST') ? 'Content-Length: 0\r\n' : '';
  const bytes = Buffer.from(`${row} HTTP/1.1\r\nHost: x\r\n${length}\r\n`.repeat(2_000));
  const received = await Promise.all(Array.from({ length: connections }, () => exchange(port, bytes)));
  return Math.max(...received.map((text) => text.match(/HTTP\/1\.1 \d/g)?.length ?? 0));
}

async function residentMegabytes({ child }: Running): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024;
}

test('a client that pipelines two thousand requests before the first answer is cut, and costs little', async () => {
  await using stack = new ResourceStack();
  const { fanout, api, check } = await open(stack);
  for (const row of pipelined.fanout) expect(await pipeline(portOf(fanout), row, 2), row).toBeLessThanOrEqual(17);
  for (const row of pipelined.api) expect(await pipeline(portOf(api), row, 2), row).toBeLessThanOrEqual(17);
  const before = await residentMegabytes(fanout);
  await pipeline(portOf(fanout), pipelined.fanout[0] ?? '', 32);
  expect((await residentMegabytes(fanout)) - before).toBeLessThan(200);
  await check();
});

test('connections that are reset at any moment of an upgrade do not affect others', async () => {
  await using stack = new ResourceStack();
  const { fanout, api, check } = await open(stack);
  await Promise.all([resetMany(portOf(fanout)), resetMany(portOf(api))]);
  await check();
});
