import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  connectFeed,
  type FeedHandle,
  type FeedOptions,
  type FeedSocket,
  type FeedSocketConstructor,
} from '../../src/client/index.ts';
import type { TransportName } from '../../src/client/transport-choice.ts';
import { serveFanout, until } from '../resources/fanout-server.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeFeed } from './fake-feed.ts';
import { itemFrame, resumed, snapshot } from './frames.ts';

const { reportError: realReport, fetch: realFetch } = globalThis;
let reported: unknown[] = [];

beforeEach(() => {
  reported = [];
  globalThis.reportError = (error) => reported.push(error);
});

afterEach(() => {
  globalThis.reportError = realReport;
  globalThis.fetch = realFetch;
});

class NoSocket implements FeedSocket {
  constructor() {
    throw new TypeError('blocked');
  }
  addEventListener(): void {}
  close(): void {}
}

/** Lets one transport through, and no other. */
function allowOnly(transport: TransportName): FeedSocketConstructor {
  const other = { websocket: '/v1/feed.', sse: '/v1/feed.poll', poll: '/v1/feed.sse' }[transport];
  globalThis.fetch = (input, init) =>
    String(input).includes(other) ? Promise.reject(new TypeError('blocked')) : realFetch(input, init);
  return transport === 'websocket' ? WebSocket : NoSocket;
}

/** Follows a feed over one transport. `find` advances the clock until the SDK uses it. */
function follow(url: string, transport: TransportName, options: Pick<FeedOptions, 'onItems' | 'onState' | 'onFrame'>) {
  const clock = new FakeClock();
  const signals = () => () => {};
  const WebSocket = allowOnly(transport);
  const feed = connectFeed({ url, edition: 'en', WebSocket, clock, random: () => 0.5, signals, ...options });
  const find = () =>
    until(() => {
      if (feed.stats().position === null) clock.advance(2_000);
      return feed.stats().transport === transport && feed.stats().position !== null;
    }, transport);
  return { feed, clock, find, [Symbol.dispose]: () => feed.close() };
}

describe.each(['websocket', 'sse', 'poll'] as const)('a callback over %s', (transport) => {
  test('a callback that throws is reported each time, and the feed continues', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log, { beatMs: 300_000 });
    const seen = { ids: [] as string[], frames: [] as string[], states: 0, calls: 0 };
    const fail = (what: string): never => {
      seen.calls++;
      throw new Error(what);
    };
    using reader = follow(server.origin, transport, {
      onItems: (items) => {
        seen.ids = items.map(({ id }) => id);
        fail('items');
      },
      onState: () => {
        seen.states++;
        fail('state');
      },
      onFrame: (frame) => {
        seen.frames.push(frame.type);
        fail('frame');
      },
    });
    await reader.find();
    const { reconnects } = reader.feed.stats();
    for (const id of ['b', 'c']) {
      log.publish(id, facets());
      await until(() => seen.ids[0] === id, `item ${id}`);
    }
    log.retract('b');
    await until(() => !seen.ids.includes('b'), 'the removal');
    await until(() => seen.frames.length === 4, 'every frame');
    expect(seen.frames).toEqual(['snapshot', 'item', 'item', 'removal']);
    expect(reader.feed.stats()).toMatchObject({ transport, reconnects });
    expect(reported).toHaveLength(seen.calls);
    const kinds = reported.map((error) => (error instanceof Error ? error.message : ''));
    expect(new Set(kinds)).toEqual(new Set(['items', 'state', 'frame']));
  });

  test('a callback that closes the feed is the last one called', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log, { beatMs: 300_000 });
    const calls: string[] = [];
    using reader = follow(server.origin, transport, {
      onItems: () => {
        calls.push('items');
        reader.feed.close();
      },
      onState: ({ type }) => calls.push(type),
      onFrame: () => calls.push('frame'),
    });
    await reader.find();
    log.publish('b', facets());
    await until(() => server.fanout.stats().connections === 0, 'the end of the connection');
    expect(calls.at(-1)).toBe('items');
    expect(calls.filter((call) => call === 'items')).toHaveLength(1);
    expect(reader.clock.next()).toBeNull();
    expect(reported).toEqual([]);
  });
});

describe('the callbacks of a feed', () => {
  test('an async callback that rejects is reported', async () => {
    await using server = await FakeFeed.start();
    using reader = follow(server.url, 'websocket', { onItems: () => Promise.reject(new Error('later')) });
    (await server.reader(0)).send(snapshot(10, []));
    await until(() => reported.length === 1, 'the report');
    expect(reported).toEqual([new Error('later')]);
    expect(reader.feed.stats().reconnects).toBe(0);
  });

  test('callbacks run in order after connectFeed has returned, even if the socket answers at once', async () => {
    const calls: string[] = [];
    const say = (what: string) => calls.push(feed ? what : `${what}, too early`);
    class HastySocket {
      readonly #frames = [snapshot(10, []), itemFrame(11, 10)];
      addEventListener(type: string, listener: (event: never) => void): void {
        if (type !== 'message') return;
        for (const frame of this.#frames) listener({ data: JSON.stringify(frame) } as never);
      }
      close(): void {}
    }
    let feed: FeedHandle | null = null;
    feed = connectFeed({
      url: 'http://127.0.0.1:9',
      edition: 'en',
      WebSocket: HastySocket,
      clock: new FakeClock(),
      signals: (listener) => {
        listener.onOffline();
        return () => {};
      },
      onItems: (items) => say(`${items.length} items`),
      onState: ({ type }) => say(type),
      onFrame: ({ type }) => say(type),
    });
    expect(calls).toEqual([]);
    await Promise.resolve();
    await expect.poll(() => calls).toEqual(['connecting', '0 items', 'live', 'snapshot', '1 items', 'item', 'offline']);
    feed.close();
  });

  test('no callback runs if the feed is closed at once, or the url is not an address', async () => {
    const calls: string[] = [];
    const options = {
      edition: 'en',
      WebSocket,
      onItems: () => calls.push('items'),
      onState: () => calls.push('state'),
    };
    connectFeed({ url: 'http://127.0.0.1:9', ...options }).close();
    expect(() => connectFeed({ url: 'not an address', ...options })).toThrow(TypeError);
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toEqual([]);
  });

  test('a callback can close the feed when it is offline, and the feed does not reconnect', async () => {
    await using server = await FakeFeed.start();
    const states: string[] = [];
    using reader = follow(server.url, 'websocket', {
      onItems: () => {},
      onState: ({ type }) => {
        states.push(type);
        if (type === 'offline') reader.feed.close();
      },
    });
    const peer = await server.reader(0);
    peer.send(snapshot(10, []));
    await until(() => states.includes('live'), 'the snapshot');
    peer.socket.terminate();
    await until(() => states.includes('offline'), 'the loss');
    expect(reader.clock.next()).toBeNull();
    expect(states).toEqual(['connecting', 'live', 'offline']);
  });

  test('an error of a callback is written to the console where there is no reportError', async () => {
    Reflect.deleteProperty(globalThis, 'reportError');
    const written: unknown[] = [];
    const { error: realError } = console;
    console.error = (error) => written.push(error);
    try {
      await using server = await FakeFeed.start();
      const failure = new Error('of the callback');
      using reader = follow(server.url, 'websocket', {
        onItems: () => {
          throw failure;
        },
      });
      (await server.reader(0)).send(snapshot(10, []));
      await until(() => reader.feed.stats().position !== null, 'the snapshot');
      (await server.reader(0)).send(resumed(10, 0));
      expect(written).toEqual([failure]);
    } finally {
      console.error = realError;
    }
  });
});
