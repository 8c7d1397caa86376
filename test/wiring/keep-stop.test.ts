import { pino } from 'pino';
import { expect, inject, test } from 'vitest';
import { createStopSwitch } from '../../src/api/stop-switch.ts';
import { keysOfQueue } from '../../src/queue/job.ts';
import { keepStop } from '../../src/wiring/keep-stop.ts';
import { openNewsroom } from '../resources/newsroom.ts';

test('queues follow STOP again after either of the two was lost, and not while STOP is turning', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  const { redis, prefix, publisher } = newsroom;
  const stop = createStopSwitch({ redis, prefix, publisher, now: () => Date.now() });
  const look = keepStop(stop, pino({ level: 'silent' }));
  const heldAfterLook = async () => {
    await look(await publisher.watch.look());
    return (await publisher.watch.look()).flatMap(({ tag, isHeld }) => (isHeld ? [tag] : []));
  };
  await stop.turn(true, 'Night desk');
  expect(await heldAfterLook()).toEqual(['en', 'ar']);
  await redis.hdel(keysOfQueue(prefix, 'en').meta, 'paused');
  expect(await heldAfterLook()).toEqual(['ar']);
  expect(await heldAfterLook()).toEqual(['en', 'ar']);
  await redis.del(`${prefix}:stop`);
  expect(await heldAfterLook()).toEqual(['en', 'ar']);
  expect(await heldAfterLook()).toEqual([]);
  expect(await heldAfterLook()).toEqual([]);
});
