import type { Due, WorkerLog } from '../log/commands/worker-log.ts';
import type { Publisher } from '../queue/publisher.ts';
import type { Deliveries } from './deliveries.ts';

export interface RehearsalDeps {
  /** The log of the rehearsal. */
  readonly log: WorkerLog;
  onError(error: unknown): void;
}

/**
 * Replaces the queues in a rehearsal: this process appends a command to the rehearsal's own log when it is due. No fan-out
 * follows that log, so a rehearsed item cannot reach a reader.
 */
export class RehearsalPublisher implements Publisher {
  readonly #deps: RehearsalDeps;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(deps: RehearsalDeps) {
    this.#deps = deps;
  }

  async enqueue(edition: string, due: Due): Promise<void> {
    const waitMs = due.dueAt - this.#deps.log.now(edition);
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

  /** A rehearsal has no STOP. */
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
        dueAt: this.#deps.log.now(edition) + Math.max(outcome.waitMs, 1),
        kind: command?.kind ?? 'publish',
      });
    if (outcome?.type !== 'appended') return;
    for (const due of outcome.followUps) await this.enqueue(edition, due);
  }
}

/** A rehearsed item is delivered to no reader. */
export const noDeliveries: Pick<Deliveries, 'of' | 'newest' | 'audience'> = {
  of: async () => ({ proofs: [], estimate: { note: 'A rehearsal reaches no reader.', painted: [] } }),
  newest: () => null,
  audience: () => ({ readers: {}, processes: [], provenAgoMs: null }),
};
