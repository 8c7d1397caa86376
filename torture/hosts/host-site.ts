import type { Redis } from 'ioredis';
import { freePort } from '../../bench/process/free-port.ts';
import { startNginx } from '../../bench/target/nginx.ts';
import { connectRedis } from '../../src/ops/redis/redis.ts';
import { startFlashwire } from '../../test/resources/flashwire.ts';
import { type Sentinels, startSentinels } from '../../test/resources/redis-sentinels.ts';
import { addressOf } from '../../test/resources/redis-server.ts';
import { ResourceStack } from '../../test/resources/resource-stack.ts';
import type { Scene } from '../site/scene.ts';
import { type HostName, Network } from './network.ts';
import { settleIn } from './own-namespaces.ts';

const fanouts = ['fanout-1', 'fanout-2', 'fanout-3'] as const;
const redisHosts = ['redis-1', 'redis-2', 'redis-3'] as const;
const sentinelHosts = ['sentinel-1', 'sentinel-2', 'sentinel-3'] as const;

/** Where each Redis and its Sentinel are; the two count as one machine. */
export interface RedisRoles {
  readonly primary: HostName;
  readonly replicas: readonly HostName[];
  readonly sentinelOfPrimary: HostName;
  readonly otherSentinels: readonly HostName[];
}

/** docs/deploy.md: Redis with replicas and Sentinels. */
const guards = ['--protected-mode', 'no', '--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'];

/** A site of real processes on hosts of their own: deploy/nginx.conf in front of three fan-outs and an api, a worker, and Redis with Sentinels. */
export class HostSite implements Scene {
  /** Longer than the balancer tries to reach a fan-out. */
  readonly readerSilenceMs = 8_000;
  readonly network: Network;
  readonly direct: Redis;
  readonly apiUrl: string;
  readonly fanouts: readonly string[];
  readonly entrances: readonly string[];
  readonly #stack: ResourceStack;
  readonly #redis: Sentinels;

  private constructor(
    stack: ResourceStack,
    network: Network,
    redis: Sentinels,
    places: Readonly<Record<string, string>>,
    balancer: string,
  ) {
    this.#stack = stack;
    this.#redis = redis;
    this.network = network;
    this.direct = connectRedis(addressOf(redis.url), 'blocking', 'torture', () => undefined);
    stack.defer(() => this.direct.disconnect());
    this.entrances = [balancer];
    this.fanouts = fanouts.map((name) => places[name] ?? '');
    this.apiUrl = `http://${balancer}`;
  }

  static async open(program: string): Promise<HostSite> {
    settleIn();
    const network = new Network();
    const stack = new ResourceStack();
    try {
      const hostsOf = (names: readonly HostName[]) => names.map((name) => network.host(name));
      const hosts = { servers: hostsOf(redisHosts), sentinels: hostsOf(sentinelHosts) };
      const redis = stack.use(await startSentinels(2, guards, ['protected-mode no'], hosts));
      const started = (['api', 'worker', ...fanouts] as const).map(
        async (name) => [name, await start(name, program, network, redis, stack)] as const,
      );
      const places = Object.fromEntries(await Promise.all(started));
      const balancer = network.host('balancer');
      const nginx = stack.use(await startNginx(places, '', 1, balancer));
      return new HostSite(stack, network, redis, places, `${balancer.address}:${nginx.port}`);
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** As the Sentinels say now. */
  async redisRoles(): Promise<RedisRoles> {
    const at = this.#redis.servers.indexOf(await this.#redis.primary());
    const [primary = 'redis-1', sentinelOfPrimary = 'sentinel-1'] = [redisHosts[at], sentinelHosts[at]];
    const others = <Name extends HostName>(names: readonly Name[]) => names.filter((_, nth) => nth !== at);
    return { primary, replicas: others(redisHosts), sentinelOfPrimary, otherSentinels: others(sentinelHosts) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.network.heal();
    await this.#stack[Symbol.asyncDispose]();
  }
}

/** Starts a role; resolves with its `host:port`. */
async function start(
  name: HostName,
  program: string,
  network: Network,
  redis: Sentinels,
  stack: ResourceStack,
): Promise<string> {
  const env = {
    REDIS_URL: redis.url,
    PORT: String(await freePort()),
    FLASHWIRE_DURABILITY: 'replicated',
    FLASHWIRE_TRUST_PROXY: network.host('balancer').address,
    FLASHWIRE_POST_RATE: '100000',
    FLASHWIRE_BEAT_MS: '1000',
    FLASHWIRE_DRAIN_MS: '500',
  };
  const host = network.host(name);
  const { url } = stack.use(await startFlashwire(name.replace(/-\d$/, ''), env, 60_000, { program, host }));
  return new URL(url).host;
}
