import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderResults } from '../../../bench/figures/results.ts';

test('RESULTS.md is what the committed results say', () => {
  expect(readFileSync(new URL('../../../bench/RESULTS.md', import.meta.url), 'utf8')).toBe(renderResults());
});
