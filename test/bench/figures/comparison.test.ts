import { expect, test } from 'vitest';
import {
  type Comparison,
  comparisonSchema,
  failedRound,
  median,
  medianOf,
  peersThatWin,
  type Round,
  ratio,
} from '../../../bench/figures/comparison.ts';
import { comparisonTables, renderComparison } from '../../../bench/figures/comparison-tables.ts';
import { renderComparisonPage } from '../../../bench/html/comparison-page.ts';
import { workFigures, workWarnings } from '../../../bench/peers/work.ts';
import { emptyReport } from '../../../bench/readers/swarm-report.ts';
import type { Reach } from '../../../bench/run/reach.ts';

test('the median of an even number is the mean of the two in the middle, of none there is none', () => {
  expect([median([9, 1, 5]), median([4, 1, 9, 2]), median([])]).toEqual([5, 3, null]);
});

test('a ratio is taken of medians, and there is none to what could not be measured', () => {
  const measured = comparison([
    round('floor', { burstCpu: 8 }),
    round('floor', { burstCpu: 10 }),
    round('floor', { burstCpu: 90 }),
    round('flashwire', { burstCpu: 2 }),
    round('flashwire', { burstCpu: 1 }),
    failedRound('flashwire', 'it ended'),
  ]);
  expect(medianOf(measured, 'floor', 'burstCpu')).toBe(10);
  expect(ratio(measured, 'flashwire', 'floor', 'burstCpu')).toBe(0.15);
  expect(ratio(measured, 'flashwire', 'nats', 'burstCpu')).toBeNull();
  expect(ratio(measured, 'flashwire', 'floor', 'rss')).toBeNull();
});

test('only what a peer does better is said, with the figure from the append beside it', () => {
  const measured = comparison([
    round('nchan', { steadyLast: 100, steadyCpu: 20 }),
    round('flashwire', { steadyLast: 120, steadyLastSinceAppend: 90, steadyCpu: 10 }),
  ]);
  expect(peersThatWin(measured)).toEqual([
    'Label of nchan beats Flashwire, which takes: time to the last reader, steady: 1.20 times as much (0.90 counted from the append).',
  ]);
});

test('a win that another round turns round is said to be one', () => {
  const measured = comparison([
    round('nchan', { rss: 5 }),
    round('nchan', { rss: 7 }),
    round('flashwire', { rss: 6.5 }),
    round('flashwire', { rss: 6.6 }),
  ]);
  expect(peersThatWin(measured)).toEqual([
    'Label of nchan beats Flashwire, which takes: memory a reader: 1.09 times as much (in 1 of 2 rounds).',
  ]);
});

test('over TLS others are compared with Flashwire behind the first of its proxies, and the proxies not with each other', () => {
  const measured = comparison([
    round('flashwire-nginx', { rss: 40 }),
    round('flashwire-caddy', { rss: 30 }),
    round('ws', { rss: 20 }),
  ]);
  expect(peersThatWin(measured)).toEqual([
    'Label of ws beats Label of flashwire-nginx, which takes: memory a reader: 2.00 times as much.',
  ]);
});

test('the tables hold the medians and the ratio to each floor, and nothing where there is none', () => {
  const measured = comparison([
    round('floor', { burstCpu: 10 }),
    round('floor-coalesce', { burstCpu: 2 }),
    round('flashwire', { burstCpu: 4 }),
  ]);
  const [, burst] = comparisonTables(measured);
  expect(burst?.map((row) => row.slice(0, 3))).toEqual([
    ['burst', 'CPU a frame', 'last reader p50'],
    ['Label of floor', '10 us (5.00x)', '-'],
    ['Label of floor-coalesce', '2 us (0.20x)', '-'],
    ['Label of flashwire', '4 us (0.40x, 2.00x)', '-'],
  ]);
});

test('of several rounds the tables say how far they lie apart', () => {
  const measured = comparison([round('ws', { rss: 6 }), round('ws', { rss: 6.254 }), round('ws', { rss: 6.1 })]);
  expect(comparisonTables(measured)[2]?.[1]?.[1]).toBe('6.1 kB (6 to 6.25)');
});

test('the last table says in how many rounds Flashwire took less than each other system', () => {
  const rounds = [
    round('nchan', { steadyCpu: 12 }),
    round('nchan', { steadyCpu: 13 }),
    round('nchan', { steadyCpu: 12 }),
  ];
  const own = [10, 14, 12].map((steadyCpu) => round('flashwire', { steadyCpu }));
  const measured = { ...comparison([...rounds, ...own]), settings: { rounds: 3 } };
  expect(
    comparisonTables(measured)
      .at(-1)
      ?.map((row) => row.slice(0, 3)),
  ).toEqual([
    ['rounds in which Flashwire took less than', 'CPU a frame, steady', 'time to the last reader, steady'],
    ['Label of nchan', '1 of 3', '-'],
  ]);
});

test('a comparison outlives JSON, and what went wrong or was left out is in the text', () => {
  const measured = comparison([failedRound('nats', 'nats ended at its start')], ['nchan: needs nginx']);
  expect(comparisonSchema.parse(JSON.parse(JSON.stringify(measured)))).toEqual(measured);
  const text = renderComparison(measured);
  expect(text).toContain('nats: the round failed: nats ended at its start');
  expect(text).toContain('left out: nchan: needs nginx');
});

test('what a workload gives is counted by delivered frame, from the time at which a message was due', () => {
  const work = {
    posted: [posted(1_000), posted(1_005)],
    reaches: [reach(2, 30), reach(2, 40)],
    cpuMs: 20,
    readerCpuMs: 8,
  };
  expect(workFigures(work, 2)).toEqual({
    cpu: 5_000,
    readerCpu: 2_000,
    last: 30,
    lastMax: 40,
    sinceAppend: 7,
    done: 45,
  });
  const incomplete = { ...work, reaches: [reach(2, 30), reach(1, 40)], cpuMs: null };
  expect(workFigures(incomplete, 2)).toMatchObject({ cpu: null, done: null });
  expect(workFigures({ ...work, reaches: [reach(0, 0), reach(0, 0)] }, 2)).toMatchObject({
    cpu: null,
    readerCpu: null,
  });
});

test('too little CPU to be counted and readers without time are warned of', () => {
  const work = {
    plan: { name: 'burst', items: 1, perSecond: 1, firstIndex: 0 },
    report: { ...emptyReport(), processes: 1 },
    posted: [posted(0)],
    reaches: [reach(2, 1_000)],
    cpuMs: 500,
    readerCpuMs: 100,
  };
  expect(workWarnings(work, 2)).toEqual([]);
  expect(workWarnings({ ...work, cpuMs: 30 }, 2)).toHaveLength(1);
  expect(workWarnings({ ...work, readerCpuMs: 900 }, 2)).toHaveLength(1);
});

test('the page has a bar for each median, says who wins, and lets no text of a result become markup', () => {
  const page = renderComparisonPage({
    ...comparison([round('<nchan>', { rss: 5 }), round('flashwire', { rss: 10 })], ['Socket.IO: needs <npm>']),
    machine: { cpu: '<script>' },
  });
  expect(page.match(/class="bar own" [^>]*width="370\.0"/g)).toHaveLength(1);
  expect(page).toContain('class="bar " x="0" y="18" width="185.0"');
  expect(page).toContain('Where others win:');
  expect(page).toContain('left out: Socket.IO: needs &lt;npm&gt;');
  expect(page).not.toMatch(/<nchan>|<script>|<npm>/);
});

function comparison(rounds: readonly Round[], absent: readonly string[] = []): Comparison {
  const names = [...new Set(rounds.map((one) => one.peer))];
  return {
    kind: 'comparison',
    at: '2026-02-03T04:05:06.000Z',
    machine: { cpu: 'a', cores: 2 },
    settings: { readers: 2 },
    peers: names.map((name) => ({ name, label: `Label of ${name}` })),
    absent: [...absent],
    rounds: [...rounds],
  };
}

function round(peer: string, values: Partial<Round>): Round {
  return { ...failedRound(peer, ''), faults: [], ...values };
}

function posted(dueAt: number) {
  return { id: 'a', dueAt, answeredAt: dueAt };
}

function reach(readers: number, lastMs: number): Reach {
  return { id: 'a', readers, firstMs: 1, lastMs, sinceAppendMs: 7, liveReaders: 0, liveMs: null };
}
