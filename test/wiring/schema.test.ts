import { expect, test } from 'vitest';
import { parseConfig } from '../../src/ops/config.ts';
import { connectRedis } from '../../src/ops/redis/redis.ts';
import { parseRedisAddress } from '../../src/ops/redis/redis-address.ts';
import { RedisTrouble } from '../../src/ops/redis/redis-trouble.ts';
import type { Process } from '../../src/wiring/roles/process.ts';
import { requireSchema } from '../../src/wiring/schema.ts';
import { addressOf, connect, ownPrefix, startRedis } from '../resources/redis-server.ts';

test.each(['warn', 'refuse'] as const)(
  'a start (%s) that meets a primary just demoted by Sentinels waits for the new one',
  async (check) => {
    const lasting = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--min-replicas-max-lag', '2'];
    await using server = await startRedis([...lasting, '--replicaof', '127.0.0.1 1']);
    using admin = connect(server.url);
    const redis = connectRedis(addressOf(server.url), 'command', 'schema', () => undefined);
    const redisAddress = parseRedisAddress({ REDIS_URL: 'redis-sentinel://127.0.0.1:1/0#flash' });
    const prefix = ownPrefix();
    const config = parseConfig({ FLASHWIRE_REDIS_CHECK: check, FLASHWIRE_REDIS_PREFIX: prefix });
    const said: string[] = [];
    const logger = {
      info: () => undefined,
      warn: ({ reason }: { reason?: string }, message: string) => {
        said.push(`${message}: ${reason}`);
        if (reason?.includes('is not the primary any more')) void admin.redis.call('REPLICAOF', 'NO', 'ONE');
      },
    };
    const self = { config, editions: ['en'], logger, trouble: new RedisTrouble(redisAddress), redisAddress };
    const started = requireSchema(self as unknown as Process, redis, 'migrate');
    if (check === 'warn') await started;
    // The new primary is judged as every primary is.
    else await expect(started).rejects.toThrow('set min-replicas-to-write 1');
    expect(said[0]).toContain('schema not read yet. Trying again: ');
    redis.disconnect();
  },
);
