import type { Redis } from 'ioredis';
import { z } from 'zod';
import { parseJson } from '../../item/json.ts';
import { channelsOf } from '../redis/redis-keys.ts';

/** A running process of another site uses the same keys, so this program must stop. One line that says what to do. */
export class OtherSiteError extends Error {
  override readonly name = 'OtherSiteError';
}

/** Processes call once a second, so every running one has called within this. */
const quietMs = 1_500;
/** Two processes that start together are both silent at first. The other one hears the first that calls. */
const listensMs = 4_000;

const call = z.object({ site: z.string() });

/** What a process knows about other sites that use its keys. */
export interface OwnSite {
  /** Null once no other site was heard for long enough; until then the reason, as one line. */
  whyNot(): string | null;
  /** What to announce on the roll call. Nothing before this site is known to be alone, so that a wrong start stops no other site. */
  said(): { readonly site?: string };
  /** Resolves when the check is over. Rejects with an OtherSiteError. */
  readonly checked: Promise<void>;
  stop(): void;
}

/**
 * Listens on the roll call of `prefix` for a process with another public URL. Processes without a URL do not count, and a process
 * without one does not listen. If Redis does not allow it to listen, it counts as alone.
 */
export function listenForOtherSite(subscriber: Redis, prefix: string, publicUrl: string | undefined): OwnSite {
  const site = siteOf(publicUrl);
  if (site === null) return { whyNot: () => null, said: () => ({}), checked: Promise.resolve(), stop: () => undefined };
  const channel = channelsOf(subscriber, prefix).rollCall;
  let isAlone = false;
  let hear: (from: string, message: string) => void = () => undefined;
  const found = new Promise<never>((_, reject) => {
    hear = (from, message) => {
      const other = from === channel ? siteOf(call.safeParse(parseJson(message)).data?.site) : null;
      if (other === null || other === site) return;
      isAlone = false;
      reject(new OtherSiteError(lineOf(site, other, prefix)));
    };
  });
  subscriber.on('message', hear);
  const timers: NodeJS.Timeout[] = [];
  const waited = (ms: number) => new Promise<void>((resolve) => timers.push(setTimeout(resolve, ms).unref()));
  const heardLongEnough = async () => {
    await subscriber.subscribe(channel).catch(() => undefined);
    await waited(quietMs);
    isAlone = true;
    await waited(listensMs - quietMs);
  };
  const stop = () => {
    subscriber.off('message', hear);
    for (const timer of timers) clearTimeout(timer);
    isAlone = false;
  };
  const checked = Promise.race([found, heardLongEnough()]).finally(() => subscriber.off('message', hear));
  checked.catch(() => undefined); // the caller that awaits it gets the error
  return {
    whyNot: () => (isAlone ? null : 'this process is checking that no other site uses its keys'),
    said: () => (isAlone ? { site } : {}),
    checked,
    stop,
  };
}

/** The address in one spelling; null if it is not a URL. */
function siteOf(url: string | undefined): string | null {
  return url !== undefined && URL.canParse(url) ? new URL(url).href.replace(/\/$/, '') : null;
}

function lineOf(site: string, other: string, prefix: string): string {
  return `a process of ${other} is running on the same keys in Redis (prefix ${prefix}), and FLASHWIRE_PUBLIC_URL here is ${site}: give this site a FLASHWIRE_REDIS_PREFIX or a database of its own; where a site has got another address, stop all of its old processes first`;
}
