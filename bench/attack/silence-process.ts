import { connect, type Socket } from 'node:net';
import { type FloodOrder, type FloodTally, orderSchema } from './silence-message.ts';

/** Opens connections and says nothing on them, until its parent stops it: started by silence.ts, ends with its parent. */
const tickMs = 20;
/** What one process may hold open, with room for the rest of it. */
const mostOpen = 15_000;

/** What could not be opened in time is made up for within this, ms. */
const behindMs = 100;
const turnedAwayWithinMs = 1_000;

const open = new Set<Socket>();
const tally: FloodTally = { opened: 0, failed: 0, turnedAway: 0, ended: 0, mostOpen: 0 };

process.on('message', (message) => {
  const order = orderSchema.parse(message);
  if (order.type === 'start') start(order);
  else process.send?.(tally, () => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);

function start({ host, port, perSecond, addresses }: Extract<FloodOrder, { type: 'start' }>): void {
  const startedAt = performance.now();
  let [begun, next] = [0, 0];
  setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1_000);
    const most = Math.floor((behindMs * perSecond) / 1_000);
    for (begun = Math.max(begun, due - most); begun < due && open.size < mostOpen; begun++) {
      dial(host, port, `127.0.${1 + Math.floor(next / 250)}.${1 + (next % 250)}`);
      next = (next + 1) % addresses;
    }
  }, tickMs);
}

function dial(host: string, port: number, localAddress: string): void {
  const socket = connect({ host, port, localAddress });
  let openedAt: number | null = null;
  open.add(socket);
  socket.on('connect', () => {
    openedAt = performance.now();
    tally.opened++;
    tally.mostOpen = Math.max(tally.mostOpen, open.size);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    open.delete(socket);
    if (openedAt === null) tally.failed++;
    else if (performance.now() - openedAt < turnedAwayWithinMs) tally.turnedAway++;
    else tally.ended++;
  });
  socket.resume();
}
