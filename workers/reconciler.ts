import type { Logger } from 'pino';
import { isUrgent } from '../src/item/command.ts';
import type { Due, DueCursor, WorkerLog } from '../src/log/commands/worker-log.ts';
import type { BullPublisher } from '../src/queue/bull-publisher.ts';
import type { WorkerCounters } from './counters.ts';

export interface ReconcilerOptions {
  readonly log: WorkerLog;
  readonly publisher: BullPublisher;
  readonly editions: readonly string[];
  readonly logger: Logger;
  readonly counters: WorkerCounters;
  readonly everyMs?: number;
  /** How long past its due time a command may be before it counts as overdue, ms. */
  readonly overdueMs?: number;
}

/** How many commands a round handles. Each costs three commands of Redis. */
const step = 100;
/** Among how many of the newest commands it looks for urgent ones. Each costs one command of Redis. */
const newest = 1_000;
/** Four seconds: until Redis has the script again, fan-outs read without it. */
const roundsPerCare = 8;

/**
 * Runs a round twice a second. A round writes again what Redis may have lost: the schema version, the epoch of each edition, and, in
 * every eighth, the script with which fan-outs read. The eighth also lifts the limit of one job at a time that workers of 0.2 set in
 * each of their rounds. It gives every overdue command a job: one whose `add` was lost, whose job failed, whose job
 * Redis lost, or whose job BullMQ delays by a host's clock that is behind Redis' clock. So a scheduled item is out within a second
 * of its time whatever a host's clock says. If more commands are overdue than one round handles (STOP holds them), the next round
 * continues there, oldest first; urgent commands among the newest have their turn in every round. Rounds never overlap. A failed
 * step is logged, and the next round repeats it.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  /** Where the next round continues, by edition; absent: at the oldest. */
  readonly #cursors = new Map<string, DueCursor>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #isStopped = false;
  #rounds = 0;

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

  /** One round. Never rejects: the next round repeats what failed. */
  async round(): Promise<void> {
    const { log, publisher, editions, logger } = this.#options;
    const isTimeForCare = this.#rounds++ % roundsPerCare === 0;
    try {
      await log.settleSchema(editions);
    } catch (error) {
      logger.warn({ reason: reasonOf(error) }, 'schema not checked');
    }
    for (const edition of editions) {
      try {
        await log.settleEpoch(edition);
        await this.#look(edition);
        if (!isTimeForCare) continue;
        await publisher.liftLimit(edition);
        await log.keepReadScript(edition);
      } catch (error) {
        logger.warn({ edition, reason: reasonOf(error) }, 'edition not checked');
      }
    }
  }

  async #look(edition: string): Promise<void> {
    const { log, counters, overdueMs = 250 } = this.#options;
    const from = this.#cursors.get(edition);
    const page = await log.overdue(edition, overdueMs, step, from);
    const [oldest] = from ? await log.overdue(edition, overdueMs, 1) : page;
    counters.overdueSeconds[edition] = oldest ? Math.max(0, log.now(edition) - oldest.dueAt) / 1_000 : 0;
    if (from || page.length === step) {
      const late = await log.newlyOverdue(edition, overdueMs, newest);
      for (const due of late.filter(({ kind }) => isUrgent(kind))) await this.#again(edition, due);
    }
    for (const due of page) await this.#again(edition, due);
    const last = page.at(-1);
    if (last && page.length === step) this.#cursors.set(edition, cursorAfter(page, last, from));
    else this.#cursors.delete(edition);
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

function cursorAfter(page: readonly Due[], { dueAt }: Due, from: DueCursor | undefined): DueCursor {
  const before = from?.dueAt === dueAt ? from.skip : 0;
  return { dueAt, skip: before + page.filter((due) => due.dueAt === dueAt).length };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
