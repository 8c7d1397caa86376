import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { pulse } from '../src/log/redis/pulse.ts';
import { channelsOf } from '../src/log/redis/redis-keys.ts';
import type { Appender } from './appender.ts';

export interface WakeUpsOptions {
  /** A connection of its own. */
  readonly subscriber: Redis;
  readonly prefix: string;
  readonly appenders: ReadonlyMap<string, Appender>;
  readonly logger: Logger;
}

/**
 * Wakes the appender of an edition as soon as a command is accepted there, and every appender when it begins to listen, also after
 * a failover. A message may be lost: the job of the command follows. Returns a function that stops it.
 */
export function listenForAccepted({ subscriber, prefix, appenders, logger }: WakeUpsOptions): () => void {
  const byChannel = new Map(
    [...appenders].map(([id, appender]) => [channelsOf(subscriber, prefix).accepted(id), appender]),
  );
  const subscribe = () =>
    void subscriber
      .subscribe(...byChannel.keys())
      .then(() => {
        for (const appender of appenders.values()) appender.drain();
      })
      .catch((error: unknown) => logger.warn({ err: error }, 'wake-ups not subscribed'));
  const hear = (channel: string, message: string) => {
    const [, kind, commandId] = /^(\w+) (\S+)$/.exec(message) ?? [];
    if (kind !== undefined && commandId !== undefined) byChannel.get(channel)?.wake(commandId, kind);
  };
  subscriber.on('message', hear);
  // On every reconnect, although ioredis subscribes again: then what was missed is appended.
  subscriber.on('ready', subscribe);
  if (subscriber.status === 'ready') subscribe();
  const stopPulse = pulse(subscriber);
  return () => {
    stopPulse();
    subscriber.off('message', hear);
    subscriber.off('ready', subscribe);
    subscriber.disconnect();
  };
}
