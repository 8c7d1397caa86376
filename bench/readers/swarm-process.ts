import { monotonicClock } from '../process/clock.ts';
import { Swarm } from './swarm.ts';
import { requestSchema, type SwarmReply, type SwarmRequest } from './swarm-message.ts';
import { emptyReport } from './swarm-report.ts';

/** A process of readers: started by reader-swarm.ts, controlled over IPC, ends with its parent. */
const clock = monotonicClock();
let swarm: Swarm | null = null;

process.on('message', (message) => {
  const request = requestSchema.parse(message);
  perform(request).then(
    (readersMs) =>
      reply(
        {
          id: request.id,
          report: swarm?.report() ?? emptyReport(),
          readersMs: [...readersMs],
          ...(request.type === 'arrivals' && { arrivals: swarm?.takeArrivals() }),
        },
        request.type === 'close',
      ),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group: the parent decides when the readers leave.
process.on('SIGINT', () => undefined);

async function perform(request: SwarmRequest): Promise<readonly number[]> {
  if (request.type === 'open') {
    swarm = new Swarm({ targets: request.targets, clock, random: Math.random });
    return [];
  }
  if (swarm === null) throw new Error('the first request must be open');
  if (request.type === 'connect') await swarm.connect(request.readers, request.perSecond, request.firstIndex);
  if (request.type === 'close') swarm.close();
  if (request.type === 'lateness') return swarm.takeLateness();
  return request.type === 'cut' ? swarm.cut(request.withinMs) : [];
}

function reply(message: SwarmReply, isLast: boolean): void {
  process.send?.(message, () => {
    if (isLast) process.exit(0);
  });
}
