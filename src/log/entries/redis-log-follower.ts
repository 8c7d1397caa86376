import type { Redis } from 'ioredis';
import { pulse } from '../redis/pulse.ts';
import { channelsOf } from '../redis/redis-keys.ts';
import type { Entry } from './entry.ts';
import type { LogFollower } from './log-reader.ts';
import { parseMessage } from './reply.ts';

export interface LogFollowerOptions {
  /** A connection of its own with a socket time-out: with the pings here, a half-open connection is found in 5 s. */
  readonly subscriber: Redis;
  readonly prefix: string;
  readonly editions: readonly string[];
  /** A message that is not an entry. It leaves a hole, which the caller repairs from the stream. */
  readonly onBadMessage: (edition: string, error: unknown) => void;
}

/** Follows the entries of editions. Order is Redis' order; nothing is kept for a connection that was lost. */
export function createLogFollower({ subscriber, prefix, editions, onBadMessage }: LogFollowerOptions): LogFollower {
  const channels = channelsOf(subscriber, prefix);
  const byChannel = new Map(editions.map((edition) => [channels.entries(edition), edition]));
  let stopPulse: () => void = () => undefined;
  const entryOf = (edition: string, message: string): Entry | null => {
    try {
      return parseMessage(message);
    } catch (error) {
      onBadMessage(edition, error);
      return null;
    }
  };
  return {
    start: ({ onEntry, onReady, onLost }) => {
      subscriber.on('message', (channel: string, message: string) => {
        const edition = byChannel.get(channel);
        const entry = edition === undefined ? null : entryOf(edition, message);
        if (edition !== undefined && entry) onEntry(edition, entry);
      });
      subscriber.on('close', onLost);
      stopPulse = pulse(subscriber);
      return new Promise((resolve) => {
        // ioredis would subscribe again by itself; doing it here says when it is done.
        const subscribe = async () => {
          try {
            await subscriber.subscribe(...byChannel.keys());
          } catch {
            // Never connected and deaf: a new connection tries again, and its loss is told.
            if (subscriber.status === 'ready') subscriber.disconnect(true);
            return;
          }
          onReady();
          resolve();
        };
        subscriber.on('ready', () => void subscribe());
        subscriber.once('end', resolve);
        if (subscriber.status === 'ready') void subscribe();
      });
    },
    close: async () => {
      stopPulse();
      subscriber.disconnect();
    },
  };
}
