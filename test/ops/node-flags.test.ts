import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readerProcessFlags, youngGenerationBytes } from '../../src/ops/node-flags.ts';

describe('flags of the processes that hold readers', () => {
  test.each(['src/main.ts', 'Dockerfile'])('%s sets all flags of reader processes', (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    for (const flag of readerProcessFlags) expect(text).toContain(flag);
  });
});

test('the young generation has three semi-spaces of the size of the last flag', () => {
  const mb = 2 ** 20;
  expect(youngGenerationBytes([])).toBe(48 * mb);
  expect(youngGenerationBytes(['--max-semi-space-size=32', '--max_semi_space_size=4'])).toBe(12 * mb);
});
