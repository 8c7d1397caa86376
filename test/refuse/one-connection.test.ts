import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createHttpServer, listen } from '../../src/ops/http-server.ts';
import { ways } from '../deploy/behind-nginx.ts';
import { type FanoutServer, serveFanout, TestReader, until } from '../resources/fanout-server.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';
import { FrameClient, text } from './clients/frame-client.ts';

/** The server's sockets of clients with limit=50. Node writes to them: the native part takes none that looks encrypted from the start. */
function victimsOf({ server }: FanoutServer): Socket[] {
  const victims: Socket[] = [];
  const take = ({ url, socket }: IncomingMessage) => {
    if (url?.includes('limit=50')) victims.push(Object.assign(socket, { encrypted: true }));
  };
  server.prependListener('upgrade', take);
  server.prependListener('request', take);
  return victims;
}

/** Makes every further write to the socket throw. */
function breakSocket(socket: Socket | undefined): void {
  if (!socket) throw new Error('nobody to break');
  const broken = () => {
    throw new Error('broken on purpose');
  };
  Object.assign(socket, { _write: broken, _writev: broken });
}

describe.each(ways)('an exception while one connection is served %s', (_way, serve) => {
  test.each([
    ['a WebSocket', '/v1/feed'],
    ['a stream', '/v1/feed.sse'],
  ])('an exception while an entry is written to %s ends that connection alone', async (_name, path) => {
    const log = new MemoryLog();
    await using server = await serve(log);
    const victims = victimsOf(server);
    using beside = new TestReader(server.port, 'edition=en');
    await beside.frame('snapshot');
    using client = await follow(server, path);
    breakSocket(victims[0]);
    log.publish('a', facets());
    await until(() => client.isEnded, 'it is cut');
    log.publish('b', facets());
    await until(() => beside.seqs.length === 2, 'the reader beside it');
    await until(() => server.fanout.stats().connections === 1, 'it has left');
    expect(server.fanout.stats().counters.faults).toBe(1);
  });

  test('an entry that cannot be encoded for one feed ends the readers of that feed, and no other feed misses it', async () => {
    const log = new MemoryLog();
    await using server = await serveFanout(log);
    using beside = new TestReader(server.port, 'edition=en');
    using other = new TestReader(server.port, 'edition=en&section=politics');
    const victims = ['ws', 'ws too'].map(() => new TestReader(server.port, 'edition=en&topic=broken'));
    for (const reader of [beside, other, ...victims]) await reader.frame('snapshot');
    const topics = Object.assign<string[], object>(['broken'], {
      includes: () => {
        throw new Error('broken on purpose');
      },
    });
    log.publish('a', facets(['politics'], { topics }));
    log.publish('b', facets(['politics']));
    for (const victim of victims) await victim.closed();
    for (const reader of [beside, other]) await until(() => reader.seqs.length === 2, 'both entries');
    await until(() => server.fanout.stats().connections === 2, 'they have left');
    expect(server.fanout.stats().counters.faults).toBe(2);
  });

  test('an exception during a beat ends that connection alone', async () => {
    const log = new MemoryLog();
    await using server = await serve(log, { beatMs: 200 });
    const victims = victimsOf(server);
    using beside = new TestReader(server.port, 'edition=en');
    using client = await FrameClient.open(server.port, { query: 'edition=en&limit=50' });
    breakSocket(victims[0]);
    await until(() => client.isEnded, 'it is cut');
    await beside.frame('beat', 2);
    await until(() => server.fanout.stats().connections === 1, 'it has left');
  });

  test('an exception while a message is handled ends that connection alone', async () => {
    const log = new MemoryLog();
    await using server = await serve(log);
    const victims = victimsOf(server);
    using beside = new TestReader(server.port, 'edition=en');
    await beside.frame('snapshot');
    using client = await FrameClient.open(server.port, { query: 'edition=en&limit=50' });
    breakSocket(victims[0]);
    // The eleventh message gets a close frame.
    client.send(...Array.from({ length: 11 }, (_, n) => text(`${n}`)));
    await until(() => client.isEnded, 'it is cut');
    log.publish('a', facets());
    await until(() => beside.seqs.length === 1, 'the reader beside it');
    await until(() => server.fanout.stats().connections === 1, 'it has left');
  });
});

describe('an exception before a connection has a reader', () => {
  test('an exception during a join ends that connection, and its address is no longer counted', async () => {
    const log = new MemoryLog();
    await using server = await serveFanout(log, { maxConnectionsPerAddress: 2 });
    server.server.prependListener('upgrade', ({ url, socket }: IncomingMessage) => {
      if (url?.includes('limit=50')) breakSocket(socket);
    });
    using beside = new FanoutReaders(server.port);
    await beside.first.frame('snapshot');
    for (let n = 0; n < 5; n++) {
      using client = await FrameClient.open(server.port, { query: 'edition=en&limit=50' });
      expect(client.isEnded).toBe(true);
    }
    expect(server.fanout.stats().counters.faults).toBe(5);
    log.publish('a', facets());
    await until(() => beside.first.seqs.length === 1, 'the reader beside it');
    await beside.another().frame('snapshot');
  });

  test('an exception during a request or an upgrade gets an answer without details', async () => {
    const faults: string[] = [];
    const server = createHttpServer({
      handlers: [
        ({ url }) => {
          if (url === '/good') return false;
          throw new Error('broken on purpose');
        },
      ],
      upgrade: () => {
        throw new Error('broken on purpose');
      },
      whyNotReady: () => null,
      keepAliveMs: 5_000,
      maxConnections: 100,
      onFault: (error, path) => faults.push(`${path}: ${String(error)}`),
    });
    const port = await listen(server, 0, '127.0.0.1');
    const answer = await fetch(`http://127.0.0.1:${port}/bad?key=secret`);
    expect([answer.status, await answer.text()]).toEqual([
      500,
      'The server failed on this request. The failure is logged.\n',
    ]);
    using refused = await FrameClient.open(port);
    expect(refused.isEnded).toBe(true);
    expect((await fetch(`http://127.0.0.1:${port}/good`)).status).toBe(404);
    expect(faults).toEqual(['/bad: Error: broken on purpose', '/v1/feed: Error: broken on purpose']);
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
});

/** A client that has its first frame. */
async function follow(server: FanoutServer, path: string): Promise<{ readonly isEnded: boolean } & Disposable> {
  if (path === '/v1/feed') return FrameClient.open(server.port, { query: 'edition=en&limit=50' });
  const ending = new AbortController();
  const response = await fetch(`${server.origin}${path}?edition=en&limit=50`, { signal: ending.signal });
  const reading = response.body?.getReader();
  await reading?.read();
  const state = { isEnded: false, [Symbol.dispose]: () => ending.abort() };
  const over = () => {
    state.isEnded = true;
  };
  reading?.read().then(({ done }) => done && over(), over);
  return state;
}

class FanoutReaders implements Disposable {
  readonly first: TestReader;
  readonly #port: number;
  readonly #readers: TestReader[] = [];

  constructor(port: number) {
    this.#port = port;
    this.first = this.another();
  }

  another(): TestReader {
    const reader = new TestReader(this.#port, 'edition=en');
    this.#readers.push(reader);
    return reader;
  }

  [Symbol.dispose](): void {
    for (const reader of this.#readers) reader[Symbol.dispose]();
  }
}
