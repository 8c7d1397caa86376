import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connectFeed, type FeedState, type PublicItem } from '../../src/client/index.ts';
import { retryDelay } from '../../src/client/retry.ts';
import { FakeClock } from './fake-clock.ts';
import { listed, type Policy, play, type VectorClient, vectorFiles } from './vectors.ts';

function startSdk(url: string): VectorClient {
  const clock = new FakeClock();
  const seen = { items: [] as readonly PublicItem[], state: 'connecting' as FeedState['type'], applied: 0, handled: 0 };
  const feed = connectFeed({
    url,
    edition: 'en',
    WebSocket,
    clock,
    random: () => 0,
    signals: () => () => undefined,
    onItems: (items) => {
      seen.items = items;
    },
    onState: ({ type }) => {
      seen.state = type;
    },
    onFrame: () => {
      seen.applied++;
    },
  });
  return {
    standing: () => ({ position: feed.stats().position, items: listed(seen.items), state: seen.state }),
    handled() {
      const isApplied = seen.applied > seen.handled;
      seen.handled = seen.applied;
      if (isApplied) return 'apply';
      // Any other timer watches for silence, after 30 s.
      return (clock.next() ?? 30_000) < 30_000 ? 'schedule' : 'ignore';
    },
    reconnect: () => clock.advance(clock.next() ?? 0),
    [Symbol.asyncDispose]: async () => feed.close(),
  };
}

/** The policy that the delays of a first and a later retry show. */
function policyOf(code: number): Policy {
  const window = { afterMs: 100_000, withinMs: 0 };
  const [first, later] = [0, 5].map((attempt) => retryDelay(code, attempt, window, () => 1));
  if (first === null || first === undefined) return 'never';
  if (first > window.afterMs) return 'back-off';
  return later === window.afterMs ? 'window' : 'lost';
}

// CR-1 CR-2 CR-3 CR-4 CR-5 CR-6 CR-7 CR-8 CR-9 CR-10 CR-11 CR-12 CR-13 CR-14 ST-1 CL-1 CL-2 CL-3 CL-4
describe.each(vectorFiles)('the SDK plays $file', ({ vectors }) => {
  test.each(vectors)('$name', async (vector) => {
    await play(vector, startSdk);
    for (const step of vector.steps) if ('close' in step) expect(policyOf(step.close)).toBe(step.policy);
  });
});

test('every rule of a client has a vector', () => {
  const named = vectorFiles.flatMap(({ vectors }) => vectors.flatMap(({ name }) => name.match(/[A-Z]{2}-\d+/g) ?? []));
  const rules = [...Array.from({ length: 14 }, (_, at) => `CR-${at + 1}`), 'CL-1', 'CL-2', 'CL-3', 'CL-4', 'ST-1'];
  expect(rules.filter((rule) => !named.includes(rule))).toEqual([]);
});
