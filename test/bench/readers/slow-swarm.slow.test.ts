import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { readerTarget } from '../../../bench/readers/reader-target.ts';
import { type SlowStatus, SlowSwarm } from '../../../bench/readers/slow-swarm.ts';
import { startFeedServer } from '../feed-server.ts';
import { item, snapshot } from '../wire.ts';

const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const gap = snapshot(9).replace('"reason":"start"', '"reason":"gap"');

test.runIf(hasCompiler)('slow readers tell snapshots, gaps, duplicates and close codes apart', async () => {
  await using feed = await startFeedServer((socket) => socket.send(snapshot(3)));
  await using slow = await SlowSwarm.start(
    { readers: 3, bytesPerSecond: 1_000_000, receiveBuffer: 4_096 },
    readerTarget(feed.url, 'en', ''),
  );
  expect(slow.status).toMatchObject({ open: 3, answered: 3, snapshots: { start: 3, gap: 0 }, readersWithGap: 0 });
  feed.send(item(4), item(4), item(6), gap, item(10), 'x'.repeat(70_000));
  for (const socket of feed.sockets) socket.close(4_101);
  expect(await slow.until(10_000, (status) => status.open === 0)).toBe(true);
  expect(slow.status).toEqual({
    ...slow.status,
    open: 0,
    snapshots: { start: 3, gap: 3, epoch: 0 },
    readersWithGap: 3,
    entries: 12,
    gaps: 3,
    duplicates: 3,
    closed: { '4101': 3 },
  } satisfies SlowStatus);
});

test.runIf(hasCompiler)('slow readers read no faster than their set rate', async () => {
  await using feed = await startFeedServer((socket) => socket.send(snapshot(3)));
  const options = { readers: 1, bytesPerSecond: 500, receiveBuffer: 4_096 };
  await using slow = await SlowSwarm.start(options, readerTarget(feed.url, 'en', ''));
  const { mostBytes } = slow.status;
  const start = performance.now();
  feed.send(...Array.from({ length: 50 }, (_, i) => item(4 + i)));
  expect(await slow.until(10_000, (status) => status.mostBytes >= mostBytes + 800)).toBe(true);
  expect(slow.status.mostBytes - mostBytes).toBeLessThan(((performance.now() - start) / 1_000 + 2) * 500);
  slow.setRate(1_000_000);
  expect(await slow.until(10_000, (status) => status.entries === 50)).toBe(true);
});
