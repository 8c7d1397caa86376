import { expect, test } from 'vitest';
import { ReadBudget } from '../../../src/fanout/edition/read-budget.ts';
import { Counters } from '../../../src/fanout/scheduling/counters.ts';

test('one client may use half of the read budget, and all clients together no more than all of it', async () => {
  let now = 1_000_000;
  const budget = new ReadBudget(new Counters(), { now: () => now });
  /** How many reads of a hundred items are admitted one after the other. */
  const reads = async (client: string) => {
    let count = 0;
    while ((await budget.run(client, 100, async () => true)) === true) count++;
    return count;
  };
  expect([await reads('one'), await reads('two'), await reads('three')]).toEqual([40, 40, 0]);
  now += 1_000;
  expect([await reads('one'), await reads('three')]).toEqual([10, 10]);
  now += 60_000;
  expect([await reads('one'), await reads('two'), await reads('three')]).toEqual([40, 40, 0]);
});

test('the read budget gets unread items back, also if the read fails', async () => {
  const budget = new ReadBudget(new Counters(), { now: () => 0 });
  for (let n = 0; n < 100; n++) {
    const read = budget.run('one', 4_000, async (unread) => {
      unread(4_000);
      throw new Error('the log is unreachable');
    });
    await expect(read).rejects.toThrow('unreachable');
  }
});
