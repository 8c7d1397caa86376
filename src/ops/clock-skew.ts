/** Items are timed by Redis' clock alone, so a skew harms none of them; it misleads whoever reads logs and metrics. */
const warnMs = 500;
const wellMs = 300;

/** Says once that a host's clock is off by more than half a second, and once that it no longer is. */
export class ClockSkew {
  #isOff = false;

  /** `skewMs`: this host's clock less Redis'. Null: nothing has changed. */
  look(skewMs: number): 'off' | 'well' | null {
    const isOff = Math.abs(skewMs) > (this.#isOff ? wellMs : warnMs);
    if (isOff === this.#isOff) return null;
    this.#isOff = isOff;
    return isOff ? 'off' : 'well';
  }
}
