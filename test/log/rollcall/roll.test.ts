import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { HandRoll } from './hand-roll.ts';

test('knows nothing of the time before it was listening for so long that everyone has called', () => {
  const model = new HandRoll();
  model.call('p1');
  expect(model.roll.presentAgo(0)).toBeNull();
  model.now = 5_000;
  expect(model.roll.presentAgo(0)).toMatchObject([{ process: 'p1', heardAgoMs: 5_000 }]);
  expect(model.roll.presentAgo(4_000)).toBeNull();
});

test('a process that falls silent is not there, and may have readers until it says goodbye or ten minutes have passed', () => {
  const model = new HandRoll();
  for (const name of ['p1', 'p2', 'p3']) model.call(name);
  model.now = 60_000;
  model.call('p1');
  expect(model.names).toEqual([['p1'], ['p2', 'p3', 'p1']]);
  model.call('p2', { leaving: true });
  expect(model.names).toEqual([['p1'], ['p3', 'p1']]);
  model.now = 600_000;
  expect(model.names[1]).toEqual(['p3', 'p1']);
  model.now = 600_001;
  expect(model.names[1]).toEqual(['p1']);
});

test('keeps what is asked for and nothing else, also where nobody asks', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const model = new HandRoll();
  const kept = new Map<string, WeakRef<object>>();
  const call = (process: string) => {
    const report = { readers: { en: 1 }, deliveries: [] };
    kept.set(`${process} deliveries`, new WeakRef(report.deliveries)).set(process, new WeakRef(report.readers));
    model.call(process, report);
  };
  call('gone');
  model.now = 600_001;
  call('there');
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  expect([...kept.keys()].filter((name) => kept.get(name)?.deref() !== undefined)).toEqual(['there']);
  expect(model.roll.present()).toHaveLength(1);
});
