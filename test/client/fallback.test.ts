import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connectFeed, type FeedOptions, type FeedState, type SignalListener } from '../../src/client/index.ts';
import { ways } from '../deploy/behind-nginx.ts';
import { type FanoutServer, serveFanout, until } from '../resources/fanout-server.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';
import { FakeClock } from './fake-clock.ts';

/** No beat is due while a test advances its clock by minutes. */
const calm = { beatMs: 300_000 };

/** A client with what it received, its clock and its signals. */
function follow(server: FanoutServer, options: Partial<FeedOptions> = {}) {
  const clock = new FakeClock();
  const seen = { ids: [] as readonly string[], states: [] as FeedState[], seqs: [] as number[] };
  let signals: SignalListener | null = null;
  const handle = connectFeed({
    url: server.origin,
    edition: 'en',
    WebSocket,
    clock,
    random: () => 0.5,
    signals: (listener) => {
      signals = listener;
      return () => {};
    },
    onItems: (items) => {
      seen.ids = items.map((item) => item.id);
    },
    onState: (state) => seen.states.push(state),
    onFrame: (frame) => {
      if (frame.type === 'item' || frame.type === 'removal') seen.seqs.push(frame.seq);
    },
    ...options,
  });
  return {
    clock,
    seen,
    handle,
    signals: (): SignalListener => {
      if (!signals) throw new Error('no listener');
      return signals;
    },
    state: () => seen.states.at(-1)?.type,
    [Symbol.dispose]: () => handle.close(),
  };
}

/** A network that blocks every WebSocket until `isBlocked` is false. */
function blocked() {
  const network = { isBlocked: true };
  class Socket extends WebSocket {
    constructor(url: string) {
      super(network.isBlocked ? url.replace('/v1/feed', '/nowhere') : url);
    }
  }
  return { network, Socket };
}

describe.each(ways)('the transports of the SDK %s', (_name, serve) => {
  test('TR-1: the SDK follows events where WebSocket is blocked, and returns to it without a gap or a duplicate', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serve(log, calm);
    const { network, Socket } = blocked();
    using client = follow(server, { WebSocket: Socket });
    await until(() => client.state() === 'offline', 'the block');
    client.clock.advance(2_000);
    await until(() => client.state() === 'live', 'events');
    expect(client.handle.stats()).toMatchObject({
      transport: 'sse',
      position: expect.stringMatching(/^epochone:1:[0-9a-f]{8}$/),
      reconnects: 1,
    });
    log.publish('b', facets());
    await until(() => client.seen.ids.length === 2, 'an item by events');
    network.isBlocked = false;
    client.clock.advance(60_000);
    log.publish('c', facets());
    await until(() => client.handle.stats().transport === 'websocket', 'the WebSocket');
    log.publish('d', facets());
    await until(() => client.seen.ids.length === 4, 'an item by WebSocket');
    expect(client.seen.seqs).toEqual([2, 3, 4]);
    await until(() => server.fanout.stats().connections === 1, 'one connection');
    expect(client.seen.states.filter((state) => state.type === 'offline')).toHaveLength(1);
  });

  test('PL-11: the SDK polls where events are blocked too, and never polls in a loop', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serve(log, calm);
    const { Socket } = blocked();
    let polls = 0;
    const realFetch = globalThis.fetch;
    globalThis.fetch = (input, init) => {
      const url = String(input);
      if (!url.startsWith(server.origin)) return realFetch(input, init);
      if (url.includes('/v1/feed.sse')) return Promise.reject(new TypeError('blocked'));
      polls++;
      return realFetch(input, init);
    };
    try {
      using client = follow(server, { WebSocket: Socket });
      await until(() => client.state() === 'offline', 'the block');
      client.clock.advance(2_000);
      await until(() => client.handle.stats().transport === 'poll', 'the block of events');
      client.clock.advance(2_000);
      await until(() => client.state() === 'live', 'polls');
      for (const id of ['b', 'c', 'd']) {
        log.publish(id, facets());
        await until(() => client.seen.ids[0] === id, `item ${id} by poll`);
      }
      log.retract('b');
      await until(() => !client.seen.ids.includes('b'), 'the removal');
      expect(client.seen.seqs).toEqual([2, 3, 4, 5]);
      expect(polls).toBeLessThan(8);
    } finally {
      globalThis.fetch = realFetch;
    }
  });

  test('RW-4: the SDK stops retrying when the server refuses permanently over HTTP', async () => {
    await using server = await serve(new MemoryLog(), calm);
    const { Socket } = blocked();
    using client = follow(server, { WebSocket: Socket, edition: 'xx' });
    await until(() => client.state() === 'offline', 'the block');
    client.clock.advance(2_000);
    await until(() => {
      const state = client.seen.states.at(-1);
      return state?.type === 'offline' && !state.retrying;
    }, 'the end');
  });

  test('RW-4: the SDK retries after a temporary refusal over HTTP by CL-2, whatever Retry-After says', async () => {
    await using server = await serve(new MemoryLog(), calm);
    const { Socket } = blocked();
    const realFetch = globalThis.fetch;
    const headers = { 'content-type': 'application/problem+json', 'retry-after': '600' };
    let refusals = 0;
    globalThis.fetch = async (input, init) => {
      if (!String(input).startsWith(server.origin)) return realFetch(input, init);
      refusals++;
      return new Response('{}', { status: 503, headers });
    };
    try {
      using client = follow(server, { WebSocket: Socket });
      await until(() => client.state() === 'offline', 'the block');
      client.clock.advance(2_000);
      // Half of the window (4 s) and half of the second back-off (1 s). Before the refusal only the watch for silence is planned (10 s).
      await until(() => refusals === 1 && client.clock.next() === 2_500, 'the plan of the next attempt');
      client.clock.advance(2_500);
      await until(() => refusals === 2, 'the next attempt');
    } finally {
      globalThis.fetch = realFetch;
    }
  });
});

describe('a client on polls', () => {
  test('PL-8: a client on polls becomes delayed and live again without an entry', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log, calm);
    const { Socket } = blocked();
    const realFetch = globalThis.fetch;
    // The server recovers between two polls.
    let recovery: Promise<void> = Promise.resolve();
    globalThis.fetch = async (input, init) => {
      if (String(input).includes('/v1/feed.sse')) throw new TypeError('blocked');
      await recovery;
      return realFetch(input, init);
    };
    try {
      using client = follow(server, { WebSocket: Socket });
      await until(() => client.state() === 'offline', 'the block');
      client.clock.advance(2_000);
      await until(() => client.handle.stats().transport === 'poll', 'the block of events');
      client.clock.advance(2_000);
      await until(() => client.state() === 'live', 'polls');
      log.isUnreachable = true;
      let answer = () => {};
      recovery = new Promise((resolve) => {
        answer = resolve;
      });
      await until(() => client.state() === 'delayed', 'the beat that says stale');
      log.isUnreachable = false;
      await until(() => server.fanout.stats().editions['en']?.isStale === false, 'the repair');
      answer();
      await until(() => client.state() === 'live', 'the end of it', 10_000);
    } finally {
      globalThis.fetch = realFetch;
    }
  });
});

describe('a hidden page', () => {
  test('a hidden page disconnects after a minute, and has missed nothing when it is visible again', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log, calm);
    using client = follow(server);
    await until(() => client.state() === 'live', 'the snapshot');
    client.signals().onHidden();
    client.clock.advance(59_000);
    expect(client.state()).toBe('live');
    client.clock.advance(1_000);
    expect(client.state()).toBe('catching up');
    await until(() => server.fanout.stats().connections === 0, 'nobody connected');
    log.publish('b', facets());
    log.retract('a');
    client.signals().onVisible();
    await until(() => client.state() === 'live', 'the rest');
    expect(client.seen.seqs).toEqual([2, 3]);
    expect(server.fanout.stats().counters.resumed).toBe(1);
  });

  test('a hidden page stays disconnected when the network is lost and returns', async () => {
    await using server = await serveFanout(new MemoryLog(), calm);
    using client = follow(server);
    await until(() => client.state() === 'live', 'the snapshot');
    client.signals().onHidden();
    client.clock.advance(60_000);
    client.signals().onOffline();
    client.signals().onOnline();
    expect([client.state(), client.clock.next()]).toEqual(['catching up', null]);
    client.signals().onVisible();
    await until(() => client.state() === 'live', 'the resume');
    expect(client.handle.stats().reconnects).toBe(1);
  });

  test('a page that is hidden for less than a minute keeps its connection', async () => {
    await using server = await serveFanout(new MemoryLog(), calm);
    using client = follow(server);
    await until(() => client.state() === 'live', 'the snapshot');
    client.signals().onHidden();
    client.clock.advance(30_000);
    client.signals().onVisible();
    client.clock.advance(20_000);
    expect([client.state(), client.handle.stats().reconnects]).toEqual(['live', 0]);
  });
});
