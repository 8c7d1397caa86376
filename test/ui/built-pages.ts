import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { startBrowser } from './browser.ts';
import { buildPublicFiles } from './public-files.ts';

/** A browser, and the folder of what it loads, as it is built. */
export interface BuiltPages {
  readonly browser: Browser;
  readonly publicDir: string;
}

/** The built pages of a file of tests: there before its first test, gone after its last. */
export function useBuiltPages(): BuiltPages {
  let pages: (BuiltPages & { remove(): Promise<void> }) | null = null;
  const started = () => {
    if (!pages) throw new Error('the browser starts before the first test');
    return pages;
  };
  beforeAll(async () => {
    const [browser, { dir: publicDir, remove }] = await Promise.all([startBrowser(), buildPublicFiles()]);
    pages = { browser, publicDir, remove };
  });
  afterAll(async () => {
    await pages?.browser.close();
    await pages?.remove();
  });
  return {
    get browser() {
      return started().browser;
    },
    get publicDir() {
      return started().publicDir;
    },
  };
}
