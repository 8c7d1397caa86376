import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectFeed, type FeedSocket, type FeedState, type SignalListener } from '../../src/client/index.ts';
import { FakeClock } from './fake-clock.ts';
import { beat, itemFrame, resumed, snapshot } from './frames.ts';

const { fetch: realFetch } = globalThis;

beforeEach(() => {
  globalThis.fetch = () => Promise.reject(new TypeError('blocked'));
});

afterEach(() => {
  globalThis.fetch = realFetch;
});

/** A socket that does what the test says, and counts those that are open. */
class ScriptedSocket implements FeedSocket {
  static open: ScriptedSocket[] = [];
  readonly #listeners = new Map<string, (event: never) => void>();

  constructor() {
    ScriptedSocket.open.push(this);
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    ScriptedSocket.open = ScriptedSocket.open.filter((socket) => socket !== this);
  }

  emit(type: 'message' | 'close', event: object): void {
    if (type === 'close') this.close();
    this.#listeners.get(type)?.(event as never);
  }
}

/** A connection may be silent for longer than a page may be hidden. */
const calm = { beatMs: 70_000 };

const frames = {
  snapshot: snapshot(10, [], calm),
  resumed: resumed(10, 0, calm),
  behind: resumed(10, 2, calm),
  stale: beat(10, 10, true),
  fresh: beat(10, 10),
  entry: itemFrame(11, 10),
  gap: itemFrame(90, 80),
  drain: { type: 'reconnect', afterMs: 500, withinMs: 8_000 },
  unreadable: 'not a frame',
};

type Step =
  | { readonly frame: keyof typeof frames }
  | { readonly lost: number }
  | { readonly signal: keyof SignalListener }
  | { readonly ms: number }
  | { readonly close: true };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ frame: fc.constantFrom(...(Object.keys(frames) as (keyof typeof frames)[])) }) },
  { weight: 4, arbitrary: fc.record({ lost: fc.constantFrom(1006, 1006, 4000, 4100, 4200) }) },
  {
    weight: 5,
    arbitrary: fc.record({ signal: fc.constantFrom('onOnline', 'onOffline', 'onVisible', 'onHidden' as const) }),
  },
  { weight: 6, arbitrary: fc.record({ ms: fc.constantFrom(1, 500, 4_100, 11_000, 30_000, 60_000, 300_000) }) },
  { weight: 1, arbitrary: fc.constant({ close: true as const }) },
);

/** A fetch that fails, and what follows from it, takes a few turns. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function playAll(steps: readonly Step[]): Promise<ReadonlySet<string>> {
  ScriptedSocket.open = [];
  const clock = new FakeClock();
  const states: FeedState[] = [];
  let signals: SignalListener | null = null;
  let hiddenAt: number | null = null;
  const feed = connectFeed({
    url: 'http://127.0.0.1:9',
    edition: 'en',
    WebSocket: ScriptedSocket,
    clock,
    random: () => 0.5,
    signals: (listener) => {
      signals = listener;
      return () => {
        signals = null;
      };
    },
    onItems: () => {},
    onState: (state) => states.push(state),
  });
  await settle();

  let isClosed = false;
  let isRefused = false;
  for (const each of steps) {
    const before = { states: states.length, reconnects: feed.stats().reconnects };
    const [socket] = ScriptedSocket.open;
    if ('frame' in each) socket?.emit('message', { data: JSON.stringify(frames[each.frame]) });
    else if ('lost' in each) socket?.emit('close', { code: each.lost });
    else if ('signal' in each) {
      (signals as SignalListener | null)?.[each.signal]();
      if (each.signal === 'onVisible') hiddenAt = null;
      if (each.signal === 'onHidden') hiddenAt ??= clock.now();
    } else if ('ms' in each) clock.advance(each.ms);
    else {
      feed.close();
      isClosed = true;
    }
    await settle();

    if (hiddenAt !== null && (signals === null || clock.now() - hiddenAt >= 60_000)) hiddenAt = null;
    const open = ScriptedSocket.open.length;
    // One timer watches a connection for silence, another the hidden page. What remains is planned connections.
    const planned = clock.count() - open - (hiddenAt === null ? 0 : 1);
    const state = states.at(-1);
    const where = { each, state, open, planned };
    expect(open, JSON.stringify(where)).toBeLessThanOrEqual(1);
    if (isClosed) {
      expect(where).toEqual({ ...where, open: 0, planned: 0 });
      expect(signals).toBeNull();
      if (!('close' in each)) expect(states.length).toBe(before.states);
    } else if (isRefused || (state?.type === 'offline' && !state.retrying)) {
      expect(where).toEqual({ ...where, open: 0, planned: 0 });
      if (isRefused) expect(feed.stats().reconnects).toBe(before.reconnects);
      isRefused = true;
    } else if (open === 1) expect([0, 1], JSON.stringify(where)).toContain(planned);
    else expect(where).toEqual({ ...where, planned: state?.type === 'offline' ? 1 : 0 });
  }
  feed.close();
  expect([ScriptedSocket.open.length, clock.count(), signals]).toEqual([0, 0, null]);
  return new Set(states.map((state) => (state.type === 'offline' && !state.retrying ? 'refused' : state.type)));
}

/** Half of the feeds begin live: chance seldom sends the right frame first. */
const story: fc.Arbitrary<readonly Step[]> = fc
  .tuple(fc.boolean(), fc.array(step, { minLength: 5, maxLength: 40 }))
  .map(([isLive, steps]) => (isLive ? [{ frame: 'snapshot' }, ...steps] : steps));

/** The states that chance seldom reaches: behind the head after a connection that was lost, and a server that is behind. */
const behind: readonly Step[] = [{ frame: 'snapshot' }, { lost: 1006 }, { ms: 30_000 }, { frame: 'behind' }];
const stale: readonly Step[] = [{ frame: 'snapshot' }, { frame: 'stale' }];

test('CL-1: a feed never has two connections or two plans, retries after a permanent refusal, or does anything after close()', async () => {
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      for (const state of await playAll(steps)) reached.add(state);
    }),
    { numRuns: 500, examples: [[behind], [stale]] },
  );
  expect([...reached].sort()).toEqual(['catching up', 'connecting', 'delayed', 'live', 'offline', 'refused']);
});
