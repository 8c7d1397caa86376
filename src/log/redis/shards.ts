import { Cluster, type Redis } from 'ioredis';
import { RedisClock } from './redis-clock.ts';
import { editionKeys, siteKeys } from './redis-keys.ts';

/** To one primary that has every key, or to all primaries of a cluster. A command goes to the node that owns its key. */
export type RedisConnection = Redis | Cluster;

/** The Redis that has certain keys, and the clock of that Redis. */
export interface Shard {
  readonly redis: RedisConnection;
  readonly clock: RedisClock;
}

/**
 * Where the keys of a site are. `site` has what belongs to no edition: keys, sessions, STOP's record, the claims of
 * Idempotency-Keys, the roll. On one primary all of it is one connection and one clock. In a cluster every edition is on one node,
 * whose clock decides about its deadlines and due times.
 */
export class Shards {
  readonly site: Shard;
  readonly #byEdition: ReadonlyMap<string, Shard>;

  constructor(redis: RedisConnection, prefix: string, editions: readonly string[]) {
    const at = (key: string) => ({ redis, clock: new RedisClock(isCluster(redis) ? new NodeTime(redis, key) : redis) });
    this.site = at(siteKeys(prefix).schema);
    this.#byEdition = new Map(
      isCluster(redis) ? editions.map((edition) => [edition, at(editionKeys(prefix, edition).meta)] as const) : [],
    );
  }

  of(edition: string): Shard {
    return this.#byEdition.get(edition) ?? this.site;
  }

  /** Resolves after the first sample of every clock. */
  async start(): Promise<void> {
    await Promise.all(this.#all().map(({ clock }) => clock.start()));
  }

  stop(): void {
    for (const { clock } of this.#all()) clock.stop();
  }

  #all(): readonly Shard[] {
    return [this.site, ...this.#byEdition.values()];
  }
}

export function isCluster(redis: RedisConnection): redis is Cluster {
  return redis instanceof Cluster;
}

/** Every node that takes writes. Keyless commands (SCAN, INFO, CONFIG) say something about one node only. */
export function primariesOf(redis: RedisConnection): readonly Redis[] {
  return isCluster(redis) ? redis.nodes('master') : [redis];
}

/** Every node, replicas too: a process may have subscribed at any of them. */
export function nodesOf(redis: RedisConnection): readonly Redis[] {
  return isCluster(redis) ? redis.nodes('all') : [redis];
}

/** The clock of the node that owns a key. TIME alone would go to any node. */
class NodeTime {
  readonly #cluster: Cluster;
  readonly #key: string;

  constructor(cluster: Cluster, key: string) {
    this.#cluster = cluster;
    this.#key = key;
  }

  async time(): Promise<readonly (number | string)[]> {
    // Not a script, because a fan-out may run none. Both commands go to the node of the key in one packet.
    const replies = (await this.#cluster.pipeline().exists(this.#key).time().exec()) ?? [];
    for (const [error] of replies) if (error) throw error;
    return replies[1]?.[1] as readonly (number | string)[];
  }

  on(event: 'ready', listener: () => void): void {
    this.#cluster.on(event, listener);
  }

  off(event: 'ready', listener: () => void): void {
    this.#cluster.off(event, listener);
  }
}
