import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import type { WorkerLog } from '../../src/log/commands/worker-log.ts';
import { Appender } from '../../workers/appender.ts';
import { WorkerCounters } from '../../workers/counters.ts';

afterEach(() => vi.useRealTimers());

function appenderOn(open: WorkerLog['open']): Appender {
  const log = { open, now: () => 0 } as unknown as WorkerLog;
  const publisher = { enqueue: () => Promise.resolve(), revive: () => Promise.resolve() };
  const logger = pino({ level: 'silent' });
  return new Appender({ edition: 'en', log, publisher, logger, counters: new WorkerCounters(['en']) });
}

test('a drain that Redis did not answer is tried again until it does', async () => {
  vi.useFakeTimers();
  let refusals = 2;
  const open = vi.fn<WorkerLog['open']>(async () => {
    if (refusals-- > 0) throw new Error('not connected');
    return [];
  });
  appenderOn(open).drain();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(open).toHaveBeenCalledTimes(3);
});

test('a worker that closes waits for the batch under way, and is woken no more', async () => {
  let answer: (found: []) => void = () => undefined;
  const open = vi.fn<WorkerLog['open']>(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  const appender = appenderOn(open);
  appender.drain();
  let isClosed = false;
  const closed = appender.close().then(() => {
    isClosed = true;
  });
  appender.wake('c1', 'publish');
  await Promise.resolve();
  expect(isClosed).toBe(false);
  answer([]);
  await closed;
  appender.drain();
  expect(open).toHaveBeenCalledTimes(1);
});
