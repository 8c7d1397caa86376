import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../bench/process/free-port.ts';

test('the demo plays its news day to the end without a missing item', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-demo-stills-'));
  try {
    const child = spawn(process.execPath, ['scripts/demo.mjs', '--stills', folder], {
      env: { ...process.env, PORT: String(await freePort()) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'close');
    onTestFinished(async () => {
      child.kill(); // it undoes what it has started
      await ended;
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => {
        said += bytes.toString();
      });
    const [code] = (await ended) as [number | null];
    expect(code, said).toBe(0);
    expect((await readdir(folder)).sort(), said).toEqual(
      ['flash', 'over', 'redis-unreachable', 'retraction'].map((name) => `demo-${name}.png`),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 400_000);
