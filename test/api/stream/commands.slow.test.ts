import { expect, test } from 'vitest';
import { CommandCounter } from '../../../bench/target/redis-commands.ts';
import { desk, startFlashwire } from '../../resources/flashwire.ts';
import { startRedis } from '../../resources/redis-server.ts';
import { ResourceStack } from '../../resources/resource-stack.ts';
import { type DeskStream, openStream } from './desk-stream.ts';

/** Long, because processes do some of their work once a second or every ten seconds. */
const windowMs = 20_000;

test('the Redis commands per second with 1, 10 and 50 open desks are within 5 % of those with none', async () => {
  await using stack = new ResourceStack();
  const redis = stack.use(await startRedis());
  const env = { REDIS_URL: redis.url };
  const { url } = stack.use(await startFlashwire('all', env));
  const counter = stack.use(new CommandCounter(redis.url, () => performance.now()));
  const streams: DeskStream[] = [];
  const perSecond = async () => {
    const stop = await counter.start();
    await new Promise((resolve) => setTimeout(resolve, windowMs));
    const { total, seconds } = await stop();
    return total / seconds;
  };
  let none: number | undefined;
  for (const desks of [0, 1, 10, 50]) {
    while (streams.length < desks) {
      const stream = stack.use(await openStream(url, 'edition=en&edition=ar&edition=es'));
      await stream.next('snapshot', ({ edition }) => edition === 'es');
      streams.push(stream);
    }
    // What the opening itself costs, and the presence that follows it.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // A busy machine is late with what processes do by the clock, and then does more of it.
    let rate = await perSecond();
    for (let again = 0; again < 2 && rate / (none ?? rate) >= 1.05; again++) rate = await perSecond();
    none ??= rate;
    expect(rate / none, `${desks} desks: ${rate} per second`).toBeLessThan(1.05);
  }
  await desk(url, 'POST', '/v1/items', { edition: 'en', headline: 'A line' }, { prefer: 'wait=5' });
  await Promise.all(streams.map((stream) => stream.next('item')));
});
