import type { Redis } from 'ioredis';
import { createFanout } from '../../fanout/fanout.ts';
import type { Fanout, FanoutDeps } from '../../fanout/fanout-options.ts';
import { systemClock } from '../../fanout/scheduling/clock.ts';
import { canaryEdition } from '../../item/canary.ts';
import type { Source } from '../../item/line/source.ts';
import { publicSite, type Site } from '../../item/site.ts';
import { createConfirmedSources } from '../../log/commands/confirmed-sources.ts';
import { createLogFollower } from '../../log/entries/redis-log-follower.ts';
import { createLogReader } from '../../log/entries/redis-log-reader.ts';
import { type RedisConnection, Shards } from '../../log/redis/shards.ts';
import { createRollCall, type ProcessReport } from '../../log/rollcall/delivery-report.ts';
import { listenForOtherSite, type OwnSite } from '../../log/rollcall/other-site.ts';
import { sendName } from '../../ops/child-name.ts';
import { Readiness } from '../../ops/readiness.ts';
import { openTraces } from '../../ops/traces.ts';
import type { Unread } from '../../ops/unread.ts';
import { KnownSources } from '../known-sources.ts';
import { chooseFramePath } from '../native-part.ts';
import { readVersion } from '../site-file.ts';
import { traceDeliveries } from '../traced.ts';
import type { Process } from './process.ts';
import type { ApiRelay } from './relay.ts';
import { openFleet } from './roll-call.ts';

export interface FanoutRole {
  readonly feed: Fanout;
  /** Reads only. */
  readonly redis: RedisConnection;
  readonly readiness: Readiness;
  readonly ownSite: OwnSite;
  /** The bytes of streams and answers that clients have not read, and of bodies that are not whole. */
  readonly unread: Unread;
  /** The known sources of an edition. */
  sourcesOf(edition: string): readonly Source[];
  /** The clock of the Redis that has the canary's edition, ms. */
  now(): number;
  /** This host's clock minus Redis' clock, ms. */
  skewMs(): number;
  /** A canary arrived through a socket of this process. */
  proven(proof: Canary): void;
  canary(): Canary | null;
  close(): Promise<void>;
}

type Canary = NonNullable<ProcessReport['canary']>;

/** Opens everything that is public and live. `relay` is an edge's. */
export function openFanout(self: Process, relay: ApiRelay | null, unread: Unread): FanoutRole {
  const { id, config, site, connect, subscribe, strain, logger } = self;
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  const redis = connect('command', 'read');
  const subscriber = subscribe('follow');
  const shards = new Shards(redis, prefix, [...self.editions, canaryEdition.id]);
  void shards.start();
  const logNow = (edition?: string) => (edition === undefined ? shards.site : shards.of(edition)).clock.now();
  const now = () => logNow(canaryEdition.id);
  const rollCall = createRollCall({ redis, subscriber, prefix });
  const ownSite = listenForOtherSite(subscriber, prefix, config.FLASHWIRE_PUBLIC_URL);
  const fleet = openFleet(self, { subscriber, rollCall, ownSite }, now);
  sendName(id);
  const readiness = new Readiness({
    now: () => performance.now(),
    peers: () => fleet.others(),
    fault: () => strain.whyNot() ?? staleness(feed.stats().editions, publicSite(site)) ?? relay?.whyNot() ?? null,
  });
  const sources = new KnownSources({
    seeds: site.sources,
    editions: publicSite(site).editions.map((edition) => edition.id),
    confirmed: createConfirmedSources({ redis, prefix }),
    onError: (error) => logger.warn({ err: error }, 'sources not read'),
  });
  let canary: Canary | null = null;
  const traces = openTraces(readVersion());
  const feed = openFeed(
    self,
    { redis, subscriber, unread, isDeskWaiting: () => relay?.isBusy() ?? false },
    {
      process: id,
      logNow,
      publish: (report) => {
        fleet.called(report);
        return rollCall.say({ ...report, ...ownSite.said() });
      },
      canary: () => canary,
      processes: () => fleet.others().processes + 1,
      isReady: () => feed.isReady() && readiness.whyNot() === null,
      watch: traces && traceDeliveries(traces),
    },
  );
  return {
    feed,
    redis,
    readiness,
    ownSite,
    unread,
    sourcesOf: (edition) => sources.of(edition),
    now,
    skewMs: () => shards.site.clock.skewMs(),
    proven: (proof) => {
      canary = proof;
      readiness.proven();
    },
    canary: () => canary,
    close: async () => {
      shards.stop();
      fleet.stop();
      sources.close();
      await feed.close();
      redis.disconnect();
    },
  };
}

/** The site's own pages read the feed too, and so does its iframe on a listed page. A WebSocket always sends its origin. */
function originsOf({ FLASHWIRE_ALLOWED_ORIGINS: listed, FLASHWIRE_PUBLIC_URL: own }: Process['config']): string {
  return own === undefined || listed.trim() === '*' ? listed : `${listed},${own}`;
}

function openFeed(
  { config, site, editions, logger, strain }: Process,
  {
    redis,
    subscriber,
    ...given
  }: { readonly redis: RedisConnection; readonly subscriber: Redis } & Pick<FanoutDeps, 'unread' | 'isDeskWaiting'>,
  reporting: NonNullable<FanoutDeps['reporting']>,
): Fanout {
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  const { sendAll, why } = chooseFramePath(config.FLASHWIRE_NATIVE);
  logger.info({ isNative: sendAll !== null, why }, 'frame path chosen');
  return createFanout({
    ...given,
    ...(sendAll && { sendAll }),
    log: createLogReader({ redis, prefix }),
    follower: createLogFollower({
      subscriber,
      prefix,
      editions: [...editions, canaryEdition.id],
      onBadMessage: (edition, error) => logger.error({ edition, err: error }, 'message is not an entry'),
    }),
    site,
    reporting,
    options: {
      beatMs: config.FLASHWIRE_BEAT_MS,
      acceptRate: config.FLASHWIRE_ACCEPT_RATE,
      maxConnectionsPerAddress: config.FLASHWIRE_MAX_CONNECTIONS_PER_IP,
      allowedOrigins: originsOf(config),
      trustProxy: config.FLASHWIRE_TRUST_PROXY,
    },
    logger,
    clock: systemClock,
    isFull: () => strain.isFull(),
  });
}

/** Anybody may read this line, so it does not name an edition that needs a key. */
function staleness(
  editions: Readonly<Record<string, { readonly isStale: boolean }>>,
  { editions: open }: Pick<Site, 'editions'>,
): string | null {
  const stale = Object.keys(editions).filter((id) => editions[id]?.isStale);
  const publicIds = open.filter(({ id }) => stale.includes(id)).map(({ id }) => id);
  return stale.length === 0 ? null : `${publicIds.join(', ') || 'an edition'} cannot be followed`;
}
