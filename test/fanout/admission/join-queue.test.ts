import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { JoinQueue } from '../../../src/fanout/admission/join-queue.ts';
import { HandClock } from '../sweep-model.ts';

test('clients that join take one turn of the sweep in four while news goes out, and every turn otherwise', () => {
  let hasNews = true;
  let joined = 0;
  const queue = new JoinQueue({
    clock: new HandClock(),
    acceptRate: 1_000,
    hasNews: () => hasNews,
    wake: () => undefined,
  });
  const joiner = { socket: new Socket(), arrivedAt: 0, join: () => joined++, refuse: () => undefined };
  for (let n = 0; n < 100; n++) queue.add(joiner);
  for (let step = 0; step < 40; step++) expect(queue.step()).toBe(true);
  expect(joined).toBe(10);
  hasNews = false;
  for (let step = 0; step < 40; step++) queue.step();
  expect(joined).toBe(50);
});
