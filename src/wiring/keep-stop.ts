import type { StopSwitch } from '../api/stop-switch.ts';
import { canaryEdition } from '../item/canary.ts';
import type { Logger } from '../ops/logger.ts';
import { queueOf, urgentQueue } from '../queue/job.ts';
import type { QueueSight } from '../queue/queue-watch.ts';

/**
 * The switch says one thing and the queues do another where a failover lost one of the two, or where who turned it ended in between.
 * Called with every look at the queues; puts them right at the second look that finds the same, since one that is being turned is
 * not yet wrong. Rejects when Redis is away.
 */
export function keepStop(stop: StopSwitch, logger: Logger): (sights: readonly QueueSight[]) => Promise<void> {
  let wasWrong = false;
  return async (sights) => {
    const { stopped } = await stop.state();
    const wrong = sights.filter(({ tag, isHeld }) => canBeHeld(tag) && isHeld !== stopped);
    if (wrong.length > 0 && wasWrong) {
      logger.warn({ stopped, queues: wrong.map(({ tag }) => tag) }, 'queues do not do as STOP says');
      await stop.settle();
    }
    wasWrong = wrong.length > 0 && !wasWrong;
  };
}

function canBeHeld(tag: string): boolean {
  return tag !== canaryEdition.id && queueOf(tag).name !== urgentQueue;
}
