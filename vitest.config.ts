import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take a minute and more, before all others: what begins last decides when all is done. The first three mostly wait. */
const longest = ['e2e/demo', 'e2e/export', 'e2e/clock', 'e2e/desk', 'refuse/xss', 'e2e/redis-setup'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.slow.test.ts`));
      return at === -1 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // For machines that are slow or busy: what a test waits for has a limit of its own where it matters how long it takes.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    // Most of a test is waiting for a browser, a process or a clock: three fit on two cores.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Files of one worker share their imports instead of loading the same modules again.
    isolate: false,
    globalSetup: ['test/global-setup.ts'],
  },
});
