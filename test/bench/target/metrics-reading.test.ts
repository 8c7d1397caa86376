import { expect, test } from 'vitest';
import { joinReadings, longestPauseMs, parseMetrics, readingOf } from '../../../bench/target/metrics-reading.ts';
import { seriesOf } from '../../../bench/target/sampler.ts';

const text = `# HELP flashwire_skipped_total Times a busy reader was passed over
# TYPE flashwire_skipped_total gauge
flashwire_skipped_total{role="fanout"} 12
flashwire_snapshots_total{reason="start",role="fanout"} 300
flashwire_snapshots_total{reason="gap",role="fanout"} 4
flashwire_longest_slice_seconds{role="fanout"} 0.0075
nodejs_eventloop_lag_p99_seconds{role="fanout"} 0.0135
nodejs_eventloop_lag_max_seconds{role="fanout"} 0.009
nodejs_gc_duration_seconds_bucket{le="0.001",kind="minor",role="fanout"} 3
nodejs_gc_duration_seconds_bucket{le="0.01",kind="minor",role="fanout"} 5
nodejs_gc_duration_seconds_bucket{le="+Inf",kind="minor",role="fanout"} 5
nodejs_gc_duration_seconds_sum{kind="minor",role="fanout"} 0.02
nodejs_gc_duration_seconds_count{kind="minor",role="fanout"} 5
nodejs_gc_duration_seconds_bucket{le="0.001",kind="major",role="fanout"} 0
nodejs_gc_duration_seconds_bucket{le="0.01",kind="major",role="fanout"} 0
nodejs_gc_duration_seconds_bucket{le="+Inf",kind="major",role="fanout"} 0
nodejs_gc_duration_seconds_sum{kind="major",role="fanout"} 0
nodejs_gc_duration_seconds_count{kind="major",role="fanout"} 0
process_max_fds{role="fanout"} 20000
`;

test('a Prometheus text is read, whatever order its labels have', () => {
  expect(parseMetrics(text)[2]).toEqual({
    name: 'flashwire_snapshots_total',
    labels: { reason: 'gap', role: 'fanout' },
    value: 4,
  });
  expect(readingOf(parseMetrics(text))).toMatchObject({
    skipped: 12,
    snapshots: { start: 300, gap: 4 },
    longestSliceMs: 7.5,
    loopDelayMaxMs: 0,
    gc: { count: 5, ms: 20, buckets: { '0.001': 3, '0.01': 5, '+Inf': 5 } },
    maxFiles: 20_000,
  });
  expect(readingOf(parseMetrics(text)).loopDelayP99Ms).toBeCloseTo(3.5);
});

test('several processes add up, except for what only the worst of them tells', () => {
  const one = readingOf(parseMetrics(text));
  const both = joinReadings([one, { ...one, longestSliceMs: 2, loopDelayP99Ms: 40 }]);
  expect(both).toMatchObject({ skipped: 24, snapshots: { gap: 8 }, longestSliceMs: 7.5, loopDelayP99Ms: 40 });
  expect(joinReadings([])).toBeNull();
});

test('the longest pause is the end of the last bucket that rose', () => {
  const { gc } = readingOf(parseMetrics(text));
  const none = { count: 0, ms: 0, buckets: {} };
  expect(longestPauseMs(none, gc)).toBe(10);
  expect(longestPauseMs(gc, gc)).toBe(0);
  expect(longestPauseMs(none, { ...gc, buckets: { ...gc.buckets, '+Inf': 6 } })).toBe(Number.POSITIVE_INFINITY);
});

test('CPU over time is the share since the sample before', () => {
  const sample = (at: number, cpuMs: number) => ({
    at,
    fanout: { cpuMs, rssBytes: 5_000_000, openFiles: 30 },
    kernelBytes: null,
    metrics: null,
  });
  const series = seriesOf([sample(1_000, 40), sample(2_000, 540), sample(4_000, 740)]);
  expect(series.map((one) => one.name)).toEqual(['cpu', 'rss', 'files']);
  expect(series[0]?.points).toEqual([
    [1, 0.5],
    [3, 0.1],
  ]);
});
