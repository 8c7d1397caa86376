import { describe, expect, test } from 'vitest';
import { StallGate } from '../../../src/fanout/scheduling/stall-gate.ts';
import { HandClock } from '../sweep-model.ts';

function gate() {
  const clock = new HandClock();
  const compared: number[] = [];
  let done: () => void = () => undefined;
  const opened = new StallGate(clock, (ms) => {
    compared.push(ms);
    return new Promise<void>((resolve) => {
      done = resolve;
    });
  });
  return { clock, compared, gate: opened, read: () => done() };
}

describe('stall gate', () => {
  test('the gate is open while the event loop turns', () => {
    const { clock, gate: opened, compared } = gate();
    for (let turn = 0; turn < 20; turn++) {
      clock.time += 1_000;
      expect(opened.opening()).toBeNull();
    }
    expect(compared).toEqual([]);
  });

  test('a stall closes the gate until the heads have been read once', async () => {
    const { clock, gate: opened, compared, read } = gate();
    clock.time += 1_001;
    const opening = opened.opening();
    expect(opening).not.toBeNull();
    clock.time += 500;
    expect(opened.opening()).toBe(opening);
    read();
    await opening;
    expect(opened.opening()).toBeNull();
    expect(compared).toEqual([1_001]);
  });

  test('the gate stays closed if another stall happens while the heads are read', async () => {
    const { clock, gate: opened, compared, read } = gate();
    clock.time += 1_001;
    const opening = opened.opening();
    clock.time += 4_000;
    expect(opened.opening()).toBe(opening);
    read();
    await expect.poll(() => compared.length).toBe(2);
    expect(opened.opening()).toBe(opening);
    read();
    await opening;
    expect(opened.opening()).toBeNull();
  });

  test('another stall closes the gate again', async () => {
    const { clock, gate: opened, compared, read } = gate();
    for (const ms of [5_000, 3_000]) {
      clock.time += ms;
      const opening = opened.opening();
      read();
      await opening;
    }
    expect(compared).toEqual([5_000, 3_000]);
  });
});
