import type { Logger } from 'pino';
import type { DeskLog } from '../log/commands/desk-log.ts';
import type { Due } from '../log/commands/worker-log.ts';
import { clockErrorMs } from '../log/redis/redis-clock.ts';
import type { Publisher } from './publisher.ts';

/** As many as a worker appends in one step. With more, the workers are behind, and posts have to wait for them. */
const mostUnderWay = 32;

/**
 * Lets a post go on before a command that is due has its trigger: the acceptance has made it durable and has woken the workers, and
 * the reconciler adds a job that is lost here. The answer to a POST then waits for one write to the disk and not for two processes.
 */
export function createBackgroundPublisher(
  publisher: Publisher,
  log: Pick<DeskLog, 'now'>,
  logger: Pick<Logger, 'warn'>,
): Publisher {
  const underWay = new Set<Promise<void>>();
  const start = (edition: string, due: Due) => {
    const added = publisher
      .enqueue(edition, due)
      .catch((error: unknown) =>
        logger.warn({ edition, commandId: due.commandId, err: error }, 'accepted command not queued yet'),
      )
      .finally(() => underWay.delete(added));
    underWay.add(added);
  };
  return {
    enqueue: async (edition, due) => {
      const isDue = due.dueAt - log.now(edition) <= clockErrorMs;
      if (isDue && underWay.size < mostUnderWay) start(edition, due);
      else await publisher.enqueue(edition, due);
    },
    hold: (isHeld) => publisher.hold(isHeld),
    close: async () => {
      await Promise.all(underWay);
      await publisher.close();
    },
  };
}
