import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, before all others: what begins last decides when all is done. Those in the first row mostly wait. */
const longest = [
  ...['e2e/demo.slow', 'e2e/export.slow', 'e2e/clock.slow', 'e2e/desk.slow', 'refuse/xss.slow', 'e2e/redis-setup.slow'],
  ...['ui/desk/desk', 'workers/poison', 'api/deliveries', 'ui/desk/posting', 'refuse/csrf', 'ui/pages/live'],
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at === -1 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

const slowFiles = 'test/**/*.slow.test.ts';

/** `timeoutMs` allows for machines that are slow or busy: where it matters how long a test waits, it has a limit of its own. */
function tier(name: string, timeoutMs: number, files: { include: string[]; exclude?: string[] }) {
  return {
    test: {
      name,
      ...files,
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
      expect: { poll: { timeout: 10_000 } },
      // Files of one worker share their imports instead of loading the same modules again.
      isolate: false,
    },
  } satisfies TestProjectInlineConfiguration;
}

export default defineConfig({
  test: {
    projects: [
      tier('fast', 20_000, { include: ['test/**/*.test.ts'], exclude: [slowFiles] }),
      tier('slow', 120_000, { include: [slowFiles] }),
    ],
    // Most of a test is waiting for a browser, a process or a clock: five fit on two cores.
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/global-setup.ts'],
  },
});
