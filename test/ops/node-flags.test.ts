import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readerProcessFlags } from '../../src/ops/node-flags.ts';

describe('flags of the processes that hold readers', () => {
  test.each(['src/main.ts', 'Dockerfile'])('%s gives all of them', (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    for (const flag of readerProcessFlags) expect(text).toContain(flag);
  });
});
