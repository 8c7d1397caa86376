import { sampleProcess } from '../process/system.ts';
import type { ServerProcess } from '../target/server.ts';

/** What one process held at the start, and the most that it has held since. */
export interface Growth {
  readonly name: string;
  readonly startBytes: number;
  readonly mostBytes: number;
}

/** Looks at the resident memory of processes until it is stopped; of one with children (nginx), at all of them together. */
export class MemoryWatch implements Disposable {
  readonly #processes: readonly ServerProcess[];
  readonly #starts: readonly number[];
  readonly #most: number[];
  readonly #timer: NodeJS.Timeout;

  constructor(processes: readonly ServerProcess[]) {
    this.#processes = processes;
    this.#starts = processes.map(({ pid }) => residentBytes(pid));
    this.#most = [...this.#starts];
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  stop(): readonly Growth[] {
    this[Symbol.dispose]();
    this.#look();
    return this.#processes.map(({ name }, i) => ({
      name,
      startBytes: this.#starts[i] ?? 0,
      mostBytes: this.#most[i] ?? 0,
    }));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const [i, { pid }] of this.#processes.entries())
      this.#most[i] = Math.max(this.#most[i] ?? 0, residentBytes(pid));
  }
}

const everyMs = 250;

/** 0 of a process that has ended: its readers say so. */
function residentBytes(pid: number): number {
  return sampleProcess(pid)?.rssBytes ?? 0;
}
