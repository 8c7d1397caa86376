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

/** A client under test: its items, its states, and its clock. */
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
  test('IT-1, RM-3: the SDK asks for its edition and filter, shows the snapshot and applies the frames after it', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url, { filter: { sections: ['sports', 'health'], topics: ['cup final'] }, limit: 50 });
    const peer = await feed.reader(0);
    expect(peer.query.toString()).toBe('edition=en&section=sports&section=health&topic=cup+final&limit=50&beat=50');
    peer.send(snapshot(10, [itemAt(10), itemAt(8)]));
    peer.send(itemFrame(11, 10));
    peer.send(itemFrame(12, 11, itemAt(8, { version: 2, headline: 'Corrected' }), 'corrected'));
    peer.send(removal(13, 12, 'item-10', 2));
    await poll(() => client.seen.seqs).toEqual([10, 11, 12, 13]);
    expect(client.seen.items.map((item) => item.id)).toEqual(['item-11', 'item-8']);
    expect(client.seen.items[1]).toMatchObject({ version: 2, headline: 'Corrected' });
    expect(client.seen.states.map((state) => state.type)).toEqual(['connecting', 'live']);
  });

  test('PO-2, RW-2: the SDK reconnects with its position at a random time in the window, and catches up', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url);
    (await feed.reader(0)).send(snapshot(10, [itemAt(10)]));
    await poll(client.state).toBe('live');
    (await feed.reader(0)).socket.terminate();
    await poll(client.state).toBe('offline');
    expect(client.clock.next()).toBe(2_100);
    client.clock.advance(2_100);
    const peer = await feed.reader(1);
    expect(peer.query.get('since')).toBe(`${epoch}:10`);
    peer.send(resumed(10, 2));
    await poll(client.state).toBe('catching up');
    peer.send(itemFrame(11, 10));
    peer.send(itemFrame(12, 11));
    await poll(client.state).toBe('live');
    expect(client.seen.items.map((item) => item.place)).toEqual([12, 11, 10]);
  });

  test('BT-3: the SDK reconnects in the window of the newest beat', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, []));
    peer.send({ ...beat(10, 10), retry: { afterMs: 0, withinMs: 60_000 } });
    await poll(() => client.seen.seqs).toEqual([10, 10]);
    peer.socket.terminate();
    await poll(client.state).toBe('offline');
    expect(client.clock.next()).toBe(30_000);
  });

  test('RW-2: a gap counts as a loss: the SDK resumes in the window, from the position before the gap', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, []));
    peer.send(itemFrame(13, 12));
    await poll(client.state).toBe('offline');
    expect(client.seen.items).toEqual([]);
    expect(client.clock.next()).toBe(2_100);
    client.clock.advance(2_100);
    expect((await feed.reader(1)).query.get('since')).toBe(`${epoch}:10`);
  });

  test('a snapshot of another epoch replaces the list', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, [itemAt(10)]));
    peer.send(snapshot(1, [itemAt(1)], { epoch: 'zzzz9999', reason: 'epoch' }));
    peer.socket.close(4200);
    await poll(client.state).toBe('offline');
    expect(client.seen.items.map((item) => item.place)).toEqual([1]);
    client.clock.advance(4_100);
    expect((await feed.reader(1)).query.get('since')).toBe('zzzz9999:1');
  });

  test('BT-2: the state is delayed while the server cannot read its log', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, []));
    peer.send(beat(10, 10, true));
    await poll(client.state).toBe('delayed');
    peer.send(beat(10, 10, false));
    await poll(client.state).toBe('live');
  });

  test('RW-1: a connection that is silent for a beat and ten seconds counts as lost', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url);
    (await feed.reader(0)).send(snapshot(10, []));
    await poll(client.state).toBe('live');
    client.clock.advance(29_999);
    expect(client.state()).toBe('live');
    client.clock.advance(1);
    expect(client.seen.states.at(-1)).toEqual({ type: 'offline', since: client.clock.now(), retrying: true });
  });

  test('RC-1: the SDK keeps its connection during a drain until its own time has come', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, []));
    peer.send({ type: 'reconnect', afterMs: 500, withinMs: 8_000 });
    await poll(() => client.clock.next()).toBe(4_500);
    peer.send(itemFrame(11, 10));
    await poll(() => client.seen.items.length).toBe(1);
    client.clock.advance(4_500);
    expect((await feed.reader(1)).query.get('since')).toBe(`${epoch}:11`);
    expect(client.seen.states.map((state) => state.type)).toEqual(['connecting', 'live']);
  });

  test('CL-1: the SDK never retries after a close code from 4000 to 4099', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url);
    (await feed.reader(0)).socket.close(4000);
    await poll(() => client.seen.states.at(-1)).toMatchObject({ type: 'offline', retrying: false });
    expect(client.clock.next()).toBeNull();
  });

  test('CL-1: a permanent refusal stays permanent when the network is lost and returns', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url);
    (await feed.reader(0)).socket.close(4000);
    await poll(() => client.seen.states.at(-1)).toMatchObject({ type: 'offline', retrying: false });
    client.signals.listener?.onOffline();
    client.signals.listener?.onOnline();
    expect(client.seen.states.at(-1)).toMatchObject({ type: 'offline', retrying: false });
    expect(client.clock.next()).toBeNull();
  });

  test('the SDK checks its connection when the page is visible again, and reconnects when the network is back', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url);
    const first = await feed.reader(0);
    first.send(snapshot(10, []));
    await poll(client.state).toBe('live');
    first.socket.terminate();
    await poll(client.state).toBe('offline');
    client.clock.advance(2_100);
    const second = await feed.reader(1);
    second.send(snapshot(10, []));
    await poll(client.state).toBe('live');
    client.signals.listener?.onVisible();
    expect(client.state()).toBe('live');
    client.signals.listener?.onOffline();
    expect(client.state()).toBe('offline');
    client.signals.listener?.onOnline();
    client.clock.advance(2_100);
    expect((await feed.reader(2)).query.get('since')).toBe(`${epoch}:10`);
  });

  test('the option since resumes from a position, without the items before it', async () => {
    await using feed = await FakeFeed.start();
    using client = follow(feed.url, { since: `${epoch}:40` });
    const peer = await feed.reader(0);
    expect(peer.query.get('since')).toBe(`${epoch}:40`);
    peer.send(resumed(40, 1));
    peer.send(itemFrame(42, 39));
    await poll(() => client.seen.items.map((item) => item.place)).toEqual([42]);
  });

  test('close() ends the connection, the timers and the signals without another state', async () => {
    await using feed = await FakeFeed.start();
    const client = follow(feed.url);
    const peer = await feed.reader(0);
    peer.send(snapshot(10, []));
    await poll(client.state).toBe('live');
    client[Symbol.dispose]();
    await poll(() => peer.socket.readyState).toBe(WebSocket.CLOSED);
    expect(client.signals.listener).toBeNull();
    expect(client.clock.next()).toBeNull();
    expect(client.state()).toBe('live');
  });

  test('connectFeed throws a TypeError if the url is not an address', () => {
    expect(() => follow('not an address')).toThrow(TypeError);
  });
});

describe('retryDelay', () => {
  const window = { afterMs: 100, withinMs: 4_000 };
  const most = () => 1;

  test('RW-2, RW-3: the first retry is drawn from the window, and later ones from a growing back-off', () => {
    expect([0, 1, 2, 3, 9].map((attempt) => retryDelay(1006, attempt, window, most))).toEqual([
      4_100, 500, 1_000, 2_000, 20_000,
    ]);
  });

  test('CL-1, CL-2, CL-3: the range of a close code decides the delay of the retry', () => {
    expect(retryDelay(4001, 0, window, most)).toBeNull();
    expect(retryDelay(4100, 0, window, most)).toBe(4_600);
    expect(retryDelay(4200, 5, window, most)).toBe(4_100);
  });
});
