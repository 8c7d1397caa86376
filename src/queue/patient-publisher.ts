import type { DeskLog } from '../log/commands/desk-log.ts';
import { clockErrorMs } from '../log/redis/redis-clock.ts';
import type { Publisher } from './publisher.ts';

/**
 * Adds no job for a command that a worker appends at once, because its acceptance woke that worker: a job costs Redis more than
 * everything else of an item. Every other command has its job when the call resolves.
 */
export function createPatientPublisher(publisher: Publisher, log: Pick<DeskLog, 'now' | 'isOverSoon'>): Publisher {
  return {
    enqueue: async (edition, due) => {
      const isDue = due.dueAt - log.now(edition) <= clockErrorMs;
      if (isDue && (await log.isOverSoon(edition, due.commandId).catch(() => false))) return;
      await publisher.enqueue(edition, due);
    },
    hold: (isHeld) => publisher.hold(isHeld),
    close: () => publisher.close(),
  };
}
