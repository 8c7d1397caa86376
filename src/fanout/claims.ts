import type { LogReader } from '../log/entry.ts';

/** A primary that has run for longer, and always was one, has lost nothing lately. */
const latelySeconds = 3_600;

/**
 * What readers say that they have been told, where the log has it no more. When every process that remembered its end has
 * died with it, they alone know that entries were lost. Anybody can say so of any position: a claim is believed once for
 * each run of Redis, and only where that run is young or began as a replica.
 */
export class Claims {
  readonly #reader: Pick<LogReader, 'run'>;
  #furthest = 0;
  #believedIn = '';

  constructor(reader: Pick<LogReader, 'run'>) {
    this.#reader = reader;
  }

  add(seq: number): void {
    this.#furthest = Math.max(this.#furthest, seq);
  }

  /** The furthest since it was taken before; whoever takes it reads the log's head afterwards. */
  take(): number {
    const furthest = this.#furthest;
    this.#furthest = 0;
    return furthest;
  }

  /** Rejects when Redis is away. */
  async isBelieved(): Promise<boolean> {
    const { id, seconds, isPromoted } = await this.#reader.run();
    if ((seconds > latelySeconds && !isPromoted) || id === this.#believedIn) return false;
    this.#believedIn = id;
    return true;
  }
}
