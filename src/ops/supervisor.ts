import { type ChildProcess, fork } from 'node:child_process';
import cluster from 'node:cluster';
import { nameIn } from './child-name.ts';
import { killOnceHung } from './liveness.ts';
import type { Logger } from './logger.ts';
import { readerProcessFlags } from './node-flags.ts';

export interface SupervisorOptions {
  readonly program: string;
  /** The environment of every child. */
  readonly env: NodeJS.ProcessEnv;
  /** Edge processes; all listen on the same port. */
  readonly edges: number;
  readonly logger: Logger;
  /** A child with this name in the roll call has exited. */
  onEnded?(name: string): void;
  /** A child that exits sooner than this after its start is started again after a pause, which doubles each time up to 5 s. */
  readonly stableMs?: number;
  /** A child that has not reported for this long is killed. @default 15_000 */
  readonly hungMs?: number;
}

/** Exit code of a role that rejects its configuration, its port or its Redis. */
const refused = 2;

interface Child {
  readonly name: string;
  readonly process: ChildProcess;
  readonly startedAt: number;
}

/** Runs the worker, the api and the edge processes of the role `all`. A child that exits or hangs is started again. `close` stops them all. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #children = new Set<Child>();
  readonly #pauses = new Map<string, number>();
  /** Restarts by role. */
  readonly restarts = { worker: 0, api: 0, edge: 0 };
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
    this.#startChild('worker');
    this.#startChild('api');
    for (let n = 1; n <= this.#options.edges; n += 1) this.#startEdge(`edge-${n}`);
  }

  children(): readonly ChildProcess[] {
    return [...this.#children].map(({ process: child }) => child);
  }

  /** Sends SIGTERM to every child and waits until all have exited. */
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

  #startChild(role: 'worker' | 'api'): void {
    const { program, env } = this.#options;
    this.#watch(role, fork(program, [role], { env }), () => this.#startChild(role));
  }

  #startEdge(name: string): void {
    this.#watch(name, cluster.fork(this.#options.env).process as ChildProcess, () => this.#startEdge(name));
  }

  #watch(name: string, process: ChildProcess, startAgain: () => void): void {
    const child = { name, process, startedAt: performance.now() };
    this.#children.add(child);
    let nameInRoll: string | null = null;
    process.on('message', (message) => {
      nameInRoll = nameIn(message) ?? nameInRoll;
    });
    killOnceHung(name, process, this.#options.logger, this.#options.hungMs);
    process.once('exit', (code, signal) => {
      this.#children.delete(child);
      if (nameInRoll !== null) this.#options.onEnded?.(nameInRoll);
      if (this.#isClosing) return;
      // While other children serve, the rejection is temporary (a failover of Redis). If none serves, a restart would not help.
      if (code === refused && ![...this.#children].some((other) => this.#isStable(other)))
        return void this.close().then(() => globalThis.process.exit(refused));
      const pauseMs =
        this.#isStable(child) && code !== refused ? 0 : Math.min((this.#pauses.get(name) || 50) * 2, 5_000);
      this.#pauses.set(name, pauseMs);
      this.#options.logger.error({ child: name, code, signal, pauseMs }, 'child exited, starting it again');
      this.restarts[name === 'worker' || name === 'api' ? name : 'edge']++;
      setTimeout(() => {
        if (!this.#isClosing) startAgain();
      }, pauseMs);
    });
  }

  #isStable({ startedAt }: Child): boolean {
    return performance.now() - startedAt >= (this.#options.stableMs ?? 10_000);
  }
}
