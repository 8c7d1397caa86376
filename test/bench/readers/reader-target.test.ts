import { expect, test } from 'vitest';
import { readerTargets, sourceAddress } from '../../../bench/readers/reader-target.ts';

test('readers are spread over all processes and over all filters', () => {
  const targets = readerTargets(['http://127.0.0.1:8001', 'http://127.0.0.1:8002'], 'en', 'section=politics', 3);
  expect(targets.map((target) => `${target.port} ${target.path}`)).toEqual(
    ['t0', 't1', 't2'].flatMap((topic) =>
      [8_001, 8_002].map((port) => `${port} /v1/feed?edition=en&section=politics&topic=${topic}`),
    ),
  );
});

test('one filter is the query as it was given', () => {
  expect(readerTargets(['http://127.0.0.1:8001'], 'en', '', 1).map((target) => target.path)).toEqual([
    '/v1/feed?edition=en',
  ]);
});

test('on the loopback network readers come from many addresses, elsewhere from the one that the system chooses', () => {
  const addresses = Array.from({ length: 100_000 }, (_, i) => sourceAddress({ host: '127.0.0.1' }, i));
  expect(new Set(addresses).size).toBe(67);
  expect(sourceAddress({ host: 'news.example' }, 0)).toBeUndefined();
  const filtered = Array.from({ length: 10_000 }, (_, i) => sourceAddress({ host: '127.0.0.1' }, i, 1_000));
  expect(new Set(filtered).size).toBe(157);
});
