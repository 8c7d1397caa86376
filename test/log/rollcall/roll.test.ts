import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Roll } from '../../../src/log/rollcall/roll.ts';
import { HandRoll } from './hand-roll.ts';

test('a roll knows the processes only of times at which it had listened long enough for all to call', () => {
  const model = new HandRoll();
  model.call('p1');
  expect(model.roll.presentAgo(0)).toBeNull();
  model.now = 5_000;
  expect(model.roll.presentAgo(0)).toMatchObject([{ process: 'p1', heardAgoMs: 5_000 }]);
  expect(model.roll.presentAgo(4_000)).toBeNull();
});

test('a silent process does not count as running, but may have readers until its goodbye or for ten minutes', () => {
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

test('the readers of an edition are those of the running processes, whatever they call and in which order they fall silent', () => {
  const names = ['p1', 'p2', 'p3', 'p4'];
  const call = fc.record({
    process: fc.constantFrom(...names),
    readers: fc.dictionary(fc.constantFrom('en', 'ar', 'es'), fc.nat(9)),
    leaving: fc.constantFrom(false, false, false, true),
    waitMs: fc.constantFrom(0, 500, 1_000, 3_400, 3_501),
  });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
      const model = new HandRoll();
      for (const { process, readers, leaving, waitMs } of calls) {
        model.call(process, { readers, leaving });
        model.now += waitMs;
        const present = model.roll.present();
        for (const edition of ['en', 'ar', 'es'])
          expect(model.roll.readers()[edition] ?? 0).toBe(
            present.reduce((sum, caller) => sum + (caller.readers[edition] ?? 0), 0),
          );
      }
    }),
  );
});

test('a roll answers nothing until it knows the processes that fell silent before, and forgets each in time', () => {
  const model = new HandRoll();
  const roll = new Roll(model, () => model.now, false);
  model.now = 5_000;
  for (const process of ['there', 'leaver']) model.call(process);
  expect(roll.presentAgo(0)).toBeNull();
  const before = { startedAt: 0, readers: { en: 10 }, canary: null, isReady: true };
  const heardBefore = { there: 20_000, late: 100_000, lost: 500_000, gone: 600_001 };
  roll.recall(Object.entries(heardBefore).map(([process, heardAgoMs]) => ({ ...before, process, heardAgoMs })));
  const names = () => roll.presentAgo(0)?.map(({ process, heardAgoMs }) => [process, heardAgoMs]);
  expect(names()).toEqual([
    ['lost', 500_000],
    ['late', 100_000],
    ['there', 0],
    ['leaver', 0],
  ]);
  model.call('leaver', { leaving: true });
  model.now += 100_001;
  expect(names()).toEqual([
    ['late', 200_001],
    ['there', 100_001],
  ]);
});

test('a roll keeps only what it is asked for, also if nothing asks', async () => {
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
