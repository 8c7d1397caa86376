import { Redis } from 'ioredis';
import { expect, inject, test, vi } from 'vitest';
import { startFlashwire, until } from '../resources/flashwire.ts';
import { nativePart } from '../resources/native-part.ts';
import { ownPrefix } from '../resources/redis-server.ts';

test('the metrics of flashwire all merge those of its processes', async () => {
  await using all = await startFlashwire('all', {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: ownPrefix(),
    FLASHWIRE_FANOUT_PROCESSES: '2',
  });
  const port = /"metricsPort":(\d+)/.exec(all.output.join('\n'))?.[1];
  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const figuresOf = (text: string, name: string) => {
    const lines = text.split('\n').filter((line) => new RegExp(`^${name}[{ ]`).test(line));
    return lines.map((line) => Number(line.slice(line.lastIndexOf(' '))));
  };
  await until(
    async () => figuresOf(await read(), 'flashwire_canary_latency_seconds').some((seconds) => seconds > 0),
    20_000,
    'a canary',
  );
  // A process that does not answer in a second is left out for once, and a canary may be overdue for a moment.
  await vi.waitFor(
    async () => {
      const text = await read();
      expect(figuresOf(text, 'flashwire_connections')).toEqual([0]);
      // The oldest of the two proofs, not their sum.
      expect(figuresOf(text, 'flashwire_canary_age_seconds')[0]).toBeLessThan(15);
      expect(figuresOf(text, 'flashwire_stale')).toEqual([0, 0, 0, 0]);
      // The canaries were written by it.
      expect(figuresOf(text, 'flashwire_native')).toEqual([nativePart ? 1 : 0]);
      expect(figuresOf(text, 'flashwire_native_writes_total')[0]).toBeGreaterThanOrEqual(nativePart ? 1 : 0);
      // Nobody has posted: three editions at 0, and the canary's.
      expect(figuresOf(text, 'flashwire_head').filter((head) => head === 0)).toHaveLength(3);
      // Worker and api are no processes of the cluster, and are asked all the same; so is the supervisor.
      expect(figuresOf(text, 'flashwire_overdue_seconds')).toEqual([0, 0, 0, 0]);
      expect(figuresOf(text, 'flashwire_restarts_total')).toEqual([0, 0, 0]);
      const roles = [...text.matchAll(/^flashwire_build_info\{.*role="(\w+)"\} 1$/gm)].map(([, role]) => role);
      expect(roles.sort()).toEqual(['api', 'edge', 'worker']);
    },
    { timeout: 20_000, interval: 200 },
  );
});

test('a stopped child is left out of the metrics, and the supervisor says goodbye for a killed one', async () => {
  const prefix = ownPrefix();
  await using all = await startFlashwire('all', { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: prefix });
  const port = /"metricsPort":(\d+)/.exec(all.output.join('\n'))?.[1];
  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  await until(async () => (await read()).includes('flashwire_overdue_seconds{'), 10_000, 'the worker answers');
  const pid = /"role":"worker","pid":(\d+)/.exec(all.output.join('\n'))?.[1];
  process.kill(Number(pid), 'SIGSTOP');
  try {
    // Also a process that this machine keeps waiting for a second is left out: then ask again.
    await vi.waitFor(
      async () => {
        const text = await read();
        expect(text).toContain('flashwire_connections{');
        expect(text).not.toContain('flashwire_overdue_seconds{');
      },
      { timeout: 20_000, interval: 200 },
    );
  } finally {
    process.kill(Number(pid), 'SIGCONT');
  }
  const subscriber = new Redis(inject('redisUrl'));
  using _ = { [Symbol.dispose]: () => subscriber.disconnect() };
  const calls: { readonly process: string; readonly leaving?: boolean }[] = [];
  subscriber.on('message', (__, message) => calls.push(JSON.parse(message)));
  await subscriber.subscribe(`${prefix}:rollcall`);
  await until(() => calls.length > 0, 10_000, 'the edge calls the roll');
  const edge = /"role":"edge","pid":(\d+)/.exec(all.output.join('\n'))?.[1];
  process.kill(Number(edge), 'SIGKILL');
  await until(() => calls.some(({ leaving }) => leaving === true), 10_000, 'goodbye is said for it');
  expect(calls.find(({ leaving }) => leaving)).toEqual({ process: calls[0]?.process, leaving: true });
  expect(calls[0]?.process).toContain(`-${edge}-`);
});
