import { expect, test } from 'vitest';
import { parseTarget } from '../../../src/fanout/admission/feed-request.ts';

/** Bytes of heap for each call. The least of several counts, because a garbage collection makes a count too small or negative. */
function bytesPerCall(call: (n: number) => unknown): number {
  const calls = 5_000;
  const counts = Array.from({ length: 20 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < calls; n++) call(n);
    return (process.memoryUsage().heapUsed - before) / calls;
  });
  return counts.filter((count) => count > 0).sort((a, b) => a - b)[Math.floor(counts.length / 4)] ?? 0;
}

test('a target that is not read takes little memory, because each of five endpoints looks at the target of every request', () => {
  expect(bytesPerCall((n) => parseTarget(`/v1/feed.json?edition=en&n=${n}`)?.path)).toBeLessThan(300);
});

test('the query of a target is parsed when it is read', () => {
  const target = parseTarget('/v1/feed.json?edition=en&limit=5');
  expect([target?.path, target?.query.get('limit')]).toEqual(['/v1/feed.json', '5']);
  expect(parseTarget('/v1/feed.json')?.query.size).toBe(0);
  expect(['//host/path', 'http://host/path', ''].map(parseTarget)).toEqual([null, null, null]);
});
