import type { Clock } from '../scheduling/clock.ts';

/** Later loads of all processes together are spread over this long for each process of the fleet. */
const spreadMsPerProcess = 10;
const longestSpreadMs = 10_000;

/**
 * The loads of a process. A load costs Redis as much as thousands of entries, and a new epoch or a deployment makes every process
 * load every edition. If all did so at once, no load would end within its time-out, and each would be asked for again while Redis
 * still answers the one before. So a process loads one edition at a time, and a load that is not the first waits for a random time.
 */
export class LoadTurns {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #processes: () => number;
  readonly #random: () => number;
  #last: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #failure: unknown = null;

  constructor(clock: Pick<Clock, 'after'>, processes: () => number = () => 1, random: () => number = Math.random) {
    this.#clock = clock;
    this.#processes = processes;
    this.#random = random;
  }

  /** Loads in its turn. If a load before it fails, this one fails with the same error: Redis would not answer it either. */
  take<State>(load: () => Promise<State>): Promise<State> {
    const failures = this.#failures;
    const turn = this.#last.then(async () => {
      if (this.#failures > failures) throw this.#failure;
      try {
        return await load();
      } catch (error) {
        this.#failures++;
        this.#failure = error;
        throw error;
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves at a random time, later in a larger fleet. */
  spread(): Promise<void> {
    const ms = this.#random() * Math.min(longestSpreadMs, this.#processes() * spreadMsPerProcess);
    return new Promise((resolve) => void this.#clock.after(ms, resolve));
  }

  /** How many tries, one a second, to leave out after that many failures in a row: none, then up to 2, 4, 8. */
  backOff(failures: number): number {
    return failures < 2 ? 0 : Math.round(this.#random() * Math.min(8, 2 ** (failures - 1)));
  }
}

/** The loads of one edition: when the next one may be tried. */
export class EditionLoads {
  readonly #turns: LoadTurns;
  #failures = 0;
  #triesToSkip = 0;
  #isWaiting = false;
  /** Its random time is over. */
  #hasWaited = false;

  constructor(turns: LoadTurns) {
    this.#turns = turns;
  }

  /** After a reconnect the failures before it say nothing. */
  tryAtOnce(): void {
    this.#triesToSkip = 0;
  }

  mayTry(): boolean {
    if (this.#triesToSkip === 0) return true;
    this.#triesToSkip--;
    return false;
  }

  /** Waits for a random time before a load that can wait. False if somebody waits already. */
  async waitOnce(): Promise<boolean> {
    if (this.#isWaiting) return false;
    this.#isWaiting = true;
    await this.#turns.spread();
    this.#isWaiting = false;
    this.#hasWaited = true;
    return true;
  }

  /** A load that is not the first waits for a random time. A first one is what a process starts for; a deployment spreads these. */
  async read<State>(load: () => Promise<State>, isFirst: boolean): Promise<State> {
    if (!isFirst && !this.#hasWaited) await this.#turns.spread();
    this.#hasWaited = false;
    try {
      const state = await this.#turns.take(load);
      this.#failures = 0;
      return state;
    } catch (error) {
      this.#triesToSkip = this.#turns.backOff(++this.#failures);
      throw error;
    }
  }
}
