import { listenForOtherSite, type OwnSite } from '../log/rollcall/other-site.ts';
import { connectRedis } from '../ops/redis/redis.ts';
import type { Process } from './roles/process.ts';

/** The check for a role without a roll call of its own. Closes its connection after the check. */
export function checkOwnSite({ role, config, redisAddress, logger }: Process): OwnSite | null {
  const { FLASHWIRE_REDIS_PREFIX: prefix, FLASHWIRE_PUBLIC_URL: publicUrl } = config;
  if (publicUrl === undefined) return null;
  const subscriber = connectRedis(redisAddress, 'subscriber', `flashwire-${role}-roll`, (error) =>
    logger.warn({ connection: 'roll', reason: error.message }, 'redis error'),
  );
  const own = listenForOtherSite(subscriber, prefix, publicUrl);
  own.checked.finally(() => subscriber.disconnect()).catch(() => undefined); // the role awaits `checked`
  return own;
}
