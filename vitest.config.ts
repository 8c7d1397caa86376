import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // For machines that are slow or busy: what a test waits for has a limit of its own where it matters how long it takes.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    // Most of a test is waiting for a browser, a process or a clock: three fit on two cores.
    maxWorkers: 3,
    // Files of one worker share their imports instead of loading the same modules again.
    isolate: false,
    globalSetup: ['test/global-setup.ts'],
  },
});
