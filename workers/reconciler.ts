import type { Logger } from 'pino';
import type { Due, WorkerLog } from '../src/log/desk-log.ts';
import type { BullPublisher } from '../src/queue/bull-publisher.ts';
import type { WorkerCounters } from './counters.ts';

export interface ReconcilerOptions {
  readonly log: WorkerLog;
  readonly publisher: BullPublisher;
  readonly editions: readonly string[];
  readonly logger: Logger;
  readonly counters: WorkerCounters;
  readonly everyMs?: number;
  /** How long past its due time a command may be before someone looks. */
  readonly overdueMs?: number;
}

/**
 * Twice a second: settles the epoch of each edition, and gives every accepted command that is past its due time a job: one
 * whose `add` was lost, whose job failed, that Redis has forgotten, or that BullMQ delays by a host's clock which is behind
 * Redis' (so what is scheduled is out within a second of its time whatever that clock says). Rounds never overlap; what fails
 * is logged and the next round looks again.
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
    }, this.#options.everyMs ?? 500);
  }

  /** Looks once. Never rejects: what could not be done now is still due at the next look. */
  async round(): Promise<void> {
    const { log, editions, logger, counters, overdueMs = 250 } = this.#options;
    for (const edition of editions) {
      try {
        await log.settleEpoch(edition);
        const overdue = await log.overdue(edition, overdueMs, 100);
        const oldest = overdue[0];
        counters.overdueSeconds[edition] = oldest ? Math.max(0, log.now() - oldest.dueAt) / 1_000 : 0;
        for (const due of overdue) await this.#again(edition, due);
      } catch (error) {
        logger.warn({ edition, reason: reasonOf(error) }, 'reconciler could not look');
      }
    }
  }

  async #again(edition: string, due: Due): Promise<void> {
    const { publisher, logger, counters } = this.#options;
    const { commandId, kind } = due;
    try {
      const done = await publisher.again(edition, due);
      if (done === 'left') return;
      counters.readded++;
      logger.warn({ edition, commandId, kind, done }, 'overdue command queued again');
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
