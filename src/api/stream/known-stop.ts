import type { StopState, StopSwitch } from '../stop-switch.ts';

/** The STOP switch as a process last read it, so that an open desk costs no read. */
export class KnownStop {
  readonly #stop: Pick<StopSwitch, 'state'>;
  #state: StopState | null = null;
  #reads = 0;

  constructor(stop: Pick<StopSwitch, 'state'>) {
    this.#stop = stop;
  }

  get state(): StopState {
    return this.#state ?? { stopped: false };
  }

  /** Resolves once the switch is known. */
  async settle(): Promise<void> {
    while (this.#state === null) await this.read();
  }

  /** Null if a later read has begun meanwhile. */
  async read(): Promise<StopState | null> {
    this.#reads += 1;
    const number = this.#reads;
    const state = await this.#stop.state();
    if (number !== this.#reads) return null;
    this.#state = state;
    return state;
  }

  /** Nobody follows the switch from here on. */
  forget(): void {
    this.#reads += 1;
    this.#state = null;
  }
}
