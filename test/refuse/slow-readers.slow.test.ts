import type { Socket } from 'node:net';
import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FanoutServer,
  frameWays,
  rawReader,
  serveFanout,
  TestReader,
  textFrames,
  until,
} from '../resources/fanout-server.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';
import { FrameClient, frame, handshake, opcode } from './clients/frame-client.ts';

const longHeadline = 'x'.repeat(1_000);

/** Publishes until a condition holds: the kernel's buffers have to fill before a reader is slow. */
async function publishUntil(log: MemoryLog, isEnough: () => boolean): Promise<void> {
  for (let n = 0; !isEnough() && n < 30_000; n++) {
    log.publish(`i${log.seq + 1}`, facets(), longHeadline);
    if (n % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  if (!isEnough()) throw new Error('nobody was slow');
}

/** The server's sockets, in the order of their connections. */
function socketsOf({ server }: FanoutServer): Socket[] {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  return sockets;
}

describe.each(frameWays)('clients that are slow, silent or gone %s', (_way, serve) => {
  test('a client that reads slowly is not cut, and the process holds one write for it', async () => {
    const log = new MemoryLog();
    await using server = await serve(log, { noProgressMs: 4_000, beatMs: 100_000 });
    const sockets = socketsOf(server);
    using beside = new TestReader(server.port, 'edition=en');
    await beside.frame('snapshot');
    const slow = await rawReader(server.port, 'edition=en');
    const { counters } = server.fanout.stats();
    await until(() => counters.snapshots.start === 2, 'both readers');
    let mostHeld = 0;
    await publishUntil(log, () => {
      mostHeld = Math.max(mostHeld, sockets[1]?.writableLength ?? 0);
      return counters.skipped > 0 && log.seq > 3_000;
    });
    const received: Buffer[] = [];
    const take = () => {
      // One piece per step, which is little beside the waiting megabytes.
      const bytes: Buffer | null = slow.read(65_536) ?? slow.read();
      if (bytes) received.push(bytes);
    };
    const drip = setInterval(take, 10);
    const start = performance.now();
    await until(() => performance.now() - start > 9_000, 'more than twice as long as without progress', 20_000);
    expect(counters.cutBy[4101]).toBe(0);
    clearInterval(drip);
    slow.on('data', (bytes) => received.push(bytes));
    await until(() => String(received.at(-1)).includes(`"seq":${log.seq},`), 'it has caught up', 15_000);
    const [first, ...rest] = textFrames(Buffer.concat(received)).map((text) => JSON.parse(text));
    const seqs = rest.filter(({ type }) => type === 'item').map(({ seq }) => seq);
    const gaps = rest.filter(({ type }) => type === 'snapshot');
    expect(first).toMatchObject({ type: 'snapshot', reason: 'start' });
    // Its position has left the ring, and it got one snapshot: no gap is silent.
    expect(gaps.length).toBeLessThanOrEqual(1);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(mostHeld).toBe(0); // the queue of the stream is never used
    await until(() => beside.seqs.at(-1) === log.seq, 'the reader beside it');
    slow.destroy();
  });

  test('a client that reads nothing is cut with 4101, is gone 5 s later without an answer, and can resume', async () => {
    const log = new MemoryLog();
    await using server = await serve(log, { noProgressMs: 500, beatMs: 100_000 });
    const stuck = await rawReader(server.port, 'edition=en');
    const { counters } = server.fanout.stats();
    await until(() => counters.snapshots.start === 1, 'the reader');
    await publishUntil(log, () => counters.skipped > 0);
    await until(() => counters.cutBy[4101] === 1, 'the cut', 5_000);
    await until(() => server.fanout.stats().connections === 0, 'its connection is gone', 15_000);
    stuck.destroy();
    using again = new TestReader(server.port, `edition=en&since=${log.epoch}:${log.seq - 3}`);
    expect(await again.frame('resumed')).toMatchObject({ missed: 3 });
  });

  test.each([
    ['that reads and does not answer pings', false],
    ['whose network is gone, so that nothing comes back', true],
  ])('a client %s is cut with 4102 at the second beat, and nothing of it remains', async (_name, isGone) => {
    const log = new MemoryLog();
    await using server = await serve(log, { beatMs: 600 });
    using beside = new TestReader(server.port, 'edition=en');
    await beside.frame('snapshot');
    using silent = await FrameClient.open(server.port);
    silent.answersClose = false;
    if (isGone) silent.socket.pause();
    const { counters } = server.fanout.stats();
    await until(() => counters.cutBy[4102] === 1, 'the cut', 10_000);
    await until(() => server.fanout.stats().connections === 1, 'its connection is gone', 15_000);
    expect(beside.closeCode).toBeNull();
    if (isGone) return;
    expect(silent.closeCode).toBe(4102);
    // It got one ping.
    expect(silent.frames.filter(({ opcode: code }) => code === opcode.ping)).toHaveLength(1);
  });

  test('a client that sends anything stays connected without a single pong', async () => {
    await using server = await serve(new MemoryLog(), { beatMs: 400 });
    using reader = await FrameClient.open(server.port);
    const beats = () => reader.frames.filter(({ opcode: code }) => code === opcode.ping).length;
    for (let turn = 1; turn <= 4; turn++) {
      await until(() => beats() >= turn, 'a ping', 10_000);
      reader.send(turn % 2 === 0 ? frame(opcode.pong) : frame(opcode.text, 'here'));
    }
    await until(() => beats() >= 5, 'another ping', 10_000);
    expect(reader.closeCode).toBeNull();
  });
});

describe('connections before the handshake', () => {
  test('two thousand silent connections keep no client from the feed', async () => {
    const log = new MemoryLog();
    await using server = await serveFanout(log);
    using beside = new TestReader(server.port, 'edition=en');
    await beside.frame('snapshot');
    const silent = Array.from({ length: 2_000 }, () =>
      connect({ port: server.port, host: '127.0.0.1' }).on('error', () => undefined),
    );
    log.publish('a', facets());
    await until(() => beside.seqs.length === 1, 'the reader beside them');
    using joiner = new TestReader(server.port, 'edition=en');
    await joiner.frame('snapshot');
    log.publish('b', facets());
    await until(() => beside.seqs.length === 2 && joiner.seqs.length === 1, 'both readers');
    for (const socket of silent) socket.destroy();
  });

  test('upgrades beyond the accept rate wait at most 5 s, and the rest get 503 with Retry-After at once', async () => {
    const log = new MemoryLog();
    await using server = await serveFanout(log, { acceptRate: 10 });
    using beside = new TestReader(server.port, 'edition=en');
    await beside.frame('snapshot');
    const start = performance.now();
    const clients = await Promise.all(Array.from({ length: 200 }, () => FrameClient.open(server.port)));
    const tookMs = performance.now() - start;
    expect(tookMs).toBeLessThan(10_000);
    const answers = clients.map(({ head }) => head.slice(9, 12));
    const admitted = answers.filter((status) => status === '101').length;
    expect(new Set(answers)).toEqual(new Set(['101', '503']));
    // Ten per second for five seconds, and the burst of the bucket.
    expect(admitted).toBeGreaterThan(30);
    expect(admitted).toBeLessThanOrEqual(10 + tookMs / 100);
    for (const { head } of clients)
      if (!head.startsWith('HTTP/1.1 101')) expect(head).toMatch(/\r\nRetry-After: \d+\r\n/);
    log.publish('a', facets());
    await until(() => beside.seqs.length === 1, 'the reader beside them');
    for (const client of clients) client[Symbol.dispose]();
    await until(() => server.fanout.stats().connections === 1, 'all have left');
    expect(server.fanout.stats().waiting).toBe(0);
  });

  test('upgrades whose client gives up leave the queue and the count of their address', async () => {
    await using server = await serveFanout(new MemoryLog(), { acceptRate: 5, maxConnectionsPerAddress: 30 });
    for (let round = 0; round < 3; round++) {
      const sockets = Array.from({ length: 20 }, () => {
        const socket = connect({ port: server.port, host: '127.0.0.1' });
        socket.on('error', () => undefined);
        socket.write(handshake('edition=en'));
        return socket;
      });
      await until(() => server.fanout.stats().waiting > 5, 'they wait');
      for (const socket of sockets) socket.resetAndDestroy();
      await until(
        () => server.fanout.stats().waiting === 0 && server.fanout.stats().connections === 0,
        'they are gone',
        10_000,
      );
    }
    using reader = new TestReader(server.port, 'edition=en');
    await reader.frame('snapshot');
  });
});

describe('resume with any since', () => {
  test('any since gets one frame of bounded size, from memory alone', async () => {
    const log = new MemoryLog();
    for (let n = 0; n < 100; n++) log.publish(`i${n}`, facets());
    await using server = await serveFanout(log, { replica: { items: 100, entries: 50 } });
    const reads = { ...log.calls };
    const since = fc.oneof(
      fc.integer({ min: 0, max: 200 }).map((seq) => `${log.epoch}:${seq}`),
      fc.constantFrom(
        `${log.epoch}:-1`,
        `${log.epoch}:9007199254740991`,
        `${log.epoch}:99999999999999999999`,
        `${log.epoch}:1e3`,
        `${log.epoch}:NaN`,
        'oldepoch:50',
        ':',
        '::',
        '__proto__:1',
        'x'.repeat(5_000),
      ),
      fc.string({ unit: 'binary', maxLength: 80 }),
    );
    await fc.assert(
      fc.asyncProperty(since, async (asked) => {
        using client = await FrameClient.open(server.port, { query: `edition=en&since=${encodeURIComponent(asked)}` });
        const { payload } = client.frames[0] ?? { payload: Buffer.alloc(0) };
        const first = JSON.parse(String(payload));
        expect(['snapshot', 'resumed']).toContain(first.type);
        expect(payload.length).toBeLessThan(16_384);
        if (first.type === 'resumed') expect(first.missed).toBeLessThanOrEqual(50);
      }),
      { numRuns: 200 },
    );
    // The process reads the head once a second, independent of requests.
    expect({ ...log.calls, head: 0 }).toEqual({ ...reads, head: 0 });
  });
});
