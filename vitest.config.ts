import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take longest, before all others: what begins last decides when all is done. Those that mostly wait alternate with those
 * that keep a core busy.
 */
const longest = [
  ...['invariants/11-typed-text.slow', 'e2e/demo.slow', 'e2e/canary.slow', 'e2e/desk.slow', 'refuse/http-abuse.slow'],
  ...['e2e/schema.slow', 'torture/torture.slow', 'e2e/redis-trouble.slow', 'deploy/compose.slow', 'e2e/export.slow'],
  ...['invariants/7-kill.slow', 'e2e/clock.slow', 'e2e/redis-setup.slow', 'refuse/json-abuse.slow'],
  ...['refuse/xss.slow', 'ui/pages/missing.slow', 'e2e/memory.slow', 'api/stream/commands.slow'],
  ...['deploy/redis-users.slow', 'refuse/csrf.slow', 'e2e/import-kill.slow', 'refuse/brute-force.slow'],
  ...['e2e/command-lines.slow', 'deploy/image.slow', 'invariants/6-bounded.slow', 'workers/worker-kill.slow'],
  ...['ops/supervisor.slow', 'deploy/nginx.slow', 'refuse/limits.slow'],
  ...['api/deliveries', 'ui/desk/posting', 'workers/poison', 'api/stream/stream', 'ui/ticker/ticker'],
  ...['ui/pages/live', 'workers/workers', 'ui/desk/desk', 'ui/desk/stream', 'ui/pages/news-pages'],
  ...['client/fallback', 'e2e/main-job'],
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

/**
 * `timeoutMs` allows for machines that are slow or busy: where it matters how long a test waits, it has a limit of its own. Most of a
 * test is waiting for a browser, a process or a clock, so that more than one worker fits on a core.
 */
function tier(name: string, timeoutMs: number, maxWorkers: number, files: { include: string[]; exclude?: string[] }) {
  return {
    test: {
      name,
      ...files,
      maxWorkers,
      // Projects with different numbers of workers run one after the other.
      sequence: { groupOrder: maxWorkers },
      // What a started process has until it is ready (test/resources/flashwire.ts).
      env: { START_DEADLINE_MS: String(Math.min(45_000, timeoutMs - 2_000)) },
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
      tier('fast', 20_000, 6, { include: ['test/**/*.test.ts'], exclude: [slowFiles] }),
      tier('slow', 120_000, 8, { include: [slowFiles] }),
    ],
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/global-setup.ts'],
  },
});
