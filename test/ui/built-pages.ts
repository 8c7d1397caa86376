import type { Browser } from 'playwright-core';
import { beforeAll } from 'vitest';
import { useBrowser } from './browser.ts';
import { publicFiles } from './public-files.ts';

/** A browser, and the folder of what it loads, as it is built. */
export interface BuiltPages {
  readonly browser: Browser;
  readonly publicDir: string;
}

/** For a file of tests: there before its first test. */
export function useBuiltPages(): BuiltPages {
  const browser = useBrowser();
  let publicDir = '';
  beforeAll(async () => {
    publicDir = await publicFiles();
  });
  return {
    get browser() {
      return browser();
    },
    get publicDir() {
      return publicDir;
    },
  };
}
