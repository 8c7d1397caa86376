import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connectFeed, type FeedHandle, type FeedState, type ReceivedFrame } from '../../src/client/index.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeFeed, type FakeReader } from './fake-feed.ts';
import { epoch, itemAt, itemFrame, resumed, snapshot } from './frames.ts';

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000, interval: 5 });
/** No beat is due while a test advances its clock by minutes. */
const calm = { beatMs: 300_000 };

interface Midway extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly handle: FeedHandle;
  readonly states: readonly FeedState[];
  readonly frames: readonly ReceivedFrame[];
  readonly feed: FakeFeed;
  /** The stream of events that the client follows. */
  readonly events: { count(): number; send(frame: object): void; end(): void };
  /** The WebSocket that the client tries beside it, without an answer yet. */
  readonly candidate: FakeReader;
}

/** A client that follows events at seq 1, at the moment when a WebSocket is open beside them. */
async function openMidway(): Promise<Midway> {
  const streams: ServerResponse[] = [];
  const feed = await FakeFeed.start((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    streams.push(response);
  });
  const clock = new FakeClock();
  const states: FeedState[] = [];
  const frames: ReceivedFrame[] = [];
  let isBlocked = true;
  class Socket extends WebSocket {
    constructor(url: string) {
      if (isBlocked) throw new Error('blocked');
      super(url);
    }
  }
  const handle = connectFeed({
    url: feed.url,
    edition: 'en',
    WebSocket: Socket,
    clock,
    random: () => 0.5,
    signals: () => () => {},
    onItems: () => {},
    onState: (state) => states.push(state),
    onFrame: (frame) => frames.push(frame),
  });
  const events = {
    count: () => streams.length,
    send: (frame: object) => void streams.at(-1)?.write(`data: ${JSON.stringify(frame)}\n\n`),
    end: () => void streams.at(-1)?.end(),
  };
  await poll(() => states.at(-1)?.type).toBe('offline');
  clock.advance(2_100);
  await poll(() => streams.length).toBe(1);
  events.send(snapshot(1, [itemAt(1)], calm));
  await poll(() => states.at(-1)?.type).toBe('live');
  isBlocked = false;
  clock.advance(60_000);
  const candidate = await feed.reader(0);
  expect(candidate.query.get('since')).toBe(`${epoch}:1`);
  const close = async () => {
    handle.close();
    await feed[Symbol.asyncDispose]();
  };
  return { clock, handle, states, frames, feed, events, candidate, [Symbol.asyncDispose]: close };
}

test('a client that changes its transport applies a frame once although both transports send it', async () => {
  await using it = await openMidway();
  it.events.send(itemFrame(2, 1));
  await poll(() => it.frames.length).toBe(2);
  it.candidate.send(resumed(1, 1, calm));
  it.candidate.send(itemFrame(2, 1));
  it.candidate.send(itemFrame(3, 2));
  await poll(() => it.frames.length).toBe(4);
  expect(it.frames).toMatchObject([{ seq: 1 }, { seq: 2 }, { type: 'resumed', missed: 0 }, { seq: 3 }]);
  expect(it.states.map(({ type }) => type)).toEqual(['connecting', 'offline', 'live']);
});

test('a lost connection ends the attempt on a better transport, which follows after the next connection', async () => {
  await using it = await openMidway();
  const isGone = once(it.candidate.socket, 'close');
  it.events.end();
  await poll(() => it.states.at(-1)?.type).toBe('offline');
  await isGone;
  it.clock.advance(10_000);
  await poll(() => it.events.count()).toBe(2);
  it.events.send(resumed(1, 0, calm));
  await poll(() => it.states.at(-1)?.type).toBe('live');
  it.clock.advance(120_000);
  (await it.feed.reader(1)).send(resumed(1, 0, calm));
  await poll(() => it.handle.stats().transport).toBe('websocket');
});

test('a reconnect frame ends the attempt on a better transport', async () => {
  await using it = await openMidway();
  const isGone = once(it.candidate.socket, 'close');
  it.events.send({ type: 'reconnect', afterMs: 5_000, withinMs: 0 });
  await isGone;
  expect(it.states.at(-1)?.type).toBe('live');
  it.clock.advance(5_000);
  await poll(() => it.events.count()).toBe(2);
});
