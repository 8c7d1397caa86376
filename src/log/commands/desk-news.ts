import type { Redis } from 'ioredis';
import { pulse } from '../redis/pulse.ts';
import { channelsOf } from '../redis/redis-keys.ts';
import type { RedisConnection } from '../redis/shards.ts';

/**
 * What open desks have to know. A message names what changed and has no text; an api process reads the rest. The scripts publish
 * `item` (tell_desks in prelude.lua).
 */
export type DeskNews =
  | { readonly type: 'item'; readonly edition: string; readonly id: string }
  | { readonly type: 'stop' }
  /** A key was revoked, or a session has ended; `id` is the key's, or the SHA-256 of the session's token. */
  | { readonly type: 'key' | 'session'; readonly id: string }
  /** The presence of an api process changed; `id` is the process. */
  | { readonly type: 'presence'; readonly id: string }
  /** An api process has its first desk, and asks the others for theirs. */
  | { readonly type: 'presence-wanted' };

export async function tellDesks(redis: RedisConnection, prefix: string, news: DeskNews): Promise<void> {
  await redis.publish(channelsOf(redis, prefix).desk, textOf(news));
}

function textOf(news: DeskNews): string {
  switch (news.type) {
    case 'item':
      return `item ${news.edition} ${news.id}`;
    case 'stop':
    case 'presence-wanted':
      return news.type;
    default:
      return `${news.type} ${news.id}`;
  }
}

/** Null for a message of a later version. */
function parseNews(text: string): DeskNews | null {
  const [type, first, second] = text.split(' ');
  if (type === 'item' && first && second) return { type, edition: first, id: second };
  if (type === 'stop' || type === 'presence-wanted') return { type };
  if ((type === 'key' || type === 'session' || type === 'presence') && first) return { type, id: first };
  return null;
}

/** Receives the news of one site, or of its rehearsal. */
export interface DeskNewsFollower {
  /** Whether every message arrives here. False while Redis is unreachable. */
  isFollowing(): boolean;
  onNews(hear: (news: DeskNews) => void): void;
  /** Messages are lost from here on, until it follows again. */
  onLost(lost: () => void): void;
}

interface FollowerOptions {
  readonly subscriber: Redis;
  readonly prefix: string;
  /** Redis refused the subscription. It is tried again. */
  onRefused(error: unknown): void;
}

const retryMs = 2_000;

/** One subscription for all desks of a process, on a connection that it may share. */
export function followDeskNews({ subscriber, prefix, onRefused }: FollowerOptions): DeskNewsFollower {
  const channel = channelsOf(subscriber, prefix).desk;
  const hearers: ((news: DeskNews) => void)[] = [];
  const losers: (() => void)[] = [];
  let isFollowing = false;
  const stopPulse = pulse(subscriber);
  // ioredis would subscribe again too, but would not say when it has.
  const subscribe = () => {
    subscriber.subscribe(channel).then(
      () => {
        isFollowing = subscriber.status === 'ready';
      },
      (error: unknown) => {
        if (subscriber.status !== 'ready') return; // the next connection subscribes
        onRefused(error);
        setTimeout(() => subscriber.status === 'ready' && subscribe(), retryMs).unref();
      },
    );
  };
  subscriber.on('message', (from: string, text: string) => {
    const news = from === channel ? parseNews(text) : null;
    if (news) for (const hear of hearers) hear(news);
  });
  subscriber.on('ready', subscribe);
  subscriber.on('close', () => {
    if (!isFollowing) return;
    isFollowing = false;
    for (const lose of losers) lose();
  });
  subscriber.once('end', stopPulse);
  if (subscriber.status === 'ready') subscribe();
  return {
    isFollowing: () => isFollowing,
    onNews: (hear) => void hearers.push(hear),
    onLost: (lose) => void losers.push(lose),
  };
}
