import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { RedisClock } from '../../../src/log/redis/redis-clock.ts';

/** A host whose clock is `aheadMs` ahead of ours, with a round trip of `roundTripMs`. */
class Host extends EventEmitter {
  localMs = 1_000_000;
  aheadMs = 0;
  roundTripMs = 0.2;
  isUnreachable = false;

  async time(): Promise<readonly string[]> {
    if (this.isUnreachable) throw new Error('unreachable');
    this.localMs += this.roundTripMs / 2;
    const ms = this.localMs + this.aheadMs;
    this.localMs += this.roundTripMs / 2;
    return [String(Math.floor(ms / 1_000)), String(Math.round((ms % 1_000) * 1_000))];
  }
}

function openClock() {
  const host = new Host();
  const clock = new RedisClock(host, () => host.localMs);
  return { host, clock, aheadMs: () => Math.round((clock.now() - host.localMs) / 10) * 10 + 0 };
}

test('one sample is enough to follow a host with a different clock', async () => {
  const { host, clock, aheadMs } = openClock();
  await clock.sample();
  for (const ahead of [5_000, -5_000, 60, 0]) {
    host.aheadMs = ahead;
    host.roundTripMs += 0.3;
    await clock.sample();
    expect(aheadMs()).toBe(ahead);
  }
});

test('a sample that agrees with the best one does not replace it', async () => {
  const { host, clock, aheadMs } = openClock();
  await clock.sample();
  host.aheadMs = 90; // as an answer looks that was on its way for longer than the question
  host.roundTripMs = 100;
  await clock.sample();
  expect(aheadMs()).toBe(0);
});

test('the first sample of a new connection discards the samples of the old one', async () => {
  const { host, clock, aheadMs } = openClock();
  await clock.start();
  host.aheadMs = 5_000;
  await clock.sample();
  host.aheadMs = 5_090;
  host.roundTripMs = 100;
  host.isUnreachable = true;
  host.emit('ready');
  await new Promise(setImmediate);
  expect(aheadMs()).toBe(5_000); // not this host's own clock
  host.isUnreachable = false;
  await clock.sample();
  expect(aheadMs()).toBe(5_090);
  clock.stop();
});
