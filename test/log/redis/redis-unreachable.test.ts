import { expect, test } from 'vitest';
import { watchLateness } from '../../resources/lateness.ts';
import { connect, startRedis } from '../../resources/redis-server.ts';
import { bodyOf, openEditionLog } from '../edition-log.ts';

/** A log over a Redis of its own. */
async function open(url: string) {
  const log = await openEditionLog(url, { prefix: 'unreachable' });
  const publish = (itemId: string, idempotencyKey?: string) =>
    log.accept({
      commandId: `c_${itemId}`,
      itemId,
      action: 'publish',
      body: bodyOf('A line'),
      deadlineMs: log.desk.now() + 1_500,
      ...(idempotencyKey !== undefined && { idempotency: { key: idempotencyKey, fingerprint: 'f' } }),
    });
  return { desk: log.desk, publish, [Symbol.asyncDispose]: () => log[Symbol.asyncDispose]() };
}

test('an acceptance rejects after 2 s while Redis is frozen, and publishes nothing when Redis thaws', async () => {
  await using redis = await startRedis();
  await using it = await open(redis.url);
  await it.publish('before');
  process.kill(redis.pid, 'SIGSTOP');
  const lateness = watchLateness();
  const startedAt = performance.now();
  await expect(it.publish('frozen')).rejects.toThrow('timed out');
  expect(performance.now() - startedAt).toBeLessThan(4_000 + lateness());
  process.kill(redis.pid, 'SIGCONT');
  using later = connect(redis.url);
  // This connection's answer comes after all that the frozen one had been sent.
  await expect.poll(async () => (await later.redis.info('clients')).includes('connected_clients')).toBe(true);
  expect(await later.redis.exists('unreachable:{en}:item:before', 'unreachable:{en}:item:frozen')).toBe(1);
});

test('a wait for an outcome ends at its deadline although no outcome can arrive', async () => {
  await using redis = await startRedis();
  await using it = await open(redis.url);
  await it.publish('waiting');
  process.kill(redis.pid, 'SIGSTOP');
  const lateness = watchLateness();
  const startedAt = performance.now();
  await expect(it.desk.settled('en', 'c_waiting', 300)).rejects.toThrow('timed out');
  expect(performance.now() - startedAt).toBeLessThan(4_000 + lateness());
});

test("every method of the desk's log rejects at once while Redis is down", async () => {
  await using redis = await startRedis();
  await using it = await open(redis.url);
  process.kill(redis.pid, 'SIGKILL');
  const asked = [
    it.publish('gone', 'k1'),
    it.desk.status('en', 'c'),
    it.desk.item('en', 'i'),
    it.desk.list('en', { limit: 5 }),
  ];
  const answers = await Promise.allSettled(asked);
  const reasons = answers.map((answer) => (answer.status === 'rejected' ? String(answer.reason) : answer.status));
  expect(reasons.filter((reason) => !reason.includes('Error: ') || reason.includes('timed out'))).toEqual([]);
});
