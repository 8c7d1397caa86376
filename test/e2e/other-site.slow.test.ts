import { expect, inject, test } from 'vitest';
import { runFlashwire, startFlashwire } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';

const env = (prefix: string, url: string, database = 0) => ({
  REDIS_URL: `${inject('redisUrl')}/${database}`,
  FLASHWIRE_REDIS_PREFIX: prefix,
  FLASHWIRE_PUBLIC_URL: url,
});

test('no role starts on the Redis keys of another running site, and each prints one line', async () => {
  const prefix = ownPrefix();
  await using running = await startFlashwire('all', env(prefix, 'https://News.example'));
  const roles = ['worker', 'api', 'fanout', 'all'];
  const [ended, again, other] = await Promise.all([
    Promise.all(roles.map((role) => runFlashwire([role], env(prefix, 'https://staging.example')))),
    // The same address in another spelling, and another database.
    startFlashwire('all', env(prefix, 'https://news.example:443/')),
    startFlashwire('all', env(prefix, 'https://staging.example', 1)),
  ]);
  await using _again = again;
  await using _other = other;
  for (const { code, err } of ended) {
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toEqual([
      `flashwire: a process of https://news.example is running on the same keys in Redis (prefix ${prefix}), and FLASHWIRE_PUBLIC_URL here is https://staging.example: give this site a FLASHWIRE_REDIS_PREFIX or a database of its own; where a site has got another address, stop all of its old processes first (the start stops)`,
    ]);
  }
  expect(running.child.exitCode).toBe(null);
});
