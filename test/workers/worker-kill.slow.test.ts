import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { keysOfQueue, urgentTag } from '../../src/queue/job.ts';
import { until } from '../resources/flashwire.ts';
import { watchLateness } from '../resources/lateness.ts';
import { type Newsroom, openNewsroom } from '../resources/newsroom.ts';

const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));
let folder = '';

// Node 20 does not run TypeScript: the program is bundled, inside the checkout so that it finds its packages.
beforeAll(async () => {
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'hanging-worker-'));
  await build({
    entryPoints: [fileURLToPath(new URL('./hanging-worker.ts', import.meta.url))],
    outfile: join(folder, 'hanging-worker.mjs'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  const log = fileURLToPath(new URL('../../src/log/', import.meta.url));
  // Bundled, every module is in this folder, and so are the scripts beside them.
  for (const name of await readdir(log, { recursive: true }))
    if (name.endsWith('.lua')) await cp(join(log, name), join(folder, basename(name)));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface HangingWorker extends AsyncDisposable {
  readonly lines: readonly string[];
  kill(): Promise<void>;
}

async function startHangingWorker(prefix: string): Promise<HangingWorker> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(folder, 'hanging-worker.mjs'), inject('redisUrl'), prefix],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const lines: string[] = [];
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  try {
    await until(() => lines.includes('working'), 45_000, 'the hanging worker works');
  } catch (error) {
    await kill();
    throw error;
  }
  return { lines, kill, [Symbol.asyncDispose]: kill };
}

/** Until it is released, no worker takes over the job of the dead worker, however long this machine takes. */
async function holdLock(newsroom: Newsroom, queue: string, job: string): Promise<() => Promise<unknown>> {
  const lock = keysOfQueue(newsroom.prefix, queue).lock(job);
  await newsroom.redis.set(lock, 'of the dead worker', 'PX', 60_000);
  return () => newsroom.redis.del(lock);
}

test('an item that a killed worker had taken is out in under 5 s', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  await using hanging = await startHangingWorker(newsroom.prefix);
  const inHand = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  await until(() => hanging.lines.includes(inHand), 15_000, 'the job is in hand');
  await newsroom.work();
  const lateness = watchLateness();
  const killedAt = performance.now();
  await hanging.kill();
  expect(await newsroom.outcome(inHand, 10_000)).toMatchObject({ state: 'published', seq: 1 });
  // How long this machine kept the new worker waiting is not its fault.
  expect(performance.now() - killedAt).toBeLessThan(5_000 + lateness());
});

test('a withholding and a retraction do not wait for an item that a killed worker had taken', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  const before = await newsroom.work();
  const itemId = newsroom.newId();
  await newsroom.outcome(await newsroom.ask({ action: 'publish', itemId }), 5_000);
  await before.close();

  await using hanging = await startHangingWorker(newsroom.prefix);
  const inHand = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  await until(() => hanging.lines.includes(inHand), 15_000, 'the job is in hand');
  await hanging.kill();
  const takeOver = await holdLock(newsroom, 'en', inHand);
  const { counters } = await newsroom.work();

  const hide = await newsroom.outcome(await newsroom.ask({ action: 'withhold', itemId }), 15_000);
  const retraction = await newsroom.outcome(await newsroom.ask({ action: 'retract', itemId, reason: 'wrong' }), 15_000);
  expect(counters.readded).toBe(0); // they did not wait for the reconciler either
  const recovered = await newsroom.outcome(inHand, 15_000);
  await takeOver();
  // The worker that takes the hide finds the item too, without its job.
  expect([hide?.seq, recovered?.seq, retraction?.seq]).toEqual([2, 3, 4]);
});

test('a retraction that a killed worker had taken delays no other one', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  const before = await newsroom.work();
  const [first, second] = [newsroom.newId(), newsroom.newId()];
  await newsroom.ask({ action: 'publish', itemId: first });
  await newsroom.outcome(await newsroom.ask({ action: 'publish', itemId: second }), 5_000);
  await before.close();

  await using hanging = await startHangingWorker(newsroom.prefix);
  const inHand = await newsroom.ask({ action: 'retract', itemId: first });
  await until(() => hanging.lines.includes(inHand), 15_000, 'the retraction is in hand');
  await hanging.kill();
  const takeOver = await holdLock(newsroom, urgentTag('en'), inHand);
  const { counters } = await newsroom.work();

  const hide = await newsroom.outcome(await newsroom.ask({ action: 'withhold', itemId: second }), 15_000);
  const other = await newsroom.outcome(await newsroom.ask({ action: 'retract', itemId: second }), 15_000);
  expect(counters.readded).toBe(0); // they did not wait for the reconciler either
  const recovered = await newsroom.outcome(inHand, 15_000);
  await takeOver();
  // Found without its job, and older than the hide.
  expect([recovered?.seq, hide?.seq, other?.seq]).toEqual([3, 4, 5]);
});
