import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connectFeed, type FeedOptions, type FeedState, type SignalListener } from '../../src/client/index.ts';
import { ways } from '../deploy/behind-nginx.ts';
import { type FanoutServer, serveFanout, until } from '../fanout/fanout-server.ts';
import { facets, MemoryLog } from '../fanout/memory-log.ts';
import { FakeClock } from './fake-clock.ts';

/** No beat is due in what these tests take for minutes. */
const calm = { beatMs: 300_000 };

/** What a network does to a reader, and the reader in it. */
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
      if (!signals) throw new Error('nobody listens');
      return signals;
    },
    state: () => seen.states.at(-1)?.type,
    [Symbol.dispose]: () => handle.close(),
  };
}

/** A network that lets no WebSocket through, until it does. */
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
  test('TR-1: follows the feed as events where no WebSocket gets through, and goes back up without a hole or a double', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serve(log, calm);
    const { network, Socket } = blocked();
    using reader = follow(server, { WebSocket: Socket });
    await until(() => reader.state() === 'offline', 'the block');
    reader.clock.advance(2_000);
    await until(() => reader.state() === 'live', 'events');
    expect(reader.handle.stats()).toMatchObject({
      transport: 'sse',
      position: expect.stringMatching(/^epochone:1:[0-9a-f]{8}$/),
      reconnects: 1,
    });
    log.publish('b', facets());
    await until(() => reader.seen.ids.length === 2, 'an item by events');
    network.isBlocked = false;
    reader.clock.advance(60_000);
    log.publish('c', facets());
    await until(() => reader.handle.stats().transport === 'websocket', 'the WebSocket');
    log.publish('d', facets());
    await until(() => reader.seen.ids.length === 4, 'an item by WebSocket');
    expect(reader.seen.seqs).toEqual([2, 3, 4]);
    await until(() => server.fanout.stats().connections === 1, 'one connection');
    expect(reader.seen.states.filter((state) => state.type === 'offline')).toHaveLength(1);
  });

  test('PL-11: polls where events do not get through either, and never asks in circles', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serve(log, calm);
    const { Socket } = blocked();
    let asked = 0;
    const realFetch = globalThis.fetch;
    globalThis.fetch = (input, init) => {
      const url = String(input);
      if (!url.startsWith(server.origin)) return realFetch(input, init);
      if (url.includes('/v1/feed.sse')) return Promise.reject(new TypeError('blocked'));
      asked++;
      return realFetch(input, init);
    };
    try {
      using reader = follow(server, { WebSocket: Socket });
      await until(() => reader.state() === 'offline', 'the block');
      reader.clock.advance(2_000);
      await until(() => reader.handle.stats().transport === 'poll', 'the block of events');
      reader.clock.advance(2_000);
      await until(() => reader.state() === 'live', 'polls');
      for (const id of ['b', 'c', 'd']) {
        log.publish(id, facets());
        await until(() => reader.seen.ids[0] === id, `item ${id} by poll`);
      }
      log.retract('b');
      await until(() => !reader.seen.ids.includes('b'), 'the removal');
      expect(reader.seen.seqs).toEqual([2, 3, 4, 5]);
      expect(asked).toBeLessThan(8);
    } finally {
      globalThis.fetch = realFetch;
    }
  });

  test('RW-4: gives up where the server says so for good', async () => {
    await using server = await serve(new MemoryLog(), calm);
    const { Socket } = blocked();
    using reader = follow(server, { WebSocket: Socket, edition: 'xx' });
    await until(() => reader.state() === 'offline', 'the block');
    reader.clock.advance(2_000);
    await until(() => {
      const state = reader.seen.states.at(-1);
      return state?.type === 'offline' && !state.retrying;
    }, 'the end');
  });
});

describe('a reader on polls', () => {
  test('PL-8: is told over polls that the news is stale, and that it no longer is, without an entry', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log, calm);
    const { Socket } = blocked();
    const realFetch = globalThis.fetch;
    // The server gets over it between two polls.
    let isOver: Promise<void> = Promise.resolve();
    globalThis.fetch = async (input, init) => {
      if (String(input).includes('/v1/feed.sse')) throw new TypeError('blocked');
      await isOver;
      return realFetch(input, init);
    };
    try {
      using reader = follow(server, { WebSocket: Socket });
      await until(() => reader.state() === 'offline', 'the block');
      reader.clock.advance(2_000);
      await until(() => reader.handle.stats().transport === 'poll', 'the block of events');
      reader.clock.advance(2_000);
      await until(() => reader.state() === 'live', 'polls');
      log.isAway = true;
      let letGo = () => {};
      isOver = new Promise((resolve) => {
        letGo = resolve;
      });
      await until(() => reader.state() === 'delayed', 'the beat that says stale');
      log.isAway = false;
      await until(() => server.fanout.stats().editions['en']?.isStale === false, 'the repair');
      letGo();
      await until(() => reader.state() === 'live', 'the end of it', 10_000);
    } finally {
      globalThis.fetch = realFetch;
    }
  });
});

describe('a page that nobody looks at', () => {
  test('lets go of its connection after a minute and has missed nothing when it is seen again', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log, calm);
    using reader = follow(server);
    await until(() => reader.state() === 'live', 'the snapshot');
    reader.signals().onHidden();
    reader.clock.advance(59_000);
    expect(reader.state()).toBe('live');
    reader.clock.advance(1_000);
    expect(reader.state()).toBe('catching up');
    await until(() => server.fanout.stats().connections === 0, 'nobody connected');
    log.publish('b', facets());
    log.retract('a');
    reader.signals().onVisible();
    await until(() => reader.state() === 'live', 'the rest');
    expect(reader.seen.seqs).toEqual([2, 3]);
    expect(server.fanout.stats().counters.resumed).toBe(1);
  });

  test('stays disconnected when the network is lost and returns meanwhile', async () => {
    await using server = await serveFanout(new MemoryLog(), calm);
    using reader = follow(server);
    await until(() => reader.state() === 'live', 'the snapshot');
    reader.signals().onHidden();
    reader.clock.advance(60_000);
    reader.signals().onOffline();
    reader.signals().onOnline();
    expect([reader.state(), reader.clock.next()]).toEqual(['catching up', null]);
    reader.signals().onVisible();
    await until(() => reader.state() === 'live', 'the resume');
    expect(reader.handle.stats().reconnects).toBe(1);
  });

  test('keeps its connection when it is seen again in time', async () => {
    await using server = await serveFanout(new MemoryLog(), calm);
    using reader = follow(server);
    await until(() => reader.state() === 'live', 'the snapshot');
    reader.signals().onHidden();
    reader.clock.advance(30_000);
    reader.signals().onVisible();
    reader.clock.advance(20_000);
    expect([reader.state(), reader.handle.stats().reconnects]).toEqual(['live', 0]);
  });
});
