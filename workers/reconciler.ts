import type { Logger } from 'pino';
import type { Due, WorkerLog } from '../src/log/desk-log.ts';
import type { BullPublisher } from '../src/queue/bull-publisher.ts';

export interface ReconcilerOptions {
  readonly log: WorkerLog;
  readonly publisher: BullPublisher;
  readonly editions: readonly string[];
  readonly logger: Logger;
  readonly everyMs?: number;
  /** How long past its due time a command may be before someone looks. */
  readonly overdueMs?: number;
}

/**
 * Once a second: settles the epoch of each edition, and gives every accepted command that is past its due time a job: one whose `add` was lost, whose job failed, or whose job
 * Redis has forgotten. Rounds never overlap; what fails is logged and the next round looks again.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#round = this.round().finally(() => {
        if (!this.#isStopped) this.start();
      });
    }, this.#options.everyMs ?? 1_000);
  }

  /** Looks once. Never rejects: what could not be done now is still due at the next look. */
  async round(): Promise<void> {
    const { log, editions, logger, overdueMs = 1_000 } = this.#options;
    for (const edition of editions) {
      try {
        await log.settleEpoch(edition);
        for (const due of await log.overdue(edition, overdueMs, 100)) await this.#again(edition, due);
      } catch (error) {
        logger.warn({ edition, reason: reasonOf(error) }, 'reconciler could not look');
      }
    }
  }

  async #again(edition: string, due: Due): Promise<void> {
    const { publisher, logger } = this.#options;
    const { commandId, kind } = due;
    try {
      const done = await publisher.again(edition, due);
      if (done !== 'left') logger.warn({ edition, commandId, kind, done }, 'overdue command queued again');
    } catch (error) {
      logger.warn({ edition, commandId, kind, reason: reasonOf(error) }, 'overdue command not queued yet');
    }
  }

  async close(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
