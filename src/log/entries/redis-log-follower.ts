import type { Redis } from 'ioredis';
import { pulse } from '../redis/pulse.ts';
import { channelsOf } from '../redis/redis-keys.ts';
import type { Entry } from './entry.ts';
import type { LogFollower } from './log-reader.ts';
import { parseMessage } from './reply.ts';

export interface LogFollowerOptions {
  /** A separate connection with a socket time-out. With the pings of pulse.ts it finds a half-open connection within 5 s. */
  readonly subscriber: Redis;
  readonly prefix: string;
  readonly editions: readonly string[];
  /** For a message that is not an entry. It leaves a gap, which the caller repairs from the stream. */
  readonly onBadMessage: (edition: string, error: unknown) => void;
}

/** Follows the entries of editions, in Redis' order. Redis keeps no messages for a lost connection. */
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
        // ioredis would subscribe again too, but would not say when it has.
        const subscribe = async () => {
          try {
            await subscriber.subscribe(...byChannel.keys());
          } catch {
            // A connection without a subscription must not stay open: a new one subscribes again, and onLost is called.
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
