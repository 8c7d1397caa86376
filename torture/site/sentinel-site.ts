import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { connectRedis } from '../../src/ops/redis/redis.ts';
import { type Sentinels, startSentinels } from '../../test/resources/redis-sentinels.ts';
import { addressOf } from '../../test/resources/redis-server.ts';
import { ResourceStack } from '../../test/resources/resource-stack.ts';
import { readHealth } from './health-watch.ts';
import { Site } from './site.ts';

/** As docs/deploy.md asks for it. */
const guard = ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'];

/** FLASHWIRE_DURABILITY. */
export type Durability = 'local' | 'replicated';

/** A site on a primary, two replicas and three Sentinels. */
export class SentinelSite extends Site {
  readonly redis: Sentinels;
  readonly direct: Redis;
  protected override readonly env: Readonly<Record<string, string>>;

  private constructor(stack: ResourceStack, program: string, folder: string, redis: Sentinels, durability: Durability) {
    super(stack, program, folder);
    this.redis = redis;
    this.env = { FLASHWIRE_DURABILITY: durability };
    // It waits for the next primary, and asks it again.
    this.direct = connectRedis(addressOf(redis.url), 'blocking', 'torture', () => undefined);
  }

  static async open(program: string, durability: Durability): Promise<SentinelSite> {
    const stack = new ResourceStack();
    const folder = await mkdtemp(join(tmpdir(), 'flashwire-torture-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const redis = stack.use(await startSentinels(2, guard));
    const site = new SentinelSite(stack, program, folder, redis, durability);
    stack.defer(() => site.direct.disconnect());
    await site.openRoles();
    return site;
  }

  health(): Promise<string> {
    return readHealth(this.apiUrl);
  }

  protected async redisUrlFor(): Promise<string> {
    return this.redis.url;
  }
}
