/** The largest error of an estimate of Redis' clock that was made under load, ms. */
export const clockErrorMs = 250;

/** The part of a Redis connection that the clock needs. */
interface TimeSource {
  /** Seconds and microseconds. */
  time(): Promise<readonly (number | string)[]>;
  on(event: 'ready', listener: () => void): unknown;
  off(event: 'ready', listener: () => void): unknown;
}

interface Sample {
  readonly roundTripMs: number;
  readonly offsetMs: number;
}

/** ms since 1970, unaffected by changes of the host's clock. */
const steadyNow = () => performance.timeOrigin + performance.now();

/**
 * An estimate of Redis' clock: the offset of the sample with the shortest round trip among the last eight. Only Redis' clock
 * orders and times items, because a host's own clock may be wrong. A new connection may lead to another host, and a host's clock
 * may be set. The first sample of a different clock discards all earlier samples.
 */
export class RedisClock {
  readonly #redis: TimeSource;
  readonly #localNow: () => number;
  #samples: readonly Sample[] = [];
  #isOtherHost = false;
  readonly #onReady = () => {
    this.#isOtherHost = true;
    void this.sample();
  };
  #timer: NodeJS.Timeout | undefined;

  constructor(redis: TimeSource, localNow: () => number = steadyNow) {
    this.#redis = redis;
    this.#localNow = localNow;
  }

  /** Samples every `everyMs` and after every reconnect. Resolves after the first sample. A failed sample keeps the estimate. */
  async start(everyMs = 5_000): Promise<void> {
    if (!this.#timer) {
      this.#timer = setInterval(() => void this.sample(), everyMs).unref();
      this.#redis.on('ready', this.#onReady);
    }
    await this.sample();
  }

  now(): number {
    return Math.floor(this.#localNow() + (this.#best()?.offsetMs ?? 0));
  }

  /** This host's clock minus Redis' clock, ms; 0 before the first sample. */
  skewMs(): number {
    return this.#samples.length === 0 ? 0 : Date.now() - this.now();
  }

  async sample(): Promise<void> {
    const sentAt = this.#localNow();
    const reply = await this.#redis.time().catch(() => null);
    if (!reply) return;
    const receivedAt = this.#localNow();
    const redisMs = Number(reply[0]) * 1_000 + Number(reply[1]) / 1_000;
    const sample = { roundTripMs: receivedAt - sentAt, offsetMs: redisMs - (sentAt + receivedAt) / 2 };
    const best = this.#best();
    const isOther = this.#isOtherHost || (best !== undefined && !canBeOneClock(best, sample));
    this.#samples = isOther ? [sample] : [...this.#samples.slice(-7), sample];
    this.#isOtherHost = false;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#redis.off('ready', this.#onReady);
  }

  #best(): Sample | undefined {
    return this.#samples.reduce<Sample | undefined>(
      (best, sample) => (best && best.roundTripMs <= sample.roundTripMs ? best : sample),
      undefined,
    );
  }
}

/** Each sample is wrong by at most half its round trip. */
function canBeOneClock(one: Sample, other: Sample): boolean {
  return Math.abs(one.offsetMs - other.offsetMs) <= one.roundTripMs + other.roundTripMs;
}
