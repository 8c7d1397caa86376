/** The times of items come from Redis' clock only, so a skew does not affect them. It makes logs and metrics misleading. */
const warnMs = 500;
const wellMs = 300;

/** Detects when the clock of this host is off by more than half a second, and when it is right again. */
export class ClockSkew {
  #isOff = false;

  /** `skewMs`: this host's clock minus Redis' clock. Null: no change. */
  look(skewMs: number): 'off' | 'well' | null {
    const isOff = Math.abs(skewMs) > (this.#isOff ? wellMs : warnMs);
    if (isOff === this.#isOff) return null;
    this.#isOff = isOff;
    return isOff ? 'off' : 'well';
  }
}
