import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  connectFeed,
  type FeedOptions,
  type FeedState,
  type PublicItem,
  type SignalListener,
} from '../../src/client/index.ts';
import { retryDelay } from '../../src/client/retry.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeFeed } from './fake-feed.ts';
import { beat, epoch, itemAt, itemFrame, removal, resumed, snapshot } from './frames.ts';

/** A reader under test: what it shows, what it says of itself, and its time. */
function follow(url: string, options: Partial<FeedOptions> = {}) {
  const clock = new FakeClock();
  const seen = { items: [] as readonly PublicItem[], states: [] as FeedState[], seqs: [] as (number | null)[] };
  const signals: { listener: SignalListener | null } = { listener: null };
  const handle = connectFeed({
    url,
    edition: 'en',
    WebSocket,
    clock,
    random: () => 0.5,
    signals: (listener) => {
      signals.listener = listener;
      return () => {
        signals.listener = null;
      };
    },
    onItems: (items) => {
      seen.items = items;
    },
    onState: (state) => seen.states.push(state),
    onFrame: (frame) => seen.seqs.push(frame.type === 'reconnect' ? null : frame.seq),
    ...options,
  });
  return { clock, seen, signals, state: () => seen.states.at(-1)?.type, [Symbol.dispose]: () => handle.close() };
}

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000, interval: 5 });

describe('connectFeed', () => {
  test('IT-1, RM-3: asks for its edition and filter, shows the snapshot and folds what follows', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url, { filter: { sections: ['sports', 'health'], topics: ['cup final'] }, limit: 50 });
    const peer = await feed.reader(0);
    expect(peer.query.toString()).toBe('edition=en&section=sports&section=health&topic=cup+final&limit=50');
    peer.send(snapshot(10, [itemAt(10), itemAt(8)]));
    peer.send(itemFrame(11, 10));
    peer.send(itemFrame(12, 11, itemAt(8, { version: 2, headline: 'Put right' }), 'corrected'));
    peer.send(removal(13, 12, 'item-10', 2));
    await poll(() => reader.seen.seqs).toEqual([10, 11, 12, 13]);
    expect(reader.seen.items.map((item) => item.id)).toEqual(['item-11', 'item-8']);
    expect(reader.seen.items[1]).toMatchObject({ version: 2, headline: 'Put right' });
    expect(reader.seen.states.map((state) => state.type)).toEqual(['connecting', 'live']);
  });

  test('PO-2, RW-2: comes back with its position at a random time in the window, and catches up', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url);
    (await feed.reader(0)).send(snapshot(10, [itemAt(10)]));
    await poll(reader.state).toBe('live');
    (await feed.reader(0)).socket.terminate();
    await poll(reader.state).toBe('offline');
    expect(reader.clock.next()).toBe(2_100);
    reader.clock.advance(2_100);
    const peer = await feed.reader(1);
    expect(peer.query.get('since')).toBe(`${epoch}:10`);
    peer.send(resumed(10, 2));
    await poll(reader.state).toBe('catching up');
    peer.send(itemFrame(11, 10));
    peer.send(itemFrame(12, 11));
    await poll(reader.state).toBe('live');
    expect(reader.seen.items.map((item) => item.place)).toEqual([12, 11, 10]);
  });

  test('BT-3: comes back in the window of the newest beat', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, []));
    peer.send({ ...beat(10, 10), retry: { afterMs: 0, withinMs: 60_000 } });
    await poll(() => reader.seen.seqs).toEqual([10, 10]);
    peer.socket.terminate();
    await poll(reader.state).toBe('offline');
    expect(reader.clock.next()).toBe(30_000);
  });

  test('closes a connection with a hole in it and asks again for what is missing', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, []));
    peer.send(itemFrame(13, 12));
    await poll(reader.state).toBe('offline');
    expect(reader.seen.items).toEqual([]);
    reader.clock.advance(4_100);
    expect((await feed.reader(1)).query.get('since')).toBe(`${epoch}:10`);
  });

  test('replaces its list when a snapshot of another epoch comes', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, [itemAt(10)]));
    peer.send(snapshot(1, [itemAt(1)], { epoch: 'zzzz9999', reason: 'epoch' }));
    peer.socket.close(4200);
    await poll(reader.state).toBe('offline');
    expect(reader.seen.items.map((item) => item.place)).toEqual([1]);
    reader.clock.advance(4_100);
    expect((await feed.reader(1)).query.get('since')).toBe('zzzz9999:1');
  });

  test('BT-2: says delayed while the server has lost sight of the log', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, []));
    peer.send(beat(10, 10, true));
    await poll(reader.state).toBe('delayed');
    peer.send(beat(10, 10, false));
    await poll(reader.state).toBe('live');
  });

  test('RW-1: gives up a server that is silent for a beat and ten seconds', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url);
    (await feed.reader(0)).send(snapshot(10, []));
    await poll(reader.state).toBe('live');
    reader.clock.advance(29_999);
    expect(reader.state()).toBe('live');
    reader.clock.advance(1);
    expect(reader.seen.states.at(-1)).toEqual({ type: 'offline', since: reader.clock.now(), retrying: true });
  });

  test('RC-1: stays on its connection until its time in a drain has come', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, []));
    peer.send({ type: 'reconnect', afterMs: 500, withinMs: 8_000 });
    await poll(() => reader.clock.next()).toBe(4_500);
    peer.send(itemFrame(11, 10));
    await poll(() => reader.seen.items.length).toBe(1);
    reader.clock.advance(4_500);
    expect((await feed.reader(1)).query.get('since')).toBe(`${epoch}:11`);
    expect(reader.seen.states.map((state) => state.type)).toEqual(['connecting', 'live']);
  });

  test('CL-1: never comes back when the server says so', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url);
    (await feed.reader(0)).socket.close(4000);
    await poll(() => reader.seen.states.at(-1)).toMatchObject({ type: 'offline', retrying: false });
    expect(reader.clock.next()).toBeNull();
  });

  test('CL-1: a permanent refusal stays permanent when the network is lost and returns', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url);
    (await feed.reader(0)).socket.close(4000);
    await poll(() => reader.seen.states.at(-1)).toMatchObject({ type: 'offline', retrying: false });
    reader.signals.listener?.onOffline();
    reader.signals.listener?.onOnline();
    expect(reader.seen.states.at(-1)).toMatchObject({ type: 'offline', retrying: false });
    expect(reader.clock.next()).toBeNull();
  });

  test('checks its connection when the page is seen again, and waits no longer when the network is back', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url);
    const first = await feed.reader(0);
    first.send(snapshot(10, []));
    await poll(reader.state).toBe('live');
    first.socket.terminate();
    await poll(reader.state).toBe('offline');
    reader.clock.advance(2_100);
    const second = await feed.reader(1);
    second.send(snapshot(10, []));
    await poll(reader.state).toBe('live');
    reader.signals.listener?.onVisible();
    expect(reader.state()).toBe('live');
    reader.signals.listener?.onOffline();
    expect(reader.state()).toBe('offline');
    reader.signals.listener?.onOnline();
    reader.clock.advance(2_100);
    expect((await feed.reader(2)).query.get('since')).toBe(`${epoch}:10`);
  });

  test('goes on from a position that it was given, without the items before it', async () => {
    await using feed = await FakeFeed.start();
    using reader = follow(feed.url, { since: `${epoch}:40` });
    const peer = await feed.reader(0);
    expect(peer.query.get('since')).toBe(`${epoch}:40`);
    peer.send(resumed(40, 1));
    peer.send(itemFrame(42, 39));
    await poll(() => reader.seen.items.map((item) => item.place)).toEqual([42]);
  });

  test('ends quietly when it is closed', async () => {
    await using feed = await FakeFeed.start();
    const reader = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, []));
    await poll(reader.state).toBe('live');
    reader[Symbol.dispose]();
    await poll(() => peer.socket.readyState).toBe(WebSocket.CLOSED);
    expect(reader.signals.listener).toBeNull();
    expect(reader.clock.next()).toBeNull();
    expect(reader.state()).toBe('live');
  });

  test('refuses an address that is none', () => {
    expect(() => follow('not an address')).toThrow(TypeError);
  });
});

describe('retryDelay', () => {
  const window = { afterMs: 100, withinMs: 4_000 };
  const most = () => 1;

  test('RW-2, RW-3: draws the first retry from the window and the later ones from a growing back-off', () => {
    expect([0, 1, 2, 3, 9].map((attempt) => retryDelay(1006, attempt, window, most))).toEqual([
      4_100, 500, 1_000, 2_000, 20_000,
    ]);
  });

  test('CL-1, CL-2, CL-3: obeys the range of the close code', () => {
    expect(retryDelay(4001, 0, window, most)).toBeNull();
    expect(retryDelay(4100, 0, window, most)).toBe(4_600);
    expect(retryDelay(4200, 5, window, most)).toBe(4_100);
  });
});
