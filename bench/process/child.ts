import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { BenchError } from './bench-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A process that the bench has started, and the only kind that it ends. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  #tail = '';

  constructor(
    name: string,
    command: string,
    args: readonly string[],
    options: { readonly cwd: string; readonly env: Environment },
  ) {
    this.name = name;
    this.#process = spawn(command, args, {
      cwd: options.cwd,
      env: { ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const keep = (text: Buffer) => {
      this.#tail = (this.#tail + text.toString()).slice(-2_000);
    };
    this.#process.stdout?.on('data', keep);
    this.#process.stderr?.on('data', keep);
    // However the bench ends, what it started ends with it.
    const kill = () => this.#process.kill('SIGTERM');
    process.once('exit', kill);
    this.#process.once('exit', () => process.off('exit', kill));
    this.#process.stdin?.on('error', () => undefined);
    this.#process.on('error', (error) => keep(Buffer.from(`${error.message}\n`)));
  }

  /** To its standard input; nothing is lost if it has ended, since whoever waits for the effect hears nothing. */
  write(bytes: Buffer): void {
    this.#process.stdin?.write(bytes);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#process.pid === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Resolves once `isReady` answers true; rejects with the last lines that the process wrote when it ends before, or after 30 s. */
  async ready(isReady: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!(await isReady())) {
      if (this.hasEnded || Date.now() > deadline) {
        throw new BenchError(
          `${this.name} ${this.hasEnded ? 'ended at its start' : 'is not ready after 30 s'}: ${this.#tail.trim().split('\n').slice(-5).join('\n')}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Asks it to end, and makes it end after `patienceMs`. */
  async stop(patienceMs = 10_000): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), patienceMs);
    await exited;
    clearTimeout(timer);
  }
}

/** True when something listens there. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

/** True when the address answers with a 2xx. */
export async function isOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Not up yet: the caller asks again until its deadline.
    return false;
  }
}
