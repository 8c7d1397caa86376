import type { Due, WorkerLog } from '../log/commands/worker-log.ts';
import type { Publisher } from '../queue/publisher.ts';
import type { Deliveries } from './deliveries.ts';

export interface RehearsalDeps {
  /** Of the rehearsal's own store. */
  readonly log: WorkerLog;
  onError(error: unknown): void;
}

/**
 * Takes the place of the queues where a desk rehearses: a command goes into the rehearsal's own store when it is due, from
 * this process, and nowhere else. No fan-out follows that store, so what is posted there has no way to a reader.
 */
export class RehearsalPublisher implements Publisher {
  readonly #deps: RehearsalDeps;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(deps: RehearsalDeps) {
    this.#deps = deps;
  }

  async enqueue(edition: string, due: Due): Promise<void> {
    const waitMs = due.dueAt - this.#deps.log.now();
    if (waitMs <= 0) return this.#append(edition, due.commandId);
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        void this.#append(edition, due.commandId).catch(this.#deps.onError);
      },
      Math.min(waitMs, 2 ** 31 - 1),
    );
    this.#timers.add(timer.unref());
  }

  /** A rehearsal has no switch to pull. */
  async hold(): Promise<void> {}

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #append(edition: string, commandId: string): Promise<void> {
    const command = await this.#deps.log.command(edition, commandId);
    const outcome = command && (await this.#deps.log.append(command));
    if (outcome?.type === 'early')
      await this.enqueue(edition, {
        commandId,
        dueAt: this.#deps.log.now() + Math.max(outcome.waitMs, 1),
        kind: command?.kind ?? 'publish',
      });
    if (outcome?.type !== 'appended') return;
    for (const due of outcome.followUps) await this.enqueue(edition, due);
  }
}

/** Nobody is told what is rehearsed. */
export const noDeliveries: Pick<Deliveries, 'of' | 'newest' | 'audience'> = {
  of: async () => ({ proofs: [], estimate: { note: 'A rehearsal reaches nobody.', painted: [] } }),
  newest: () => null,
  audience: () => ({ readers: {}, processes: [], provenAgoMs: null }),
};
