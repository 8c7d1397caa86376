import { expect, test } from 'vitest';
import { parseOrigins } from '../../src/protocol/origins.ts';

test('origins are compared as a whole', () => {
  const origins = parseOrigins('https://here.example, https://news.example:8443');
  const asked = [
    'https://here.example',
    'https://news.example:8443',
    'https://here.example.evil.example',
    'http://here.example',
    'null',
    undefined,
  ];
  expect(asked.map((origin) => origins.allows(origin))).toEqual([true, true, false, false, false, true]);
  expect(() => parseOrigins('https://here.example/path')).toThrow();
  expect(() => parseOrigins('here.example')).toThrow();
});

test('the list names every origin once, in its normal form, and none where all may read the feed', () => {
  expect(parseOrigins('https://Here.example:443/, http://localhost:3000,https://here.example').list).toEqual([
    'https://here.example',
    'http://localhost:3000',
  ]);
  expect(parseOrigins(' * ').list).toEqual([]);
});
