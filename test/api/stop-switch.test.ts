import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { expect, inject, test } from 'vitest';
import { createStopSwitch, type StopSwitch } from '../../src/api/stop-switch.ts';
import { connectRedis } from '../../src/ops/redis/redis.ts';
import { BullPublisher } from '../../src/queue/bull-publisher.ts';
import type { Publisher } from '../../src/queue/publisher.ts';
import { addressOf, ownPrefix } from '../resources/redis-server.ts';

const worksAgain = (stop: StopSwitch) => stop.settle();
const pull = (stop: StopSwitch) => stop.turn(true, 'Night desk');
const letGo = (stop: StopSwitch) => stop.turn(false, 'Day desk');

test.each([
  ['a worker starts while STOP is pulled', false, pull, worksAgain],
  ['a worker starts while STOP is let go', true, letGo, worksAgain],
  ['one desk pulls while another lets go', false, pull, letGo],
])(
  'the queues do as the switch says when %s, in whatever order',
  async (_, before, ...both) => {
    await using site = await openSwitch();
    for (const order of orders(6, 3)) {
      await site.stop.turn(before, 'Editor');
      const turns = both.map(() => new Turns());
      const done = both.map((act, who) => act(site.switchOf(turns[who] ?? new Turns())));
      for (const who of order) await turns[who]?.next(done[who]);
      for (const each of turns) each.open();
      await Promise.all(done);
      expect([order.join(''), await site.isHeld()]).toEqual([order.join(''), (await site.stop.state()).stopped]);
    }
  },
  60_000,
);

test('STOP can be pulled after a process crashed while pulling it', async () => {
  await using site = await openSwitch();
  await site.redis.hset(site.key, 'by', 'Night desk');
  await pull(site.stop);
  expect(await site.stop.state()).toMatchObject({ stopped: true, by: 'Night desk' });
  expect(await site.isHeld()).toBe(true);
});

/** Every way in which the first steps of two processes can stand between each other. */
function orders(first: number, second: number): readonly (readonly number[])[] {
  if (first === 0 || second === 0) return [[...Array<number>(first).fill(0), ...Array<number>(second).fill(1)]];
  return [
    ...orders(first - 1, second).map((rest) => [0, ...rest]),
    ...orders(first, second - 1).map((rest) => [1, ...rest]),
  ];
}

/** Lets a process do one step at a time. */
class Turns {
  #isOpen = false;
  #wake = () => {};
  #isWaiting: () => void = () => {};
  #waits = new Promise<void>((resolve) => {
    this.#isWaiting = resolve;
  });

  async step<Result>(act: () => Promise<Result>): Promise<Result> {
    if (!this.#isOpen)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#isWaiting();
      });
    return act();
  }

  /** Lets the step that waits happen; resolves before the one after it, or at the end. */
  async next(end: Promise<unknown> | undefined): Promise<void> {
    await Promise.race([this.#waits, end]);
    this.#waits = new Promise<void>((resolve) => {
      this.#isWaiting = resolve;
    });
    this.#wake();
    await Promise.race([this.#waits, end]);
  }

  open(): void {
    this.#isOpen = true;
    this.#wake();
  }
}

async function openSwitch() {
  const prefix = ownPrefix();
  const [redis, connection] = [0, 1].map(() =>
    connectRedis(addressOf(inject('redisUrl')), 'command', 'test', () => undefined),
  );
  if (!redis || !connection) throw new Error('no connection');
  await Promise.all([redis, connection].map((one) => once(one, 'ready')));
  const now = () => Date.now();
  const publisher = new BullPublisher({ connection, prefix, editions: ['en'], now, onError: () => undefined });
  const switchOf = (turns: Turns) =>
    createStopSwitch({ redis: stepwise(redis, turns), prefix, publisher: heldStepwise(publisher, turns), now });
  return {
    redis,
    key: `${prefix}:stop`,
    stop: createStopSwitch({ redis, prefix, publisher, now }),
    switchOf,
    isHeld: async () => (await publisher.watch.look())[0]?.isHeld,
    [Symbol.asyncDispose]: async () => {
      await publisher.close();
      redis.disconnect();
      connection.disconnect();
    },
  };
}

/** The same connection, whose every command is a step. */
function stepwise(redis: Redis, turns: Turns): Redis {
  return new Proxy(redis, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => turns.step(() => Reflect.apply(value, target, given));
    },
  });
}

function heldStepwise(publisher: Publisher, turns: Turns): Publisher {
  return {
    enqueue: (edition, due) => publisher.enqueue(edition, due),
    hold: (isHeld) => turns.step(() => publisher.hold(isHeld)),
    close: () => publisher.close(),
  };
}
