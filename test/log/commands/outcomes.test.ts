import { EventEmitter } from 'node:events';
import { Redis } from 'ioredis';
import { afterEach, expect, test, vi } from 'vitest';
import { Outcomes } from '../../../src/log/commands/outcomes.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Outcomes whose messages and timers come when the test says so. */
function openOutcomes() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  const subscriber = new Redis({ lazyConnect: true });
  vi.spyOn(subscriber, 'subscribe').mockResolvedValue(1);
  const outcomes = new Outcomes(subscriber, ['outcomes']);
  return {
    hear: (commandId: string) => void EventEmitter.prototype.emit.call(subscriber, 'message', 'outcomes', commandId),
    ask: () => outcomes.hears('outcomes', 'c_1', 50),
    [Symbol.dispose]: () => void subscriber.emit('end'),
  };
}

/** What the promise resolved with; null if it still waits. */
async function resultOf(work: Promise<boolean>): Promise<boolean | null> {
  let result: boolean | null = null;
  void work.then((value) => {
    result = value;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return result;
}

test('a caller waits for its outcome, and asks Redis nothing while others come', async () => {
  using outcomes = openOutcomes();
  const asked = outcomes.ask();
  expect(await resultOf(asked)).toBe(null);
  outcomes.hear('c_0');
  await vi.advanceTimersByTimeAsync(50);
  expect(await resultOf(asked)).toBe(null);
  outcomes.hear('c_1');
  expect(await resultOf(asked)).toBe(true);
});

test('a caller waits 50 ms for its outcome, and half a second while others come', async () => {
  using outcomes = openOutcomes();
  const quiet = outcomes.ask();
  await vi.advanceTimersByTimeAsync(50);
  expect(await resultOf(quiet)).toBe(false);
  const busy = outcomes.ask();
  for (let passed = 0; passed < 480; passed += 40) {
    outcomes.hear(`c_other_${passed}`);
    await vi.advanceTimersByTimeAsync(40);
    expect(await resultOf(busy)).toBe(null);
  }
  outcomes.hear('c_other');
  await vi.advanceTimersByTimeAsync(100);
  expect(await resultOf(busy)).toBe(false);
});
