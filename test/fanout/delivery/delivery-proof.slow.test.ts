import { expect, test } from 'vitest';
import { facets, MemoryLog } from '../../resources/memory-log.ts';
import { filter } from '../lifecycle.ts';
import { SweepModel } from '../sweep-model.ts';

/** CPU time that so many readers ahead of the log take to leave, to come back and to go, ms. */
function cost(readers: number): number {
  const model = new SweepModel(100);
  const log = new MemoryLog();
  log.applyTo(model);
  const joined = Array.from({ length: readers }, (_, nth) => model.join(filter(), 20, 'resumed', 1_000 + nth));
  const feed = joined[0]?.reader.feed;
  if (!feed) throw new Error('no reader has joined');
  const before = process.cpuUsage();
  for (const { reader } of joined) reader.leave();
  for (const { reader } of joined) feed.add(reader);
  log.publish('a', facets(['politics']));
  for (const { reader } of joined) feed.remove(reader, 0);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

test('what readers ahead of the log cost when they join and leave grows with their number, not with its square', () => {
  cost(5_000); // compiles it
  const one = Math.max(1, ...[1, 2, 3].map(() => cost(5_000)));
  // Ten times as many: a search among all for each would take a hundred times as long.
  const ten = Math.min(...[1, 2, 3].map(() => cost(50_000)));
  expect(ten / one, `${one} ms, ${ten} ms`).toBeLessThan(20);
});
