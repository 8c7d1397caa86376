import { expect, test } from 'vitest';
import { filter } from '../lifecycle.ts';
import { SweepModel } from '../sweep-model.ts';

test('BT-4: a client that asked for the long interval gets its beats at that interval', () => {
  const model = new SweepModel(16);
  const [usual, long] = [model.join(filter()), model.joinWithLongBeat(filter())];
  model.settle();
  const interval = { usual: 4, long: 10 };
  for (let tick = 0; tick < 2 * interval.usual * interval.long; tick++) {
    for (const { transport } of [usual, long]) transport.signsOfLife++;
    model.beat();
    model.settle();
  }
  const beats = ({ transport }: typeof usual) => transport.frames.filter(({ type }) => type === 'beat').length;
  expect([beats(usual), beats(long)]).toEqual([2 * interval.long, 2 * interval.usual]);
});
