import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from 'ioredis';
import { type RedisCluster, startCluster } from '../../test/resources/redis-cluster.ts';
import { ResourceStack } from '../../test/resources/resource-stack.ts';
import { Site } from './site.ts';

/** A site on a Redis Cluster of three primaries, each with a replica. */
export class ClusterSite extends Site {
  readonly cluster: RedisCluster;
  readonly direct: Cluster;

  private constructor(stack: ResourceStack, program: string, folder: string, cluster: RedisCluster) {
    super(stack, program, folder);
    this.cluster = cluster;
    // It waits for a new owner instead of giving up.
    this.direct = new Cluster([...cluster.places], {
      redisOptions: { maxRetriesPerRequest: null },
      slotsRefreshInterval: 500,
      maxRedirections: 500,
    });
    this.direct.on('error', () => undefined);
  }

  static async open(program: string): Promise<ClusterSite> {
    const stack = new ResourceStack();
    const folder = await mkdtemp(join(tmpdir(), 'flashwire-torture-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const cluster = stack.use(await startCluster());
    const site = new ClusterSite(stack, program, folder, cluster);
    stack.defer(() => site.direct.disconnect());
    await site.openRoles();
    return site;
  }

  protected async redisUrlFor(): Promise<string> {
    return this.cluster.url;
  }
}
