import { expect, test } from 'vitest';
import { monotonicClock } from '../../../bench/process/clock.ts';
import { readerTarget } from '../../../bench/readers/reader-target.ts';
import { Swarm } from '../../../bench/readers/swarm.ts';
import { faultsOf, reachOf } from '../../../bench/run/reach.ts';
import { serveFanout } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';
import { type FeedServer, startFeedServer } from '../feed-server.ts';
import { item, resumed, snapshot } from '../wire.ts';

const readers = 60;

test('readers of a right feed have every item once, and a run with them passes', async () => {
  await using feed = await startFeedServer((socket) => socket.send(snapshot(3)));
  using swarm = await connected(feed);
  const posted = [4, 5, 6].map((seq) => ({ id: `item-${seq}`, dueAt: monotonicClock()(), answeredAt: 0 }));
  feed.send(item(4), item(5), item(6));
  await expect.poll(() => swarm.report().frames).toMatchObject({ item: 3 * readers });
  const report = swarm.report();
  const reaches = reachOf(posted, report, 0);
  expect(faultsOf(report, reaches, readers)).toEqual([]);
  expect(reaches.map((reach) => reach.readers)).toEqual([readers, readers, readers]);
  for (const reach of reaches) expect(reach.lastMs).toBeGreaterThanOrEqual(reach.firstMs ?? Number.NaN);
});

test('an entry is timed apart for readers that had been answered before its append', async () => {
  await using feed = await startFeedServer((socket) => socket.send(snapshot(3)));
  using swarm = await connected(feed);
  const later = new Date(Date.now() + 60_000).toISOString();
  feed.send(item(4), item(5).replace(/"updatedAt":"[^"]*"/, `"updatedAt":"${later}"`));
  await expect.poll(() => swarm.report().frames).toMatchObject({ item: 2 * readers });
  expect(swarm.report().sightings.map((sighting) => sighting.liveCount)).toEqual([0, readers]);
});

test('each reader tells once how late its latest entry was', async () => {
  await using feed = await startFeedServer((socket) => socket.send(snapshot(3)));
  using swarm = await connected(feed);
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
  const at = (entry: string, time: string) => entry.replace(/"updatedAt":"[^"]*"/, `"updatedAt":"${time}"`);
  feed.send(at(item(4), ago(60_000)), at(item(5), ago(1_000)));
  await expect.poll(() => swarm.report().frames).toMatchObject({ item: 2 * readers });
  const latest = swarm.takeLateness();
  expect(latest).toHaveLength(readers);
  for (const ms of latest) expect(ms).toBeGreaterThanOrEqual(59_000);
  expect(Math.max(...swarm.takeLateness())).toBe(0);
});

test('readers that poll have every item once, quiet or not', async () => {
  const log = new MemoryLog();
  await using server = await serveFanout(log);
  const target = readerTarget(server.origin, 'en', '', 'polls');
  const swarm = new Swarm({ targets: [target], clock: monotonicClock(), random: Math.random });
  await swarm.connect(readers, 5_000, 0);
  for (const id of ['a', 'b', 'c']) {
    log.publish(id, facets());
    await expect.poll(() => swarm.report().sightings.at(-1)).toMatchObject({ id, count: readers });
  }
  expect(swarm.report()).toMatchObject({ open: readers, faults: {}, dropped: {}, refused: {} });
  swarm.close();
});

test('a gap fails the run', async () => {
  await using feed = await startFeedServer((socket) => socket.send(snapshot(3)));
  using swarm = await connected(feed);
  feed.send(item(4), item(6));
  await expect.poll(() => swarm.report().faults).toEqual({ gap: readers });
  expect(faultsOf(swarm.report(), [], readers)[0]).toBe(`gap: ${readers}`);
});

test('a duplicate fails the run', async () => {
  await using feed = await startFeedServer((socket) => socket.send(snapshot(3)));
  using swarm = await connected(feed);
  feed.send(item(4), item(4));
  await expect.poll(() => swarm.report().faults).toEqual({ duplicate: readers });
  expect(faultsOf(swarm.report(), [], readers)[0]).toBe(`duplicate: ${readers}`);
});

test('an item that one reader never gets fails the run', async () => {
  await using feed = await startFeedServer((socket) => socket.send(snapshot(3)));
  using swarm = await connected(feed);
  const [spared, ...others] = feed.sockets;
  for (const socket of others) socket.send(item(4));
  await expect.poll(() => swarm.report().frames).toMatchObject({ item: readers - 1 });
  expect(spared).toBeDefined();
  const reaches = reachOf([{ id: 'item-4', dueAt: 0, answeredAt: 0 }], swarm.report(), 0);
  expect(faultsOf(swarm.report(), reaches, readers)).toEqual([`lost: 1 of ${readers} deliveries`]);
});

test('readers that are cut come back with their own position', async () => {
  await using feed = await startFeedServer((socket, since) => {
    if (since === null) return socket.send(snapshot(3));
    socket.send(resumed(Number(since.split(':')[1]), 1));
    socket.send(item(5));
  });
  using swarm = await connected(feed);
  feed.send(item(4));
  await expect.poll(() => swarm.report().frames).toMatchObject({ item: readers });
  const backMs = await swarm.cut(null);
  expect(backMs).toHaveLength(readers);
  await expect
    .poll(() => swarm.report())
    .toMatchObject({
      open: readers,
      frames: { resumed: readers, snapshot: readers, item: 2 * readers },
      faults: {},
      dropped: {},
    });
});

test('readers that the server drops are counted and come back', async () => {
  await using feed = await startFeedServer((socket, since) =>
    socket.send(since === null ? snapshot(3) : resumed(3, 0)),
  );
  using swarm = await connected(feed);
  for (const socket of feed.sockets) socket.close(4_200);
  await expect
    .poll(() => swarm.report())
    .toMatchObject({ open: readers, dropped: { 4200: readers }, frames: { resumed: readers } });
});

test('pings are answered with masked pongs', async () => {
  const answers: string[] = [];
  await using feed = await startFeedServer((socket) => {
    socket.on('pong', (data) => answers.push(data.toString()));
    socket.send(snapshot(3));
  });
  using swarm = await connected(feed);
  for (const socket of feed.sockets) socket.ping('still there?');
  await expect.poll(() => answers).toHaveLength(readers);
  expect(new Set(answers)).toEqual(new Set(['still there?']));
  expect(swarm.report().dropped).toEqual({});
});

test('readers come from more than one address', async () => {
  await using feed = await startFeedServer((socket) => socket.send(snapshot(3)));
  const target = readerTarget(feed.url, 'en', '');
  const swarm = new Swarm({ targets: [target], clock: monotonicClock(), random: Math.random });
  await swarm.connect(2, 1_000, 1_499);
  expect(feed.addresses).toEqual(new Set(['127.0.1.1', '127.0.1.2']));
  swarm.close();
});

test('readers that are refused permanently give up and report why', async () => {
  await using feed = await startFeedServer((socket) => socket.close(4_000));
  using swarm = await connected(feed);
  expect(swarm.report()).toMatchObject({ gaveUp: readers, open: 0, dropped: { 4000: readers } });
  expect(faultsOf(swarm.report(), [], readers)).toEqual([
    `readers without a connection at the end: ${readers} (4000 ${readers} times)`,
  ]);
});

async function connected(feed: FeedServer): Promise<Swarm & Disposable> {
  const swarm = new Swarm({
    targets: [readerTarget(feed.url, 'en', '')],
    clock: monotonicClock(),
    random: Math.random,
  });
  await swarm.connect(readers, 5_000, 0);
  return Object.assign(swarm, { [Symbol.dispose]: () => swarm.close() });
}
