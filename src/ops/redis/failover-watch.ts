import { Redis } from 'ioredis';
import { loginOptions, type SentinelAddress } from './redis-address.ts';

/** A failover that nobody ends is over by then: Sentinels give up after their failover-timeout. */
const mostMs = 30_000;

/** Before the first of these no replica has been promoted: a Sentinel takes one step each 50 to 100 ms. */
const begins = ['+failover-state-select-slave', '+selected-slave', '+failover-state-send-slaveof-noone'];
const ends = [
  '+switch-master',
  '-failover-abort-no-good-slave',
  '-failover-abort-slave-timeout',
  '-failover-abort-not-elected',
];

export interface FailoverWatch extends Disposable {
  /** Resolves once it hears every Sentinel. */
  readonly listening: Promise<unknown>;
  /**
   * Whether it is between the choice of a replica and the moment at which the other replicas follow it, or was after `sentAt`
   * (performance.now()). A busy process can read the beginning, the end and the confirmation of a write in one turn of its loop.
   */
  isFailingOver(sentAt: number): boolean;
}

/**
 * Listens to every Sentinel. During a failover that they make while the primary works (`SENTINEL FAILOVER`, or a primary that only
 * the Sentinels cannot reach), it goes on for a second or two, and the replicas that are not elected confirm what it writes
 * (measured: 14 acknowledged writes lost with WAIT 1). `onSwitched` is called when another server is the primary.
 */
export function watchFailover(address: SentinelAddress, onSwitched: () => void): FailoverWatch {
  let since: number | null = null;
  let endedAt = Number.NEGATIVE_INFINITY;
  let newest = '';
  const sentinels = address.places.map((place) => {
    const sentinel = new Redis({
      ...place,
      ...loginOptions(address.sentinelLogin),
      ...(address.tls && { tls: address.tls }),
      retryStrategy: () => 1_000,
      maxRetriesPerRequest: null,
      connectTimeout: 2_000,
      keepAlive: 5_000,
      disableClientInfo: true,
      // INFO, which the Sentinels may deny their user: ioredis would write to the console then.
      enableReadyCheck: false,
    });
    sentinel.on('error', () => undefined); // the connection to the primary says when no Sentinel answers
    const listening = sentinel.subscribe(...begins, ...ends);
    listening.catch(() => undefined); // closed before
    sentinel.on('message', (channel: string, text: string) => {
      // `<name> <old host> ..` or `master <name> ..` or `slave <id> <host> <port> @ <name> ..`
      if (!text.split(' ').includes(address.name)) return;
      const now = performance.now();
      // Every Sentinel says it, within about two seconds.
      const isKnown = since === null && text === newest;
      since = begins.includes(channel) ? now : null;
      if (since === null && !isKnown) endedAt = now;
      if (channel !== '+switch-master' || text === newest) return;
      newest = text;
      onSwitched();
    });
    return { sentinel, listening };
  });
  const listening = Promise.all(sentinels.map((one) => one.listening));
  listening.catch(() => undefined); // closed before
  return {
    listening,
    isFailingOver: (sentAt) => endedAt >= sentAt || (since !== null && performance.now() - since < mostMs),
    [Symbol.dispose]: () => {
      for (const { sentinel } of sentinels) sentinel.disconnect();
    },
  };
}
