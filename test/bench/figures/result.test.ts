import { expect, test } from 'vitest';
import { percentile, renderValue } from '../../../bench/figures/figure.ts';
import { cpuMsOf, kernelSocketBytes, sampleProcess } from '../../../bench/process/system.ts';
import { emptyReport, mergeReports } from '../../../bench/readers/swarm-report.ts';
import { OptionError, parseOptions } from '../../../bench/run/option.ts';
import { beyondIdle, commandUse, parseCommandStats } from '../../../bench/target/redis-commands.ts';

test('a percentile is the smallest value that the share does not exceed', () => {
  const values = [40, 10, 30, 20];
  expect([0, 0.25, 0.5, 0.51, 1].map((share) => percentile(values, share))).toEqual([10, 10, 20, 30, 40]);
  expect(percentile([], 0.5)).toBeNull();
});

test('a figure that could not be had says so', () => {
  expect(renderValue({ value: null, unit: 'ms' })).toBe('not known here');
  expect(renderValue({ value: 1234.56, unit: 'ms' })).toBe('1,235 ms');
});

test('two processes of readers report as one', () => {
  const seen = { seq: 4, id: 'a', version: 1, appendedAt: 0 };
  const one = {
    ...emptyReport(),
    readers: 2,
    faults: { gap: 1 },
    sightings: [{ ...seen, count: 2, first: 10, last: 20, liveCount: 2, liveLast: 20 }],
  };
  const other = {
    ...emptyReport(),
    readers: 3,
    faults: { gap: 2 },
    sightings: [{ ...seen, count: 3, first: 8, last: 15, liveCount: 1, liveLast: 12 }],
  };
  expect(mergeReports([one, other])).toMatchObject({
    readers: 5,
    faults: { gap: 3 },
    sightings: [{ count: 5, first: 8, last: 20, liveCount: 3, liveLast: 20 }],
  });
  expect(one.sightings[0]?.count).toBe(2);
});

test('Redis commands are counted by name, less what an idle system makes', () => {
  const before = parseCommandStats('# Commandstats\r\ncmdstat_xadd:calls=2,usec=9\r\ncmdstat_info:calls=7,usec=9\r\n');
  const after = parseCommandStats(
    'cmdstat_xadd:calls=12,usec=9\r\ncmdstat_client|list:calls=5,usec=9\r\ncmdstat_info:calls=8,usec=9\r\n',
  );
  const use = commandUse(before, after, 3);
  expect(use).toEqual({ total: 15, seconds: 3, byName: { xadd: 10, 'client|list': 5 } });
  expect(beyondIdle(use, { total: 4, seconds: 2, byName: {} })).toBe(9);
});

test('options have the type of their default, and a wrong one is one line', () => {
  const table = {
    readers: { default: 10, min: 1, help: '' },
    url: { default: '', help: '' },
    json: { default: false, help: '' },
  };
  expect(parseOptions(table, ['--readers', '5', '--json'])).toEqual({ readers: 5, url: '', json: true });
  expect(() => parseOptions(table, ['--readers', '0'])).toThrow(OptionError);
  expect(() => parseOptions(table, ['--reader', '3'])).toThrow(/reader/);
});

test('CPU time is read past a process name with brackets in it', () => {
  expect(cpuMsOf(`7 (a) b) S ${'0 '.repeat(10)}12 3 0 0`)).toBe(150);
});

test.runIf(process.platform === 'linux')('a process that lives can be measured, one that does not cannot', () => {
  expect(sampleProcess(process.pid)).toMatchObject({ cpuMs: expect.any(Number), rssBytes: expect.any(Number) });
  expect(sampleProcess(process.pid)?.rssBytes).toBeGreaterThan(10_000_000);
  expect(sampleProcess(process.pid)?.openFiles).toBeGreaterThan(2);
  expect(sampleProcess(2 ** 30)).toBeNull();
  expect(kernelSocketBytes()).toBeGreaterThanOrEqual(0);
});
