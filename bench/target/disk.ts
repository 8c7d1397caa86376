import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../process/clock.ts';

/** ms of each of `times` appends of 512 bytes that are on the disk when they return: what no durable answer can beat. */
export async function syncTimes(folder: string, times: number, clock: Clock): Promise<readonly number[]> {
  const path = join(folder, 'sync-times');
  const file = await open(path, 'a');
  const bytes = Buffer.alloc(512, 'x');
  const durations: number[] = [];
  try {
    for (let i = 0; i < times; i++) {
      const start = clock();
      await file.write(bytes);
      await file.datasync();
      durations.push(clock() - start);
    }
  } finally {
    await file.close();
    await rm(path);
  }
  return durations;
}
