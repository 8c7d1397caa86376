const windowMs = 60_000;
const most = 12;

/** Blows when one desk sends more in a minute than a person means to; a person's word mends it. */
export class RateFuse {
  readonly #now: () => number;
  #sent: number[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many went out in the last minute, when the next one needs a person's word; otherwise null. */
  get blownAt(): number | null {
    this.#sent = this.#sent.filter((at) => this.#now() - at < windowMs);
    return this.#sent.length >= most ? this.#sent.length : null;
  }

  sent(): void {
    this.#sent.push(this.#now());
  }

  /** Somebody has said to go on. */
  mend(): void {
    this.#sent = [];
  }
}
