import type { Redis } from 'ioredis';
import { z } from 'zod';
import { parseJson } from '../../item/json.ts';
import { channelsOf } from '../redis/redis-keys.ts';

/** Why this program must not go on: a live process of another site uses the same keys. One line a person can act on. */
export class OtherSiteError extends Error {
  override readonly name = 'OtherSiteError';
}

/** The roll is called once a second: who is there has called within this. */
const quietMs = 1_500;
/** Two that start together are both quiet at first; the one that speaks first is heard by the other. */
const listensMs = 4_000;

const call = z.object({ site: z.string() });

/** What a process of one site knows of others that use its keys. */
export interface OwnSite {
  /** Null once the roll has been heard for long enough to be alone on it; until then why not, as one line. */
  whyNot(): string | null;
  /** What to say of this site on the roll call: nothing before it is known to be alone, so that a wrong start ends no right one. */
  said(): { readonly site?: string };
  /** Resolves when there is nothing more to wait for. Rejects with an OtherSiteError. */
  readonly checked: Promise<void>;
  stop(): void;
}

/**
 * Listens on the roll call of `prefix` for a process with another public URL. Processes without one do not count, and this one does
 * not listen without one. Where Redis does not let it listen, it takes itself to be alone.
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
  checked.catch(() => undefined); // who waits for it hears of it
  return {
    whyNot: () => (isAlone ? null : 'this process listens whether another site uses its keys'),
    said: () => (isAlone ? { site } : {}),
    checked,
    stop,
  };
}

/** One address has several spellings; null for what is none. */
function siteOf(url: string | undefined): string | null {
  return url !== undefined && URL.canParse(url) ? new URL(url).href.replace(/\/$/, '') : null;
}

function lineOf(site: string, other: string, prefix: string): string {
  return `a process of ${other} is running on the same keys in Redis (prefix ${prefix}), and FLASHWIRE_PUBLIC_URL here is ${site}: give this site a FLASHWIRE_REDIS_PREFIX or a database of its own; where a site has got another address, stop all of its old processes first`;
}
