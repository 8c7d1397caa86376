import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createHttpServer, listen } from '../../src/ops/http-server.ts';
import { Unread } from '../../src/ops/unread.ts';
import { rawReader, serveFanout, TestReader, until } from '../resources/fanout-server.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

/** What somebody holds, until it is cut. */
class Holder {
  isCut = false;
  readonly address: string;
  readonly shared: object;
  readonly bytes: number;

  constructor(address: string, bytes: number, shared: object = {}) {
    this.address = address;
    this.bytes = bytes;
    this.shared = shared;
  }

  cut(): void {
    this.isCut = true;
  }
}

test('above the limit the address with most unread bytes loses its oldest connections, and no other does', () => {
  const unread = new Unread(1_000);
  const slow = new Holder('slow', 200);
  const greedy = Array.from({ length: 12 }, () => new Holder('greedy', 100));
  for (const holder of [slow, ...greedy]) unread.hold(holder);
  expect(unread.bytes).toBeLessThanOrEqual(1_000);
  expect(slow.isCut).toBe(false);
  const cut = greedy.filter((holder) => holder.isCut);
  expect(cut).toEqual(greedy.slice(0, cut.length));
  expect(unread.cut).toBe(cut.length);
  for (const holder of [slow, ...greedy, ...greedy]) unread.release(holder);
  expect(unread.bytes).toBe(0);
});

test('shared memory counts once, until the last connection has read it', () => {
  const unread = new Unread(1_000);
  const bytes = Buffer.alloc(500);
  const readers = Array.from({ length: 100 }, (_, n) => new Holder(`reader ${n}`, bytes.length, bytes));
  for (const reader of readers) unread.hold(reader);
  const alone = Array.from({ length: 6 }, () => new Holder('alone', 100));
  for (const holder of alone) unread.hold(holder);
  expect(readers.some((reader) => reader.isCut)).toBe(false);
  expect(alone.filter((holder) => holder.isCut)).toHaveLength(2);
  for (const reader of readers.slice(1)) unread.release(reader);
  expect(unread.bytes).toBe(900);
});

test('unread answers are bounded over all connections, and other clients are answered', async () => {
  await using stack = new ResourceStack();
  const limit = 8 * 2 ** 20;
  const unread = new Unread(limit);
  const server = createHttpServer({
    handlers: [
      (_request, response) => {
        // Later than its request, like a poll: Node goes on reading meanwhile.
        setImmediate(() => response.end(Buffer.alloc(500_000)));
        return true;
      },
    ],
    whyNotReady: () => null,
    keepAliveMs: 5_000,
    maxConnections: 1_000,
    unread: { bytes: unread, addressOf: ({ socket }: IncomingMessage) => socket.remoteAddress ?? 'gone' },
    onFault: () => undefined,
  });
  const port = await listen(server, 0, '127.0.0.1');
  stack.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  const ask = async (localAddress: string, times: number): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => undefined);
    stack.defer(() => void socket.destroy());
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(times));
    return socket;
  };
  const slow = await ask('127.0.0.2', 10);
  await until(() => unread.bytes > 0, 'it has an answer to read');
  for (let n = 0; n < 10; n++) {
    await ask('127.0.0.3', 10);
    expect(unread.bytes).toBeLessThanOrEqual(limit);
  }
  await until(() => unread.cut > 0, 'one is cut');
  expect(unread.bytes).toBeLessThanOrEqual(limit);
  let received = 0;
  for await (const bytes of slow) {
    received += (bytes as Buffer).length;
    if (received >= 5_000_000) break;
  }
  expect(received).toBeGreaterThanOrEqual(5_000_000);
});

test('unread streams are cut with 4101 before other readers become slow', async () => {
  const log = new MemoryLog();
  const unread = new Unread(200_000);
  await using server = await serveFanout(log, {}, { unread });
  using beside = new TestReader(server.port, 'edition=en');
  const stuck: Socket[] = [];
  for (const topic of ['a', 'b', 'c', 'd', 'e', 'f'])
    stuck.push(await rawReader(server.port, `edition=en&topic=${topic}&topic=all`));
  const { counters } = server.fanout.stats();
  await until(() => counters.snapshots.start === 7, 'all are there');
  for (let n = 0; counters.cutBy[4101] === 0 && n < 2_000; n++) {
    log.publish(`i${n}`, facets([], { topics: ['all'] }), 'x'.repeat(50_000));
    await until(() => beside.seqs.length === n + 1, 'the reader beside them');
    expect(unread.bytes).toBeLessThanOrEqual(200_000);
  }
  expect(counters.cutBy[4101]).toBeGreaterThan(0);
  for (const socket of stuck) socket.destroy();
  await until(() => server.fanout.stats().connections === 1, 'they have left');
  expect(unread.bytes).toBe(0);
});
