import type { StopSwitch } from '../api/stop-switch.ts';
import { canaryEdition } from '../item/canary.ts';
import type { Logger } from '../ops/logger.ts';
import { queueOf, urgentQueue } from '../queue/job.ts';
import type { QueueSight } from '../queue/queue-watch.ts';

/**
 * Repairs queues that differ from the STOP switch: after a failover that lost one of the two, or a process that crashed while it
 * turned the switch. Call it with every look at the queues. It repairs a difference that lasts for two looks, because the switch may
 * be turning. Rejects while Redis is unreachable.
 */
export function keepStop(stop: StopSwitch, logger: Logger): (sights: readonly QueueSight[]) => Promise<void> {
  let wasWrong = false;
  return async (sights) => {
    const { stopped } = await stop.state();
    const wrong = sights.filter(({ tag, isHeld }) => canBeHeld(tag) && isHeld !== stopped);
    if (wrong.length > 0 && wasWrong) {
      logger.warn({ stopped, queues: wrong.map(({ tag }) => tag) }, 'queues differ from STOP');
      await stop.settle();
    }
    wasWrong = wrong.length > 0 && !wasWrong;
  };
}

function canBeHeld(tag: string): boolean {
  return tag !== canaryEdition.id && queueOf(tag).name !== urgentQueue;
}
