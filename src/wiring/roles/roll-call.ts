import type { Redis } from 'ioredis';
import { Deliveries } from '../../api/deliveries.ts';
import { canaryEdition } from '../../item/canary.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';
import { createRollCall, leaveRollCall, type RollCall } from '../../log/rollcall/delivery-report.ts';
import { Fleet } from '../../log/rollcall/fleet.ts';
import { FleetSpeaker } from '../../log/rollcall/fleet-line.ts';
import { KeptRoll } from '../../log/rollcall/kept-roll.ts';
import type { OwnSite } from '../../log/rollcall/other-site.ts';
import { type Caller, Roll } from '../../log/rollcall/roll.ts';
import { countPeers, type PeerCounts } from '../../ops/readiness.ts';
import type { Process } from './process.ts';

interface Connections {
  readonly redis: RedisConnection;
  readonly subscriber: Redis;
}

/** What an api hears on the roll call. One api of the site keeps it in Redis and tells the fan-outs how many they are. */
export function openApiRoll(
  { config, id }: Process,
  { redis, subscriber }: Connections,
  now: (edition?: string) => number,
) {
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  const rollCall = createRollCall({ redis, subscriber, prefix });
  const roll = new Roll(rollCall, () => performance.now(), false);
  const counts = () => countCallers(roll.present(), now(canaryEdition.id));
  const speaker = new FleetSpeaker({ redis, subscriber, prefix, api: id, counts, now: () => performance.now() });
  const isSaved = () => speaker.isOther;
  const keptRoll = new KeptRoll({ redis, prefix, roll, now, isSaved });
  return {
    counts,
    deliveries: new Deliveries({ redis, prefix, rollCall, roll, now, isSaved }),
    start: () => {
      keptRoll.start();
      speaker.start();
    },
    /** After `deliveries`, which may still save. */
    close: async () => {
      speaker.stop();
      await keptRoll.close();
    },
  };
}

/** What a fan-out knows of the others. It leaves the roll call once it has checked on it that no other site uses its keys. */
export function openFleet(
  { config, id }: Process,
  { subscriber, rollCall, ownSite }: Pick<Connections, 'subscriber'> & { rollCall: RollCall; ownSite: OwnSite },
  now: () => number,
): Fleet {
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  const fleet = new Fleet({
    subscriber,
    prefix,
    rollCall,
    process: id,
    countsOf: (callers) => countCallers(callers, now()),
    now: () => performance.now(),
  });
  const listen = () => {
    leaveRollCall(subscriber, prefix);
    fleet.start();
  };
  void ownSite.checked.then(listen, () => undefined); // runEdge awaits `checked`
  return fleet;
}

/** As readiness compares them. `now` is the clock of the Redis that has the canary's edition, ms. */
function countCallers(callers: readonly Pick<Caller, 'isReady' | 'canary'>[], now: number): PeerCounts {
  return countPeers(
    callers.map(({ isReady, canary }) => ({ isReady, provenAgoMs: canary && Math.max(0, now - canary.at) })),
  );
}
