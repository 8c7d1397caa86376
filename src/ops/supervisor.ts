import { type ChildProcess, fork } from 'node:child_process';
import cluster from 'node:cluster';
import { nameIn } from './child-name.ts';
import { killOnceHung } from './liveness.ts';
import type { Logger } from './logger.ts';
import { readerProcessFlags } from './node-flags.ts';

export interface SupervisorOptions {
  readonly program: string;
  /** Edge processes; all listen on the same port. */
  readonly edges: number;
  readonly logger: Logger;
  /** A child has ended that called the roll under this name. */
  onEnded?(name: string): void;
  /** A child that ends sooner than this after its start is started again only after a pause, doubled each time up to 5 s. */
  readonly stableMs?: number;
  /** A child that is alive and gives no sign for so long is killed; 15 s. */
  readonly hungMs?: number;
}

/** Exit code of a role that refuses its configuration, its port or its Redis. */
const refused = 2;

interface Child {
  readonly name: string;
  readonly process: ChildProcess;
  readonly startedAt: number;
}

/** One worker process and the edge processes of the role `all`. A child that dies or hangs is started again; `close` ends them all. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #children = new Set<Child>();
  readonly #pauses = new Map<string, number>();
  /** How often children of each role were started again. */
  readonly restarts = { worker: 0, edge: 0 };
  #isClosing = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    cluster.setupPrimary({
      exec: options.program,
      args: ['edge'],
      execArgv: [...process.execArgv, ...readerProcessFlags],
    });
  }

  start(): void {
    this.#startWorker();
    for (let n = 1; n <= this.#options.edges; n += 1) this.#startEdge(`edge-${n}`);
  }

  children(): readonly ChildProcess[] {
    return [...this.#children].map(({ process: child }) => child);
  }

  /** Asks every child to stop and waits until none is left. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(
      [...this.#children].map(
        ({ process: child }) =>
          new Promise<void>((resolve) => {
            child.once('exit', () => resolve());
            child.kill('SIGTERM');
          }),
      ),
    );
  }

  #startWorker(): void {
    this.#watch('worker', fork(this.#options.program, ['worker']), () => this.#startWorker());
  }

  #startEdge(name: string): void {
    this.#watch(name, cluster.fork().process as ChildProcess, () => this.#startEdge(name));
  }

  #watch(name: string, process: ChildProcess, startAgain: () => void): void {
    const child = { name, process, startedAt: performance.now() };
    this.#children.add(child);
    let calledAs: string | null = null;
    process.on('message', (message) => {
      calledAs = nameIn(message) ?? calledAs;
    });
    killOnceHung(name, process, this.#options.logger, this.#options.hungMs);
    process.once('exit', (code, signal) => {
      this.#children.delete(child);
      if (calledAs !== null) this.#options.onEnded?.(calledAs);
      if (this.#isClosing) return;
      // Beside others that serve, what it refuses is of a moment (a Redis that is failed over); alone, trying again would change nothing.
      if (code === refused && ![...this.#children].some((other) => this.#isStable(other)))
        return void this.close().then(() => globalThis.process.exit(refused));
      const pauseMs =
        this.#isStable(child) && code !== refused ? 0 : Math.min((this.#pauses.get(name) || 50) * 2, 5_000);
      this.#pauses.set(name, pauseMs);
      this.#options.logger.error({ child: name, code, signal, pauseMs }, 'child ended, starting it again');
      this.restarts[name === 'worker' ? 'worker' : 'edge']++;
      setTimeout(() => {
        if (!this.#isClosing) startAgain();
      }, pauseMs);
    });
  }

  #isStable({ startedAt }: Child): boolean {
    return performance.now() - startedAt >= (this.#options.stableMs ?? 10_000);
  }
}
