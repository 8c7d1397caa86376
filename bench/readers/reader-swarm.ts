import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Latency, latencyOf } from './latency.ts';
import type { ReaderTarget } from './reader-target.ts';
import { replySchema, type SwarmReply, type SwarmRequest } from './swarm-message.ts';
import { mergeReports, type SwarmReport } from './swarm-report.ts';

export interface SwarmOptions {
  /** At least one; the nth reader takes the nth, round and round. */
  readonly targets: readonly ReaderTarget[];
  readonly readers: number;
  /** 0: as many as the cores leave when the server has one of them. */
  readonly processes: number;
  /** File of a certificate that the readers trust beside those of well-known authorities. */
  readonly trusted?: string;
}

/** Readers in processes of their own, so that reading is never what a run measures. */
export class ReaderSwarm implements AsyncDisposable {
  #readers: number;
  #connected = 0;
  readonly #children: readonly SwarmChild[];

  private constructor(readers: number, children: readonly SwarmChild[]) {
    this.#readers = readers;
    this.#children = children;
  }

  static async start(options: SwarmOptions): Promise<ReaderSwarm> {
    const [first, ...others] = options.targets;
    if (first === undefined) throw new Error('readers need an address');
    const targets: [ReaderTarget, ...ReaderTarget[]] = [first, ...others];
    const fewest = Math.ceil(options.readers / readersPerProcess);
    const wanted = options.processes === 0 ? Math.max(1, availableParallelism() - 1) : options.processes;
    const processes = Math.max(fewest, Math.min(wanted, options.readers));
    const children = Array.from({ length: processes }, () => new SwarmChild(options.trusted));
    const swarm = new ReaderSwarm(options.readers, children);
    await swarm.#all(() => ({ type: 'open', targets }), openTimeoutMs);
    return swarm;
  }

  get processes(): number {
    return this.#children.length;
  }

  /** All readers, connected or not. */
  get readers(): number {
    return this.#readers;
  }

  /**
   * Connects readers until there are `readers` of them, all of them when left out. Resolves when every one has been
   * answered, or rejects with how far it came.
   */
  async connect(perSecond: number, readers = this.#readers): Promise<SwarmReport> {
    const [first, added] = [this.#connected, readers - this.#connected];
    const share = Math.ceil(added / this.processes);
    const timeoutMs = (added / perSecond) * 1_000 + patienceMs;
    this.#readers = readers;
    this.#connected = readers;
    const replies = await this.#all(
      (_, i) => ({
        type: 'connect',
        readers: Math.max(0, Math.min(share, added - i * share)),
        perSecond: perSecond / this.processes,
        firstIndex: first + i * share,
      }),
      timeoutMs,
    );
    return mergeReports(replies.map((reply) => reply.report));
  }

  /** Cuts all readers; see Swarm.cut. */
  async cut(withinMs: number | null): Promise<{ readonly report: SwarmReport; readonly backMs: readonly number[] }> {
    const replies = await this.#all(() => ({ type: 'cut', withinMs }), (withinMs ?? 0) + 2 * patienceMs);
    return {
      report: mergeReports(replies.map((reply) => reply.report)),
      backMs: replies.flatMap((reply) => reply.readersMs),
    };
  }

  async report(): Promise<SwarmReport> {
    const replies = await this.#all(() => ({ type: 'report' }), patienceMs);
    return mergeReports(replies.map((reply) => reply.report));
  }

  /** How long deliveries took since this was last asked. */
  async takeLatency(): Promise<Latency> {
    const replies = await this.#all(() => ({ type: 'arrivals' }), patienceMs);
    return latencyOf(replies.flatMap((reply) => reply.arrivals ?? []));
  }

  /** For each reader, how late the latest entry was since this was last asked, ms. */
  async takeLateness(): Promise<readonly number[]> {
    const replies = await this.#all(() => ({ type: 'lateness' }), patienceMs);
    return replies.flatMap((reply) => reply.readersMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map((child) => child.close()));
  }

  #all(request: (child: SwarmChild, index: number) => Unnumbered, timeoutMs: number): Promise<SwarmReply[]> {
    return Promise.all(this.#children.map((child, i) => child.ask(request(child, i), timeoutMs)));
  }
}

/** A request before its child gives it a number; distributes over the union. */
type Unnumbered<R = SwarmRequest> = R extends SwarmRequest ? Omit<R, 'id'> : never;

/** Under the usual limit of 20,000 open files. */
const readersPerProcess = 15_000;
const openTimeoutMs = 10_000;
const patienceMs = 60_000;

class SwarmChild {
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, { resolve(reply: SwarmReply): void; reject(error: Error): void }>();
  #nextId = 1;

  constructor(trusted: string | undefined) {
    this.#process = fork(fileURLToPath(new URL('./swarm-process.js', import.meta.url)), {
      env: { ...process.env, ...(trusted !== undefined && { NODE_EXTRA_CA_CERTS: trusted }) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#process.on('message', (message) => {
      const reply = replySchema.parse(message);
      this.#pending.get(reply.id)?.resolve(reply);
      this.#pending.delete(reply.id);
    });
    this.#process.on('exit', (code, signal) => {
      for (const waiting of this.#pending.values())
        waiting.reject(new Error(`a process of readers ended (${signal ?? code})`));
      this.#pending.clear();
    });
  }

  async ask(request: Unnumbered, timeoutMs: number): Promise<SwarmReply> {
    const id = this.#nextId++;
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<SwarmReply>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      timer = setTimeout(
        () => reject(new Error(`readers: no answer to "${request.type}" in ${Math.round(timeoutMs / 1_000)} s`)),
        timeoutMs,
      );
      this.#process.send({ ...request, id });
    });
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.disconnect();
    await exited;
  }
}
