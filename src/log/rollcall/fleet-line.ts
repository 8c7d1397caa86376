import type { Redis } from 'ioredis';
import { z } from 'zod';
import { parseJson } from '../../item/json.ts';
import { channelsOf } from '../redis/redis-keys.ts';
import type { RedisConnection } from '../redis/shards.ts';

const count = z.number().int().nonnegative();

const fleetLine = z.object({ api: z.string(), processes: count, ready: count, proven: count });

/** One line for all fan-out processes: how many are present, how many of these are ready, how many received a canary lately. */
type FleetLine = Readonly<z.infer<typeof fleetLine>>;

export type FleetCounts = Omit<FleetLine, 'api'>;

/** A speaker that was not heard for this long does not count as running. */
const speakerHeardMs = 2_500;
const everyMs = 1_000;

/** Calls back for every line. A line that cannot be read, and a Redis that does not allow to listen, are silence. */
export function hearFleet(subscriber: Redis, prefix: string, onLine: (line: FleetLine) => void): void {
  const channel = channelsOf(subscriber, prefix).fleet;
  subscriber.on('message', (from: string, message: string) => {
    const line = from === channel ? fleetLine.safeParse(parseJson(message)).data : undefined;
    if (line) onLine(line);
  });
  const subscribe = () => void subscriber.subscribe(channel).catch(() => undefined);
  // ioredis subscribes again after its first subscription. Until then, every connection has to.
  subscriber.on('ready', subscribe);
  if (subscriber.status === 'ready') subscribe();
}

export interface FleetSpeakerDeps {
  readonly redis: RedisConnection;
  readonly subscriber: Redis;
  readonly prefix: string;
  /** Unique id of this api process. */
  readonly api: string;
  readonly counts: () => FleetCounts;
  /** Monotonic, ms. */
  readonly now: () => number;
}

/**
 * One of the api processes does for all what must not be done by each: it says the line of the fleet once a second, so that fan-outs
 * need not hear one another, and it saves what all have heard. An api that has heard no other for 2.5 s speaks. Of two that speak, the
 * one with the smaller id goes on.
 */
export class FleetSpeaker {
  readonly #deps: FleetSpeakerDeps;
  readonly #startedAt: number;
  #otherAt = Number.NEGATIVE_INFINITY;
  #isSpeaking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: FleetSpeakerDeps) {
    this.#deps = deps;
    this.#startedAt = deps.now();
    hearFleet(deps.subscriber, deps.prefix, ({ api }) => this.#hear(api));
  }

  start(): void {
    this.#timer = setInterval(() => void this.speak(), everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Another api speaks for all. */
  get isOther(): boolean {
    return this.#deps.now() - this.#otherAt < speakerHeardMs;
  }

  /** Says the line if it is this api's turn. Never rejects. */
  async speak(): Promise<void> {
    const { redis, prefix, api, counts, now } = this.#deps;
    this.#isSpeaking = !this.isOther && now() - this.#startedAt >= speakerHeardMs;
    if (!this.#isSpeaking) return;
    const line: FleetLine = { api, ...counts() };
    await redis.publish(channelsOf(redis, prefix).fleet, JSON.stringify(line)).catch(() => undefined);
  }

  #hear(api: string): void {
    const own = this.#deps.api;
    if (api === own || (this.#isSpeaking && api > own)) return;
    this.#otherAt = this.#deps.now();
  }
}
