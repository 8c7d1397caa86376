import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Supervisor } from '../../src/ops/supervisor.ts';
import { startFlashwire, until } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';

/** A child that gives signs of life, and blocks its event loop on a message. */
const childSource = `
setInterval(() => process.send({ type: 'flashwire:alive' }), 50);
process.on('message', (message) => { if (message === 'hang') for (;;); });
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flashwire-supervisor-'));
  await writeFile(join(folder, 'child.mjs'), childSource);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function supervise(hungMs: number) {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(line) });
  const supervisor = new Supervisor({ program: join(folder, 'child.mjs'), env: {}, edges: 0, logger, hungMs });
  supervisor.start();
  return { supervisor, lines, [Symbol.asyncDispose]: () => supervisor.close() };
}

type Role = 'worker' | 'api';

const childOf = (supervisor: Supervisor, role: Role) =>
  supervisor.children().find(({ spawnargs }) => spawnargs.at(-1) === role);

/** The child, once it has given a sign. On a busy machine one may be killed before it has come that far. */
async function firstSign(supervisor: Supervisor, role: Role): Promise<ChildProcess> {
  for (;;) {
    await until(() => childOf(supervisor, role) !== undefined, 10_000, 'a child runs');
    const child = childOf(supervisor, role);
    if (!child) continue;
    const event = await Promise.race(['message', 'exit'].map(async (name) => once(child, name).then(() => name)));
    if (event === 'message') return child;
  }
}

test.each([
  ['worker', 'its loop is blocked'],
  ['worker', 'somebody has stopped it'],
  ['api', 'its loop is blocked'],
] as const)('the %s is started again once %s', async (role, why) => {
  await using it = supervise(1_500);
  const child = await firstSign(it.supervisor, role);
  const before = it.supervisor.restarts[role];
  if (why === 'its loop is blocked') child.send('hang');
  else child.kill('SIGSTOP');
  await until(() => it.supervisor.restarts[role] > before, 10_000, 'it is started again');
  expect(child.signalCode).toBe('SIGKILL');
  expect(it.lines.join('')).toContain('child hung, killing it');
  await until(() => childOf(it.supervisor, role) !== undefined, 5_000, 'another one runs');
});

test('no child outlives a supervisor that is killed', async () => {
  const env = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix() };
  await using all = await startFlashwire('all', env);
  const pids = all.output.flatMap((line) => {
    const [, pid] = /"role":"(?:worker|api|edge)","pid":(\d+)/.exec(line) ?? [];
    return pid === undefined ? [] : [Number(pid)];
  });
  expect(new Set(pids).size).toBe(3);
  all.child.kill('SIGKILL');
  await until(() => !pids.some(isAlive), 10_000, 'they have ended');
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
