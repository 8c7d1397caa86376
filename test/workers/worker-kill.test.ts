import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { until } from '../resources/flashwire.ts';
import { openNewsroom } from './newsroom.ts';

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
  for (const name of await readdir(log)) if (name.endsWith('.lua')) await cp(join(log, name), join(folder, name));
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
  await until(() => lines.includes('working'), 10_000, 'the hanging worker works');
  return { lines, kill, [Symbol.asyncDispose]: kill };
}

test('an item in the hands of a killed worker is out in under 5 s, and a retraction meanwhile in under 0.5 s', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  const before = await newsroom.work();
  const itemId = newsroom.newId();
  await newsroom.outcome(await newsroom.ask({ action: 'publish', itemId }), 5_000);
  await before.close();

  await using hanging = await startHangingWorker(newsroom.prefix);
  const inHand = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  await until(() => hanging.lines.includes(inHand), 5_000, 'the job is in hand');
  await newsroom.work();
  await hanging.kill();

  const killedAt = performance.now();
  // Until this is done the other worker may still be connecting; the time that counts begins after it.
  const hide = await newsroom.outcome(await newsroom.ask({ action: 'withhold', itemId }), 5_000);
  const askedAt = performance.now();
  const retraction = await newsroom.ask({ action: 'retract', itemId, reason: 'wrong' });
  expect(await newsroom.outcome(retraction, 5_000)).toMatchObject({ state: 'published' });
  expect(performance.now() - askedAt).toBeLessThan(500);
  const recovered = await newsroom.outcome(inHand, 10_000);
  expect([hide?.seq, recovered?.seq]).toEqual([2, 4]); // the hide did not wait for it either
  expect(performance.now() - killedAt).toBeLessThan(5_000);
});

test('a retraction in the hands of a killed worker stands in front of no other', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  const before = await newsroom.work();
  const [first, second] = [newsroom.newId(), newsroom.newId()];
  await newsroom.ask({ action: 'publish', itemId: first });
  await newsroom.outcome(await newsroom.ask({ action: 'publish', itemId: second }), 5_000);
  await before.close();

  await using hanging = await startHangingWorker(newsroom.prefix);
  const inHand = await newsroom.ask({ action: 'retract', itemId: first });
  await until(() => hanging.lines.includes(inHand), 5_000, 'the retraction is in hand');
  await hanging.kill();
  await newsroom.work();

  const killedAt = performance.now();
  const hide = await newsroom.outcome(await newsroom.ask({ action: 'withhold', itemId: second }), 5_000);
  const askedAt = performance.now();
  const other = await newsroom.ask({ action: 'retract', itemId: second });
  expect(await newsroom.outcome(other, 5_000)).toMatchObject({ state: 'published' });
  expect(performance.now() - askedAt).toBeLessThan(500);
  const recovered = await newsroom.outcome(inHand, 10_000);
  expect([hide?.seq, recovered?.seq]).toEqual([3, 5]);
  expect(performance.now() - killedAt).toBeLessThan(5_000);
});
