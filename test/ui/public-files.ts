import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { until } from '../resources/flashwire.ts';

/**
 * The folder of what a browser loads, built with the script that the product is built with. The first file of tests that asks
 * builds it, for all files of the run.
 */
export async function publicFiles(): Promise<string> {
  const folder = inject('runFolder');
  const built = join(folder, 'public');
  const isFirst = await mkdir(join(folder, 'taken')).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    const script = new URL('../../scripts/build-browser.mjs', import.meta.url).href;
    const { buildBrowser }: { buildBrowser(outDir: string): Promise<void> } = await import(script);
    await buildBrowser(join(folder, 'build'));
    await rename(join(folder, 'build'), built);
  }
  await until(() => existsSync(built), 20_000, 'another file of tests has built what a browser loads');
  return built;
}
