import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../process/bench-error.ts';
import { Child, isListening } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import { projectFolder } from '../process/project.ts';
import { type AttackOrder, type AttackTally, attackTallySchema, type LaneTally, type Pace } from './message.ts';

/** An attack in a process of its own. */
export class Attack implements Disposable {
  readonly #process: ChildProcess;
  readonly #startedAt = performance.now();

  constructor(order: Omit<Extract<AttackOrder, { type: 'start' }>, 'type'>) {
    this.#process = fork(fileURLToPath(new URL('./attack-process.js', import.meta.url)));
    this.#process.send({ type: 'start', ...order } satisfies AttackOrder);
  }

  /** Ends it; resolves with what came of it. */
  async stop(): Promise<AttackDone> {
    if (this.#process.exitCode !== null) throw new BenchError('the process of the attack has ended');
    const said = once(this.#process, 'message');
    const seconds = (performance.now() - this.#startedAt) / 1_000;
    this.#process.send({ type: 'stop' } satisfies AttackOrder);
    const [tally] = await said;
    return { ...attackTallySchema.parse(tally), seconds };
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }
}

export interface AttackDone extends AttackTally {
  readonly seconds: number;
}

export function requestsPerSecond({ lanes, seconds }: AttackDone): number {
  return Object.values(lanes).reduce((sum, lane) => sum + lane.requests, 0) / seconds;
}

/** How fast each lane went, and how much it was answered: what repeats the attack against something else. */
export function pacesOf({ lanes, seconds }: AttackDone, connectionsOf: (lane: string) => number): Record<string, Pace> {
  return Object.fromEntries(
    Object.entries(lanes)
      .filter(([, { turns }]) => turns > 0)
      .map(([name, lane]) => [name, paceOf(lane, seconds, connectionsOf(name))]),
  );
}

function paceOf({ turns, requests, answers, bytes }: LaneTally, seconds: number, connections: number): Pace {
  return {
    perSecond: turns / seconds / connections,
    answerBytes: bytes / Math.max(1, answers === 0 ? requests : answers),
  };
}

/** Something that answers at once and does nothing else, in a process of its own. */
export async function startStandIn(): Promise<AsyncDisposable & { readonly port: number }> {
  const port = await freePort();
  const program = fileURLToPath(new URL('./stand-in-process.js', import.meta.url));
  const child = new Child('stand-in', process.execPath, [program, String(port)], {
    cwd: projectFolder(),
    env: process.env,
  });
  await child.ready(() => isListening(port));
  return { port, [Symbol.asyncDispose]: () => child.stop() };
}
