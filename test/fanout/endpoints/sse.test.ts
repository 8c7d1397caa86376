import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/protocol/frame.ts';
import { frameWays, serveFanout, until } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';

interface StreamEvent {
  readonly type: string;
  readonly id: string | null;
  readonly frame: Frame;
}

/** An event stream that keeps everything it receives. */
class TestStream implements AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  text = '';
  isOver = false;
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    void this.#read(response);
  }

  static async open(origin: string, path: string, headers: Record<string, string> = {}): Promise<TestStream> {
    const abort = new AbortController();
    return new TestStream(await fetch(`${origin}${path}`, { headers, signal: abort.signal }), abort);
  }

  get events(): readonly StreamEvent[] {
    return this.text
      .split('\n\n')
      .slice(0, -1)
      .filter((block) => block.startsWith('event: '))
      .map((block) => {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;
        return { type: field('event') ?? '', id: field('id'), frame: JSON.parse(field('data') ?? '') };
      });
  }

  async count(events: number): Promise<readonly StreamEvent[]> {
    await until(() => this.events.length >= events || this.isOver, `${events} events`);
    return this.events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await until(() => this.isOver, 'the end of the stream');
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of response.body ?? []) this.text += decoder.decode(bytes, { stream: true });
    } catch {
      // Aborted by the test, or cut by the server.
    } finally {
      this.isOver = true;
    }
  }
}

/** A plain TCP connection that keeps what it receives. */
class TcpClient implements Disposable {
  readonly socket;
  text = '';
  isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .on('data', (bytes) => {
        this.text += String(bytes);
      })
      .on('close', () => {
        this.isClosed = true;
      });
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__';

describe.each(frameWays)('event stream %s', (_way, serve) => {
  test('SE-1, SE-6: an event stream carries each frame with its type and the position after it', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serve(log);
    await using stream = await TestStream.open(server.origin, '/v1/feed.sse?edition=en');
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(stream.headers.get('content-encoding')).toBe('identity');
    expect(stream.headers.get('access-control-allow-origin')).toBe('*');
    expect(stream.headers.get('transfer-encoding')).toBeNull();
    await stream.count(1);
    log.publish('b', facets());
    log.retract('a');
    const events = await stream.count(3);
    expect(events.map(({ type, id }) => [type, id])).toEqual([
      ['snapshot', `epochone:1:${log.hashAt(1)}`],
      ['item', `epochone:2:${log.hashAt(2)}`],
      ['removal', `epochone:3:${log.hashAt(3)}`],
    ]);
    expect(events[1]?.frame).toMatchObject({ type: 'item', seq: 2, prev: 1 });
  });

  test('/v1/feed answers with an event stream if the client accepts one', async () => {
    await using server = await serve(new MemoryLog());
    await using stream = await TestStream.open(server.origin, '/v1/feed?edition=en', { accept: 'text/event-stream' });
    expect((await stream.count(1))[0]?.type).toBe('snapshot');
  });

  test('SE-2: an event stream resumes from Last-Event-ID, whatever the address says', async () => {
    const log = new MemoryLog();
    for (const id of ['a', 'b', 'c']) log.publish(id, facets());
    await using server = await serve(log);
    await using stream = await TestStream.open(server.origin, '/v1/feed.sse?edition=en&since=epochone:0', {
      'last-event-id': 'epochone:2',
    });
    const events = await stream.count(2);
    expect(events.map(({ type, id }) => [type, id])).toEqual([
      ['resumed', `epochone:2:${log.hashAt(2)}`],
      ['item', `epochone:3:${log.hashAt(3)}`],
    ]);
  });

  test('PO-7, PO-10: an event stream sends a snapshot after rewritten history, and resumes from a missing or malformed hash', async () => {
    const log = new MemoryLog();
    for (const id of ['a', 'b', 'c']) log.publish(id, facets());
    await using server = await serve(log);
    const first = async (path: string, headers: Record<string, string> = {}) => {
      await using stream = await TestStream.open(server.origin, `/v1/feed.sse?edition=en${path}`, headers);
      return (await stream.count(1))[0]?.frame;
    };
    for (const seq of [2, 3]) {
      const rewritten = { type: 'snapshot', reason: 'epoch', seq: 3, hash: log.hashAt(3) };
      expect(await first(`&since=epochone:${seq}:00000000`)).toMatchObject(rewritten);
      expect(await first('', { 'last-event-id': `epochone:${seq}:00000000` })).toMatchObject(rewritten);
      for (const hash of ['', ':not-a-hash', `:${log.hashAt(seq)}`])
        expect(await first(`&since=epochone:${seq}${hash}`)).toMatchObject({ type: 'resumed', seq, missed: 3 - seq });
    }
  });

  test('an event stream beats, and keeps a client that cannot send', async () => {
    await using server = await serve(new MemoryLog(), { beatMs: 60 });
    await using stream = await TestStream.open(server.origin, '/v1/feed.sse?edition=en');
    const events = await stream.count(6);
    expect(events.slice(1).every(({ type }) => type === 'beat')).toBe(true);
    expect(server.fanout.stats().connections).toBe(1);
  });

  test('SE-4: a temporary refusal is an empty event stream with the time to retry', async () => {
    await using server = await serve(new MemoryLog(), { maxConnectionsPerAddress: 1 });
    await using first = await TestStream.open(server.origin, '/v1/feed.sse?edition=en');
    await first.count(1);
    await using second = await TestStream.open(server.origin, '/v1/feed.sse?edition=en');
    await until(() => second.isOver, 'the end');
    expect([second.status, second.text]).toEqual([200, expect.stringMatching(/^retry: \d{5,}\n\n$/)]);
  });

  test('SE-5: an event stream with a bad query gets a problem as JSON', async () => {
    await using server = await serve(new MemoryLog());
    const response = await fetch(`${server.origin}/v1/feed.sse?edition=xx`);
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    await response.body?.cancel();
  });

  test('SE-3: a drain ends event streams with a window and a retry time of their own', async () => {
    await using server = await serve(new MemoryLog());
    await using stream = await TestStream.open(server.origin, '/v1/feed.sse?edition=en');
    await stream.count(1);
    await server.fanout.drain(5_000);
    await until(() => stream.isOver, 'the end');
    expect(stream.events.at(-1)?.frame).toMatchObject({ type: 'reconnect' });
    expect(stream.text).toMatch(/retry: \d+\n\n$/);
    expect(server.fanout.stats().connections).toBe(0);
  });

  test('a client that leaves is forgotten, and a client that pipelines a request behind its stream is cut', async () => {
    await using server = await serve(new MemoryLog());
    const socket = connect(server.port, '127.0.0.1');
    let isClosed = false;
    socket
      .on('error', () => undefined)
      .on('close', () => {
        isClosed = true;
      });
    socket.resume();
    const ask = 'GET /v1/feed.sse?edition=en HTTP/1.1\r\nHost: x\r\n\r\n';
    socket.write(ask);
    await until(() => server.fanout.stats().connections === 1, 'the reader');
    socket.write(ask);
    await until(() => isClosed && server.fanout.stats().connections === 0, 'the end of both');
  });

  test('an event stream that takes no bytes is skipped, and gets a snapshot once its position has left the ring', async () => {
    const log = new MemoryLog();
    await using server = await serve(log, { replica: { items: 100, entries: 8 } });
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write('GET /v1/feed.sse?edition=en HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => server.fanout.stats().connections === 1, 'the reader');
    const long = 'x'.repeat(60_000);
    let published = 0;
    const publish = () => log.publish(`i${published++}`, facets(), long);
    await until(() => {
      publish();
      return server.fanout.stats().counters.skipped > 0;
    }, 'a reader that is passed over');
    for (let more = 0; more < 10; more++) publish();
    let text = '';
    socket.on('data', (bytes) => {
      text += String(bytes);
    });
    socket.resume();
    await until(() => /"reason":"gap"/.test(text), 'the snapshot', 20_000);
    socket.destroy();
  });
});

describe('the connection of an event stream', () => {
  test.each([
    [
      'a request with a scheme and a host',
      'GET http://x/v1/feed.sse?edition=en HTTP/1.1\r\nHost: y\r\n\r\n',
      /^HTTP\/1\.1 200 /,
    ],
    ['a request of HTTP/1.0 without a host', 'GET /v1/feed.sse?edition=en HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 200 /],
    [
      'a request that offers HTTP/2',
      `GET /v1/feed.sse?edition=en HTTP/1.1\r\nHost: x\r\n${h2c}\r\n\r\n`,
      /^HTTP\/1\.1 200 /,
    ],
  ])('%s gets an event stream', async (_name, request, head) => {
    await using server = await serveFanout(new MemoryLog());
    using client = new TcpClient(server.port);
    client.socket.write(request);
    await until(() => /event: snapshot/.test(client.text), 'the snapshot');
    expect(client.text).toMatch(head);
    expect(client.text.toLowerCase()).toContain('\r\nconnection: close\r\n');
  });

  test('a request for an event stream without a host gets 400', async () => {
    await using server = await serveFanout(new MemoryLog());
    using client = new TcpClient(server.port);
    client.socket.write('GET /v1/feed.sse?edition=en HTTP/1.1\r\n\r\n');
    await until(() => client.isClosed, 'the end');
    expect(client.text).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('an event stream asked for behind a request without an answer is refused after that answer, with a time to retry', async () => {
    await using server = await serveFanout(new MemoryLog());
    using client = new TcpClient(server.port);
    const poll = 'GET /v1/feed.poll?edition=en&wait=0 HTTP/1.1\r\nHost: x\r\n\r\n';
    client.socket.write(`${poll}GET /v1/feed.sse?edition=en HTTP/1.1\r\nHost: x\r\n\r\n`);
    await until(() => client.isClosed, 'the end');
    expect(client.text).toMatch(
      /^HTTP\/1\.1 200 [\s\S]*"snapshot"[\s\S]*HTTP\/1\.1 200 [\s\S]*text\/event-stream[\s\S]*\r\n\r\nretry: \d+\n\n$/,
    );
    expect(server.fanout.stats().connections).toBe(0);
  });

  test('a stream with a request in the same packet behind it is cut', async () => {
    await using server = await serveFanout(new MemoryLog());
    using client = new TcpClient(server.port);
    client.socket.write('GET /v1/feed.sse?edition=en HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2));
    await until(() => client.isClosed, 'the end');
    expect(server.fanout.stats().connections).toBe(0);
  });

  test('a client that ends its side of an event stream is forgotten', async () => {
    await using server = await serveFanout(new MemoryLog());
    using client = new TcpClient(server.port);
    client.socket.write('GET /v1/feed.sse?edition=en HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => server.fanout.stats().connections === 1, 'the reader');
    client.socket.end();
    await until(() => client.isClosed && server.fanout.stats().connections === 0, 'the end');
  });
});
