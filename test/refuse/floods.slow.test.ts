import { readFile } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import { openFollowedLog } from '../fanout/followed-log.ts';
import { TestReader, until } from '../resources/fanout-server.ts';
import { startFlashwire } from '../resources/flashwire.ts';
import { attacks } from './clients/flood-attacks.ts';
import { FrameClient } from './clients/frame-client.ts';

const attackers = 100;
/** How much a server's resident memory may grow per attacker at its peak, the connection included. */
const boundBytes = 256 * 1024;

async function residentBytes(pid: number): Promise<number> {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1_024;
}

/** Samples the memory of a process until it is stopped. Resolves with the peak. */
function watchPeak(pid: number): { stop(): Promise<number> } {
  let peak = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      peak = Math.max(peak, await residentBytes(pid));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await watching;
      return Math.max(peak, await residentBytes(pid));
    },
  };
}

test(`${attacks.length} floods of ${attackers} attackers each end as expected, cost less than ${boundBytes / 1_024} kB per attacker, and another client is not disturbed`, {
  timeout: 180_000,
}, async () => {
  await using written = await openFollowedLog(inject('redisUrl'));
  await using server = await startFlashwire('fanout', {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: written.prefix,
    // Otherwise the growth of the young generation would count for the attackers.
    NODE_OPTIONS: '--max-semi-space-size=4',
    LOG_LEVEL: 'info',
  });
  const port = Number(new URL(server.url).port);
  const pid = server.child.pid ?? 0;
  using beside = new TestReader(port, 'edition=en');
  await beside.frame('snapshot');
  const crowd = (headers: readonly string[] = []) =>
    Promise.all(Array.from({ length: attackers }, () => FrameClient.open(port, { headers: [...headers] })));
  // A first round that is not counted, so that the cost of any hundred readers is there before.
  for (const client of await crowd()) client[Symbol.dispose]();

  const faults: string[] = [];
  const costs: Record<string, number> = {};
  for (const { name, headers, isDeaf, attack, endsWith } of attacks) {
    const before = await residentBytes(pid);
    const peak = watchPeak(pid);
    const clients = await crowd(headers);
    for (const client of clients) {
      if (/sec-websocket-extensions/i.test(client.head)) faults.push(`${name}: compression was agreed to`);
      if (isDeaf) client.socket.pause();
    }
    await Promise.all(clients.map(attack));
    if (endsWith.length > 0)
      await until(() => clients.every((client) => isDeaf || client.isEnded), name, 10_000).catch(() =>
        faults.push(`${name}: ${clients.filter(({ isEnded }) => !isEnded).length} are still connected`),
      );
    if (isDeaf) {
      for (const { socket } of clients) socket.resume();
      await until(() => clients.every(({ isEnded }) => isEnded), name, 10_000);
    }
    const codes = new Set(clients.map(({ closeCode }) => closeCode));
    if (endsWith.length > 0 && ![...codes].every((code) => isDeaf || endsWith.includes(code)))
      faults.push(`${name}: ended with ${[...codes].join(', ')}`);
    if (endsWith.length === 0 && clients.some(({ isEnded }) => isEnded)) faults.push(`${name}: not held`);
    const seq = await written.publish(`item${beside.seqs.length}`, name);
    await until(() => beside.seqs.at(-1) === seq, `the reader beside gets an entry after: ${name}`);
    costs[name] = Math.max(0, (await peak.stop()) - before) / attackers;
    for (const client of clients) client[Symbol.dispose]();
  }
  console.log(
    Object.entries(costs)
      .map(([name, bytes]) => `${String(Math.round(bytes / 1_024)).padStart(5)} kB  ${name}`)
      .join('\n'),
  );
  expect(faults).toEqual([]);
  expect(Math.max(...Object.values(costs))).toBeLessThan(boundBytes);
  expect(beside.closeCode).toBeNull();
  expect(server.output.join('\n')).not.toMatch(/by a defect|request failed/);
});
