import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Most of a test is waiting for a browser, a process or a clock: three fit on two cores.
    maxWorkers: 3,
    // Files of one worker share their imports instead of loading the same modules again.
    isolate: false,
    globalSetup: ['test/global-setup.ts'],
  },
});
