import { Attacker } from './attacker.ts';
import { lanes } from './lanes.ts';
import { type AttackOrder, type AttackTally, emptyTally, type LaneTally, orderSchema } from './message.ts';

/** Asks for everything that costs a server something, until its parent stops it: started by attack.ts, ends with its parent. */
const attackers: { readonly name: string; readonly attacker: Attacker }[] = [];

process.on('message', (message) => {
  const order = orderSchema.parse(message);
  if (order.type === 'start') start(order);
  else process.send?.(stop(), () => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);

function start(order: Extract<AttackOrder, { type: 'start' }>): void {
  let next = 0;
  const nextAddress = () => {
    const address = `127.1.${Math.floor(next / 250)}.${1 + (next % 250)}`;
    next = (next + 1) % order.addresses;
    return address;
  };
  for (let i = 0; i < order.connections; i++) {
    const lane = lanes[i % lanes.length];
    if (lane === undefined) continue;
    // A lane that was never through in the attack is left out where the attack is repeated.
    const pace = order.paces === null ? null : order.paces[lane.name];
    if (pace === undefined) continue;
    const isSpread = order.addresses > 1;
    const { host, port, knowledge } = order;
    const attacker = new Attacker(lane, { host, port, knowledge, pace, seed: i, nextAddress, isSpread });
    attackers.push({ name: lane.name, attacker });
    void attacker.run();
  }
}

function stop(): AttackTally {
  const tallies: Record<string, LaneTally> = {};
  for (const { name, attacker } of attackers) {
    attacker.stop();
    tallies[name] = add(tallies[name] ?? emptyTally(), attacker.tally);
  }
  const { user, system } = process.cpuUsage();
  return { lanes: tallies, cpuMs: (user + system) / 1_000 };
}

function add(a: LaneTally, b: LaneTally): LaneTally {
  const statuses = { ...a.statuses };
  for (const [status, times] of Object.entries(b.statuses)) statuses[status] = (statuses[status] ?? 0) + times;
  return {
    turns: a.turns + b.turns,
    requests: a.requests + b.requests,
    answers: a.answers + b.answers,
    bytes: a.bytes + b.bytes,
    statuses,
    ended: a.ended + b.ended,
    unanswered: a.unanswered + b.unanswered,
  };
}
