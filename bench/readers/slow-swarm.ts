import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { BenchError } from '../process/bench-error.ts';
import { compileNative, type NativeProgram } from '../process/native.ts';
import type { ReaderTarget } from './reader-target.ts';

const tally = z.record(z.string(), z.number());

/** One line of bench/native/slow-readers.c. */
const slowStatusSchema = z.object({
  open: z.number(),
  /** Readers that have had their first snapshot. */
  answered: z.number(),
  leastBytes: z.number(),
  mostBytes: z.number(),
  snapshots: z.object({ start: z.number(), gap: z.number(), epoch: z.number() }),
  resumed: z.number(),
  readersWithGap: z.number(),
  entries: z.number(),
  gaps: z.number(),
  duplicates: z.number(),
  /** Connections that the server ended, by close code; 0: without one. */
  closed: tally,
});

export type SlowStatus = z.infer<typeof slowStatusSchema>;

export interface SlowOptions {
  readonly readers: number;
  readonly bytesPerSecond: number;
  /** SO_RCVBUF; the kernel doubles it. */
  readonly receiveBuffer: number;
}

/** Readers that hardly read, in a process of their own. */
export class SlowSwarm implements AsyncDisposable {
  readonly readers: number;
  readonly #program: NativeProgram;
  readonly #process: ChildProcess;
  #status: SlowStatus | null = null;
  #complaint = '';

  private constructor(options: SlowOptions, program: NativeProgram, target: ReaderTarget) {
    this.readers = options.readers;
    this.#program = program;
    const { host, port, path } = target;
    const numbers = [options.readers, options.bytesPerSecond, options.receiveBuffer].map(String);
    this.#process = spawn(program.path, [host, String(port), path, ...numbers], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#complaint += text.toString();
    });
    // It ends with its standard input: what is written to one that has ended already is no fault of ours.
    this.#process.stdin?.on('error', () => undefined);
    if (this.#process.stdout)
      createInterface({ input: this.#process.stdout }).on('line', (line) => {
        this.#status = slowStatusSchema.parse(JSON.parse(line));
      });
  }

  /** Connects them; resolves when each has had its first snapshot. */
  static async start(options: SlowOptions, target: ReaderTarget): Promise<SlowSwarm> {
    if (target.isSecure) throw new BenchError('slow readers speak http only: give an --url without TLS');
    const swarm = new SlowSwarm(options, await compileNative('slow-readers'), target);
    try {
      if (await swarm.until(60_000, (status) => status.answered >= options.readers)) return swarm;
      throw new BenchError(`the slow readers could not connect: ${JSON.stringify(swarm.status)}`);
    } catch (error) {
      await swarm[Symbol.asyncDispose]();
      throw error;
    }
  }

  get status(): SlowStatus {
    if (this.#status === null) throw new BenchError(`the slow readers have said nothing: ${this.#complaint}`);
    return this.#status;
  }

  /** Resolves with true once the status is as wanted, with false after that time; rejects when the program has ended. */
  async until(timeoutMs: number, isDone: (status: SlowStatus) => boolean): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (this.#status === null || !isDone(this.#status)) {
      if (this.#process.exitCode !== null) throw new BenchError(`the slow readers ended: ${this.#complaint.trim()}`);
      if (performance.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return true;
  }

  /** Bytes a second that each reads from now on. */
  setRate(bytesPerSecond: number): void {
    this.#process.stdin?.write(`${bytesPerSecond}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit');
      this.#process.stdin?.end();
      await exited;
    }
    await this.#program[Symbol.asyncDispose]();
  }
}
