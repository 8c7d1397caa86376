import { expect, test } from 'vitest';
import { mapInTurns } from '../../../src/log/entries/map-in-turns.ts';

test('a turn of the event loop maps at most as many as it is given, in their order', async () => {
  let inTurn = 0;
  let most = 0;
  let isOver = false;
  const countTurns = () => {
    inTurn = 0;
    if (!isOver) setImmediate(countTurns);
  };
  setImmediate(countTurns);
  const all = Array.from({ length: 40 }, (_, at) => at);
  const mapped = await mapInTurns(all, 16, (one, at) => {
    inTurn += 1;
    most = Math.max(most, inTurn);
    return one + at;
  });
  isOver = true;
  expect(mapped).toEqual(all.map((at) => at * 2));
  expect(most).toBe(16);
});
