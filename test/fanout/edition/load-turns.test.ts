import { expect, test } from 'vitest';
import { EditionLoads, LoadTurns } from '../../../src/fanout/edition/load-turns.ts';

/** Turns whose waits end when the test says so. */
function open(processes = 1, random = 1) {
  const waits: { readonly ms: number; end(): void }[] = [];
  const after = (ms: number, end: () => void) => {
    waits.push({ ms, end });
    return () => undefined;
  };
  return {
    waits,
    turns: new LoadTurns(
      { after },
      () => processes,
      () => random,
    ),
  };
}

test('a process loads one edition at a time', async () => {
  const { turns } = open();
  let underWay = 0;
  let most = 0;
  const load = async () => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    return most;
  };
  expect(await Promise.all(Array.from({ length: 300 }, () => turns.take(load)))).toEqual(Array(300).fill(1));
});

test('when a load fails, those that wait behind it do not ask an overloaded Redis too', async () => {
  const { turns } = open();
  let asked = 0;
  const load = async () => {
    asked++;
    if (asked === 2) throw new Error('no reply');
    return asked;
  };
  const done = await Promise.allSettled(Array.from({ length: 100 }, () => turns.take(load)));
  expect(done.map(({ status }) => status)).toEqual(['fulfilled', ...Array(99).fill('rejected')]);
  expect(asked).toBe(2);
  expect(await turns.take(load)).toBe(3);
});

test('a load that is not the first waits for a random time, which is longer in a larger fleet', async () => {
  for (const [processes, ms] of [
    [1, 10],
    [300, 3_000],
    [5_000, 10_000],
  ] as const) {
    const { turns, waits } = open(processes);
    const loads = new EditionLoads(turns);
    expect(await loads.read(async () => 'first', true)).toBe('first');
    expect(waits).toEqual([]);
    const again = loads.read(async () => 'again', false);
    expect(waits.map((wait) => wait.ms)).toEqual([ms]);
    waits[0]?.end();
    expect(await again).toBe('again');
  }
});

test('a load that can wait waits once, and the load after it not again', async () => {
  const { turns, waits } = open();
  const loads = new EditionLoads(turns);
  const [first, second] = [loads.waitOnce(), loads.waitOnce()];
  waits[0]?.end();
  expect([await first, await second]).toEqual([true, false]);
  expect(await loads.read(async () => 'again', false)).toBe('again');
  expect(waits).toHaveLength(1);
});

test('after each failure in a row, more checks of the head pass before the next load', async () => {
  const { turns } = open();
  const loads = new EditionLoads(turns);
  const skipped: number[] = [];
  for (let failures = 0; failures < 6; failures++) {
    await expect(loads.read(() => Promise.reject(new Error('no reply')), true)).rejects.toThrow('no reply');
    let count = 0;
    while (!loads.mayTry()) count++;
    skipped.push(count);
  }
  expect(skipped).toEqual([0, 2, 4, 8, 8, 8]);
  await expect(loads.read(() => Promise.reject(new Error('no reply')), true)).rejects.toThrow();
  loads.tryAtOnce();
  expect(loads.mayTry()).toBe(true);
});
