import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { breakages, brokenProgram } from '../../torture/breakage.ts';
import { shortfallsOf } from '../../torture/checker/shortfall.ts';
import { faults } from '../../torture/faults/faults.ts';
import { torture } from '../../torture/run.ts';
import { OneRedisSite } from '../../torture/site/one-redis-site.ts';

/** `npm run torture` lives through all of them, longer, and breaks every guarantee with `--break`. */
const lived = ['worker killed', 'Redis killed', 'poison jobs', 'pub/sub cut', 'fan-out killed'];
const broken = ['a-command-is-one-entry', 'same-bytes-everywhere'];

async function live(names: readonly string[], breakage: string | null) {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-torture-test-'));
  try {
    return await torture({
      seed: 1,
      isShort: true,
      perSecond: 20,
      faults: faults.filter(({ name }) => names.includes(name)),
      otherFolder: null,
      file: join(folder, 'history.ndjson'),
      open: () => OneRedisSite.open(breakage === null ? 'dist/src/main.js' : brokenProgram(breakage, folder)),
      onFault: () => undefined,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('real processes live through faults, and the history proves that nothing was lost, doubled or published against a no', async () => {
  const { verdict, rows } = await live(lived, null);
  expect(verdict.violations).toEqual([]);
  expect(rows.map(({ fault }) => fault)).toEqual(lived);
  // How soon it accepts again is measured by `npm run torture`, alone on its machine.
  expect(rows.flatMap((row) => shortfallsOf({ ...row, acceptsWithinMs: 15_000 }))).toEqual([]);
  for (const { fault, accepted } of rows) {
    expect(accepted, `${fault}: accepted`).toBeGreaterThan(10);
  }
}, 240_000);

test.each(broken)('a build without "%s" is caught', async (name) => {
  const { verdict } = await live(breakages[name]?.faults ?? [], name);
  expect(verdict.violations.map(({ kind }) => kind)).toContain(breakages[name]?.kind);
});
