import { expect, test } from 'vitest';
import { Counters } from '../../../src/fanout/scheduling/counters.ts';
import { Sweep } from '../../../src/fanout/scheduling/sweep.ts';

/** A sweep that always has more to do, in steps of 1 ms, on a thread with other work between slices. */
function busySweep(isDeskWaiting?: () => boolean) {
  let now = 0;
  let otherPrograms = 0;
  let steps = 0;
  let run = () => {};
  const clock = {
    now: () => now,
    cpu: () => now - otherPrograms,
    immediate: (next: () => void) => {
      run = next;
    },
    after: () => () => {},
    every: () => () => {},
  };
  const sweep = new Sweep(clock, new Counters(), undefined, undefined, undefined, isDeskWaiting);
  let left = 1_000;
  sweep.add({
    step: () => {
      now++;
      steps++;
      left--;
      return left > 0;
    },
  });
  sweep.wake();
  return {
    sweep,
    workFor: (most: number) => {
      left = most;
    },
    pass: (ms: number) => {
      now += ms;
    },
    /** Another program has the processor. */
    lose: (ms: number) => {
      now += ms;
      otherPrograms += ms;
    },
    /** The steps of the next slice, after `ms` of other work. */
    sliceAfter: (ms: number) => {
      now += ms;
      steps = 0;
      run();
      return steps;
    },
  };
}

test('a slice is 4 ms, or as long as other work made the readers wait, up to 32 ms', () => {
  const { sliceAfter } = busySweep();
  expect(sliceAfter(12)).toBe(12);
  expect(sliceAfter(1)).toBe(4);
  expect(sliceAfter(20)).toBe(20);
  expect(sliceAfter(500)).toBe(32);
  expect(sliceAfter(0)).toBe(4);
});

test('time that passes while no reader waits does not make a slice longer', () => {
  const { sweep, workFor, pass, sliceAfter } = busySweep();
  sliceAfter(0);
  workFor(1);
  expect(sliceAfter(0)).toBe(1);
  workFor(1_000);
  pass(500);
  sweep.wake();
  expect(sliceAfter(1)).toBe(4);
});

test('what a slice has begun is ended, also after a step that throws', () => {
  let run = () => {};
  const clock = {
    now: () => 0,
    cpu: () => 0,
    immediate: (next: () => void) => {
      run = next;
    },
    after: () => () => {},
    every: () => () => {},
  };
  const calls: string[] = [];
  const sweep = new Sweep(clock, new Counters(), undefined, undefined, {
    begin: () => calls.push('begin'),
    end: () => calls.push('end'),
  });
  sweep.add({
    step: () => {
      calls.push('step');
      throw new Error('a defect');
    },
  });
  sweep.wake();
  expect(() => run()).toThrow('a defect');
  expect(calls).toEqual(['begin', 'step', 'end']);
});

test('a slice is 1 ms while the desk waits for an answer, and longer only after other work of the process', () => {
  let isWaiting = true;
  const { sliceAfter, lose } = busySweep(() => isWaiting);
  expect(sliceAfter(0)).toBe(1);
  expect(sliceAfter(20)).toBe(20);
  expect(sliceAfter(500)).toBe(32);
  expect(sliceAfter(1)).toBe(1);
  lose(20);
  expect(sliceAfter(1)).toBe(1);
  lose(20);
  expect(sliceAfter(3)).toBe(3);
  isWaiting = false;
  expect(sliceAfter(0)).toBe(4);
});
