import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectFeed, type FeedState, type ReceivedFrame } from '../../src/client/index.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeFeed, type FakeReader } from './fake-feed.ts';
import { beat, epoch, itemAt, itemFrame, resumed, snapshot } from './frames.ts';

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000, interval: 5 });
/** No beat is due in what these tests take for minutes. */
const calm = { beatMs: 300_000 };

interface Midway extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly states: readonly FeedState[];
  readonly frames: readonly ReceivedFrame[];
  readonly feed: FakeFeed;
  /** The stream of events that it follows. */
  readonly events: { send(frame: object): void; end(): void };
  /** The WebSocket that it tries beside it, which has not been answered yet. */
  readonly candidate: FakeReader;
}

/** A reader that follows events at seq 1, in the moment in which a WebSocket is open beside them. */
async function openMidway(): Promise<Midway> {
  let stream: ServerResponse | undefined;
  const feed = await FakeFeed.start((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    stream = response;
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
    send: (frame: object) => void stream?.write(`data: ${JSON.stringify(frame)}\n\n`),
    end: () => void stream?.end(),
  };
  await poll(() => states.at(-1)?.type).toBe('offline');
  clock.advance(2_100);
  await poll(() => stream).toBeDefined();
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
  return { clock, states, frames, feed, events, candidate, [Symbol.asyncDispose]: close };
}

it('has missed nothing where the old transport has told it what the new one tells again', async () => {
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

it('has missed what the old transport did not tell before it was lost', async () => {
  await using it = await openMidway();
  it.events.send(itemFrame(2, 1));
  it.events.send(beat(3, 2));
  await poll(() => it.frames.length).toBe(3);
  it.events.end();
  await poll(() => it.states.at(-1)?.type).toBe('offline');
  it.candidate.send(resumed(1, 3, calm));
  for (const seq of [2, 4, 5]) it.candidate.send(itemFrame(seq, seq - 1));
  await poll(() => it.frames.length).toBe(6);
  expect(it.frames.slice(3)).toMatchObject([{ type: 'resumed', missed: 2 }, { seq: 4 }, { seq: 5 }]);
  expect(it.states.slice(-2).map(({ type }) => type)).toEqual(['catching up', 'live']);
});

it('keeps the new transport where the old one was lost before it answered', async () => {
  await using it = await openMidway();
  it.events.end();
  await poll(() => it.states.at(-1)?.type).toBe('offline');
  it.candidate.send(resumed(1, 0, calm));
  await poll(() => it.states.at(-1)?.type).toBe('live');
  it.clock.advance(10_000);
  it.candidate.send(itemFrame(2, 1));
  await poll(() => it.frames.at(-1)).toMatchObject({ seq: 2 });
  expect(it.feed.readers).toHaveLength(1);
});
