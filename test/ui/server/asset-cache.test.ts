import { expect, test } from 'vitest';
import { createAsset } from '../../../src/ui/server/asset.ts';
import { AssetCache } from '../../../src/ui/server/asset-cache.ts';

const asset = (size: number, letter = 'x') => createAsset(letter.repeat(size), 'text/plain', {});

test('the asset cache keeps what fits into its limit, and drops its oldest entries', () => {
  const cache = new AssetCache(31_000);
  for (const key of ['a', 'b', 'c']) cache.set(key, asset(9_000));
  expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([true, true, true]);
  cache.set('d', asset(9_000));
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== undefined)).toEqual([false, true, true, true]);
  cache.set('e', asset(31_000));
  expect(['d', 'e'].map((key) => cache.get(key))).toEqual([undefined, undefined]);
});

test('the asset cache counts each key once, and no dropped entry', () => {
  const cache = new AssetCache(31_000);
  for (let n = 0; n < 10; n++) cache.set('a', asset(9_000, String(n)));
  expect(cache.get('a')?.body.toString()).toMatch(/^9+$/);
  cache.set('b', asset(9_000));
  expect(cache.get('a')).toBeDefined();
  cache.clear();
  expect(cache.get('b')).toBeUndefined();
  for (const key of ['c', 'd', 'e']) cache.set(key, asset(9_000));
  expect(cache.get('c')).toBeDefined();
});
