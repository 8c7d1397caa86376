import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { centrifugo } from '../../../bench/peers/centrifugo.ts';
import { coalescingFloor, floor } from '../../../bench/peers/floor.ts';
import { mercure } from '../../../bench/peers/mercure.ts';
import { nats } from '../../../bench/peers/nats.ts';
import { nchan } from '../../../bench/peers/nchan.ts';
import { naiveWs, socketIo } from '../../../bench/peers/node-peers.ts';
import { payload } from '../../../bench/peers/payload.ts';
import type { RunningPeer } from '../../../bench/peers/peer.ts';
import { sockudo } from '../../../bench/peers/sockudo.ts';
import { uWebSockets } from '../../../bench/peers/uwebsockets.ts';
import { monotonicClock } from '../../../bench/process/clock.ts';
import { sampleProcesses } from '../../../bench/process/system.ts';
import { targetAt } from '../../../bench/readers/reader-target.ts';
import { Swarm } from '../../../bench/readers/swarm.ts';
import { startFeedServer } from '../feed-server.ts';

const readers = 20;
const messages = 40;
const clock = monotonicClock();

const peers = [floor, coalescingFloor, naiveWs, socketIo, uWebSockets, nchan, nats, centrifugo, mercure, sockudo];

for (const peer of peers) {
  test.skipIf(peer.missing() !== null)(`${peer.label}: every reader has every message once and in order`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flashwire-peer-'));
    try {
      await using running = await peer.start({ env: process.env, folder, certificate: null });
      using swarm = await connected(running);
      expect(swarm.report()).toMatchObject({ open: readers, refused: {} });
      const ids: string[] = [];
      for (let i = 0; i < messages; i++) ids.push(await running.publish(i, clock()));
      await expect.poll(() => swarm.report().frames).toMatchObject({ item: readers * messages });
      const { faults, dropped, sightings } = swarm.report();
      expect({ faults, dropped }).toEqual({ faults: {}, dropped: {} });
      expect(sightings.map(({ id, count }) => ({ id, count }))).toEqual(ids.map((id) => ({ id, count: readers })));
      if (existsSync('/proc')) expect(sampleProcesses(running.pids)?.rssBytes).toBeGreaterThan(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

test('a frame that NATS cuts over WebSocket messages is joined, and its ping is answered', async () => {
  const answers: string[] = [];
  await using feed = await startFeedServer((socket) => {
    socket.on('message', (data) => {
      if (String(data).startsWith('CONNECT')) socket.send(Buffer.from('INFO {}\r\nPONG\r\nPING\r\n'));
      else answers.push(String(data));
    });
  });
  using swarm = await connected({ target: targetAt(feed.url, '/', 'nats') });
  const wire = [0, 1, 2]
    .map((i) => `MSG flash 1 ${payload(i, 1_000).text.length}\r\n${payload(i, 1_000).text}\r\n`)
    .join('');
  const cuts = [0, 5, 15, 200, 700, wire.length - 1, wire.length];
  feed.send(...cuts.slice(1).map((end, i) => wire.slice(cuts[i], end)));
  await expect.poll(() => swarm.report().frames).toMatchObject({ item: 3 * readers });
  expect(swarm.report().faults).toEqual({});
  expect(answers).toEqual(Array.from({ length: readers }, () => 'PONG\r\n'));
});

async function connected(running: Pick<RunningPeer, 'target'>): Promise<Swarm & Disposable> {
  const swarm = new Swarm({ targets: [running.target], clock, random: Math.random });
  await swarm.connect(readers, 1_000, 0);
  return Object.assign(swarm, { [Symbol.dispose]: () => swarm.close() });
}
