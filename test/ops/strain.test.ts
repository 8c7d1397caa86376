import { expect, test } from 'vitest';
import { replicaLimits } from '../../src/fanout/edition/replica.ts';
import { budgetBytes } from '../../src/fanout/feed/budgets.ts';
import { feedLimits } from '../../src/fanout/feed/feeds.ts';
import { ClockSkew } from '../../src/ops/clock-skew.ts';
import { parseConfig } from '../../src/ops/config.ts';
import { healthOf } from '../../src/ops/redis/redis-health.ts';
import { memoryLimit, Strain } from '../../src/ops/strain.ts';
import { unreadBytes } from '../../src/ops/unread.ts';
import { assetCacheBytes } from '../../src/ui/server/asset-cache.ts';
import { processesOf } from '../../src/wiring/roles/process.ts';
import { documents } from '../docs/documents.ts';

class Model {
  heap = 0.2;
  memory = 0.2;
  loop = 5;
  readonly strain = new Strain({
    heapRatio: () => this.heap,
    memoryRatio: () => this.memory,
    loopP99Ms: () => this.loop,
  });

  look(times = 1): string | null {
    for (let n = 0; n < times; n += 1) this.strain.look();
    return this.strain.whyNot();
  }
}

test('a process is full above 85 % of its heap, and stays full until it is below 80 %', () => {
  const model = new Model();
  model.heap = 0.85;
  expect(model.look()).toBeNull();
  model.heap = 0.86;
  expect(model.look()).toBe('86 % of the heap is in use');
  model.heap = 0.81;
  expect(model.look()).not.toBeNull();
  expect(model.strain.isFull()).toBe(true);
  model.heap = 0.79;
  expect(model.look()).toBeNull();
  expect(model.strain.isFull()).toBe(false);
});

test('a process is full above 90 % of its memory too, and stays full until it is below 80 %', () => {
  const model = new Model();
  model.memory = 0.9;
  expect(model.look()).toBeNull();
  model.memory = 0.91;
  expect(model.look()).toBe('91 % of the memory is in use');
  expect(model.strain.isFull()).toBe(true);
  model.memory = 0.81;
  expect(model.look()).not.toBeNull();
  model.heap = 0.86;
  model.memory = 0.79;
  expect(model.look()).toBe('86 % of the heap is in use');
  model.heap = 0.79;
  expect(model.look()).toBeNull();
  expect(model.strain.isFull()).toBe(false);
});

test('the memory of a process is its share of the container, or of the machine without a limit', () => {
  const gigabyte = 2 ** 30;
  expect(memoryLimit(gigabyte, 8 * gigabyte, 1)).toBe(gigabyte);
  for (const none of [0, 18_446_744_073_709_552_000, 16 * gigabyte])
    expect(memoryLimit(none, 8 * gigabyte, 4)).toBe(2 * gigabyte);
  const config = parseConfig({ FLASHWIRE_FANOUT_PROCESSES: '3' });
  expect((['fanout', 'api', 'worker', 'edge', 'all'] as const).map((role) => processesOf(role, config))).toEqual([
    1, 1, 1, 6, 6,
  ]);
});

test('requests of strangers use less than 60 % of the smallest memory, so they cannot fill a process', async () => {
  const pattern = /at least (\d+) MB per process; (\d+) MB empty/;
  const [, smallest, empty] = documents.map(({ text }) => pattern.exec(text)).find((match) => match !== null) ?? [];
  const kept = Object.values(budgetBytes).reduce((sum, bytes) => sum + bytes, 0);
  // A feed has at most a number for each entry of the ring.
  const feeds = feedLimits.feeds * (replicaLimits.entries * 8 + 4_096);
  const sum = kept + feeds + unreadBytes + assetCacheBytes + Number(empty) * 2 ** 20;
  expect(sum / (Number(smallest) * 2 ** 20)).toBeLessThan(0.6);
});

test('an event loop is slow after two windows above 200 ms, and not any more after one below 100 ms', () => {
  const model = new Model();
  model.loop = 250;
  expect(model.look(20)).toBeNull();
  expect(model.look(20)).toBe('the event loop is late by 250 ms (p99)');
  expect(model.strain.isFull()).toBe(false);
  model.loop = 150;
  expect(model.look(40)).not.toBeNull();
  model.loop = 20;
  expect(model.look(20)).toBeNull();
});

test('one slow window does not count', () => {
  const model = new Model();
  for (const loop of [250, 20, 250, 20]) {
    model.loop = loop;
    expect(model.look(20)).toBeNull();
  }
});

test('a wrong clock is reported once in either direction, and once when it is right again', () => {
  const skew = new ClockSkew();
  expect([0, 400, 600, 700, 400, 200, 0].map((ms) => skew.look(ms))).toEqual([
    null,
    null,
    'off',
    null,
    null,
    'well',
    null,
  ]);
  expect(skew.look(-3_600_000)).toBe('off');
});

test('memory and disk are read from INFO', () => {
  const info = (fields: Record<string, string>) =>
    Object.entries(fields)
      .map(([name, value]) => `${name}:${value}\r\n`)
      .join('');
  const well = { used_memory: '900', maxmemory: '1000', aof_last_write_status: 'ok', rdb_last_bgsave_status: 'ok' };
  expect(healthOf(info(well))).toEqual({ memoryRatio: 0.9, isDiskWell: true });
  expect(healthOf(info({ ...well, maxmemory: '0' })).memoryRatio).toBe(0);
  expect(healthOf(info({ ...well, aof_last_write_status: 'err' })).isDiskWell).toBe(false);
  expect(healthOf(info({ ...well, rdb_last_bgsave_status: 'err' })).isDiskWell).toBe(false);
});
