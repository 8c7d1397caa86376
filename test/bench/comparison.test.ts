import { expect, test } from 'vitest';
import { type Comparison, medianOf, peersThatWin, type Round, ratio, renderComparison } from '../../bench/comparison.ts';

test('medians are taken over the rounds of one system, and ratios between medians', () => {
  const comparison = compared([round('floor', 10), round('floor', 30), round('floor', 12), round('flashwire', 18)]);
  expect(medianOf(comparison, 'floor', 'steadyCpu')).toBe(12);
  expect(medianOf(compared([round('floor', 10), round('floor', 20)]), 'floor', 'steadyCpu')).toBe(15);
  expect(ratio(comparison, 'flashwire', 'floor', 'steadyCpu')).toBe(1.5);
  expect(ratio(comparison, 'flashwire', 'nats', 'steadyCpu')).toBeNull();
});

test('says plainly where another system wins, and what went wrong with it', () => {
  const comparison = compared([round('floor', 12, ['lost: 3 of 90 deliveries']), round('flashwire', 18)]);
  expect(peersThatWin(comparison)).toEqual(['C loop wins at "steady: CPU a frame": Flashwire takes 1.50 times as much.']);
  expect(renderComparison(comparison)).toContain('floor: lost: 3 of 90 deliveries');
});

function compared(rounds: readonly Round[]): Comparison {
  const peers = [
    { name: 'floor', label: 'C loop' },
    { name: 'flashwire', label: 'Flashwire' },
  ];
  return { kind: 'comparison', at: '', machine: {}, settings: {}, peers, absent: [], rounds: [...rounds] };
}

function round(peer: string, steadyCpu: number, faults: string[] = []): Round {
  const unknown = {
    steadyLast: null,
    steadyLastSinceAppend: null,
    burstCpu: null,
    burstDone: null,
    rss: null,
    readerCpu: null,
  };
  return { peer, steadyCpu, ...unknown, lost: 0, faults };
}
