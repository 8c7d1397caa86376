import { expect, test } from 'vitest';
import { HealthWatch } from '../../../torture/site/health-watch.ts';
import { until } from '../../resources/flashwire.ts';

test('the health of before a fault and each change are kept, until it is what it was', async () => {
  const states = ['none', 'replicated', 'weak', 'weak', 'none'];
  let read = 0;
  // Its clock counts the readings.
  const watch = new HealthWatch(
    async () => states[read++] ?? 'replicated',
    () => read,
    1,
  );
  await until(() => read > 2, 5_000, 'the fault shows');
  expect(await watch.end(2)).toEqual([
    { state: 'replicated', afterMs: 0 },
    { state: 'weak', afterMs: 1 },
    { state: 'none', afterMs: 3 },
    { state: 'replicated', afterMs: 4 },
  ]);
});
