import { expect, test } from 'vitest';
import type { Due } from '../../src/log/commands/worker-log.ts';
import { createBackgroundPublisher } from '../../src/queue/background-publisher.ts';
import type { Publisher } from '../../src/queue/publisher.ts';

const dueNow: Due = { commandId: 'c_1', dueAt: 1_000, kind: 'publish' };

/** A publisher whose jobs are added when the test says so. */
function openBackground() {
  const asked: { readonly due: Due; readonly add: () => void; readonly fail: (error: Error) => void }[] = [];
  const lines: unknown[] = [];
  const calls: string[] = [];
  const slow: Publisher = {
    enqueue: (_edition, due) => new Promise<void>((add, fail) => asked.push({ due, add, fail })),
    hold: async (isHeld) => void calls.push(`hold ${isHeld}`),
    close: async () => void calls.push('close'),
  };
  const warn = (...line: unknown[]) => void lines.push(line);
  const publisher = createBackgroundPublisher(slow, { now: () => 1_000 }, { warn });
  return { publisher, asked, lines, calls };
}

/** Whether it has resolved once everything that is ready now has run. */
async function isDone(work: Promise<unknown>): Promise<boolean> {
  let done = false;
  void work.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

test('a post does not wait for the trigger of a command that is due', async () => {
  const { publisher, asked } = openBackground();
  await publisher.enqueue('en', dueNow);
  expect(asked.map(({ due }) => due)).toEqual([dueNow]);
});

test('a post waits for the job of a command that is due later', async () => {
  const { publisher, asked } = openBackground();
  const posted = publisher.enqueue('en', { ...dueNow, dueAt: 9_000 });
  expect(await isDone(posted)).toBe(false);
  asked[0]?.add();
  await posted;
});

test('posts wait for the workers while 32 commands wait for their trigger', async () => {
  const { publisher, asked } = openBackground();
  for (let i = 0; i < 32; i++) await publisher.enqueue('en', dueNow);
  const posted = publisher.enqueue('en', dueNow);
  expect(await isDone(posted)).toBe(false);
  asked[32]?.add();
  await posted;
  asked[0]?.add();
  expect(await isDone(publisher.close())).toBe(false);
  await publisher.enqueue('en', dueNow);
  expect(asked).toHaveLength(34);
});

test('a trigger that fails behind the answer is in the log lines', async () => {
  const { publisher, asked, lines } = openBackground();
  await publisher.enqueue('en', dueNow);
  const error = new Error('Redis is unreachable');
  asked[0]?.fail(error);
  await publisher.close();
  expect(lines).toEqual([[{ edition: 'en', commandId: 'c_1', err: error }, 'accepted command not queued yet']]);
});

test('close waits for the triggers that are under way', async () => {
  const { publisher, asked, calls } = openBackground();
  await publisher.enqueue('en', dueNow);
  const closed = publisher.close();
  expect(await isDone(closed)).toBe(false);
  asked[0]?.add();
  await closed;
  await publisher.hold(true);
  expect(calls).toEqual(['close', 'hold true']);
});
