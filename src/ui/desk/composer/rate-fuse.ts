const windowMs = 60_000;
const most = 12;

/** Blows when one desk sends more lines in a minute than a person would. An editor's confirmation resets it. Flashes have the server's. */
export class RateFuse {
  readonly #now: () => number;
  #sent: number[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The number of lines in the last minute when the next one needs a confirmation, otherwise null. */
  get blownAt(): number | null {
    this.#sent = this.#sent.filter((at) => this.#now() - at < windowMs);
    return this.#sent.length >= most ? this.#sent.length : null;
  }

  sent(): void {
    this.#sent.push(this.#now());
  }

  /** Resets the fuse after an editor's confirmation. */
  mend(): void {
    this.#sent = [];
  }
}
