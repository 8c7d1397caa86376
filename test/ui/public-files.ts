import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPages } from './build.ts';

/** What a browser loads, built into a folder of its own. */
export async function buildPublicFiles(): Promise<{ readonly dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'flashwire-public-'));
  await buildPages(dir);
  return { dir, remove: () => rm(dir, { recursive: true }) };
}
