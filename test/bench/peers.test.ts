import { tmpdir } from 'node:os';
import { expect, test, vi } from 'vitest';
import { monotonicClock } from '../../bench/clock.ts';
import { coalescingFloor, floor } from '../../bench/peers/floor.ts';
import { Swarm } from '../../bench/swarm.ts';

const readers = 20;

test.each([floor, coalescingFloor].filter((peer) => peer.missing() === null))(
  'the readers follow $name, and every one has every message once and in order',
  async (peer) => {
    const clock = monotonicClock();
    await using running = await peer.start({ env: process.env, folder: tmpdir() });
    const swarm = new Swarm({ targets: [running.target], clock, random: Math.random });
    try {
      await swarm.connect(readers, 1_000, 0);
      for (let i = 0; i < 5; i++) await running.publish(i, clock());
      await vi.waitFor(() => expect(swarm.report().frames).toMatchObject({ item: 5 * readers }), 5_000);
      expect(swarm.report()).toMatchObject({ faults: {}, open: readers });
    } finally {
      swarm.close();
    }
  },
  30_000,
);
