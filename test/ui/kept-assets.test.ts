import { expect, test } from 'vitest';
import { createAsset } from '../../src/ui/server/asset.ts';
import { KeptAssets } from '../../src/ui/server/kept-assets.ts';

const asset = (size: number, letter = 'x') => createAsset(letter.repeat(size), 'text/plain', {});

test('keeps what fits into its bytes, and gives up what was kept first', () => {
  const kept = new KeptAssets(31_000);
  for (const key of ['a', 'b', 'c']) kept.set(key, asset(9_000));
  expect(['a', 'b', 'c'].map((key) => kept.get(key) !== undefined)).toEqual([true, true, true]);
  kept.set('d', asset(9_000));
  expect(['a', 'b', 'c', 'd'].map((key) => kept.get(key) !== undefined)).toEqual([false, true, true, true]);
  kept.set('e', asset(31_000));
  expect(['d', 'e'].map((key) => kept.get(key))).toEqual([undefined, undefined]);
});

test('counts each key once, and nothing of what it has let go', () => {
  const kept = new KeptAssets(31_000);
  for (let n = 0; n < 10; n++) kept.set('a', asset(9_000, String(n)));
  expect(kept.get('a')?.body.toString()).toMatch(/^9+$/);
  kept.set('b', asset(9_000));
  expect(kept.get('a')).toBeDefined();
  kept.clear();
  expect(kept.get('b')).toBeUndefined();
  for (const key of ['c', 'd', 'e']) kept.set(key, asset(9_000));
  expect(kept.get('c')).toBeDefined();
});
