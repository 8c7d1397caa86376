import { expect, test } from 'vitest';
import { namesTag } from '../../src/protocol/etag.ts';

test.each<[header: string | undefined, etag: string, isNamed: boolean]>([
  ['W/"a:1"', 'W/"a:1"', true],
  ['"a:1"', 'W/"a:1"', true],
  ['W/"a:1"', '"a:1"', true],
  ['"x", W/"a:1"', 'W/"a:1"', true],
  ['"x","a:1","y"', 'W/"a:1"', true],
  ['"x,y", "a:1"', '"a:1"', true],
  ['"a,b"', '"a,b"', true],
  ['*', 'W/"a:1"', true],
  [' * ', 'W/"a:1"', true],
  ['""', '""', true],
  [undefined, '"a:1"', false],
  ['', '"a:1"', false],
  ['a:1', '"a:1"', false],
  ['"a:1', '"a:1"', false],
  ['"A:1"', '"a:1"', false],
  ['"xa:1"', '"a:1"', false],
  ['"*"', '"a:1"', false],
])('If-None-Match %j matches the ETag %j: %j', (header, etag, isNamed) => {
  expect(namesTag(header, etag)).toBe(isNamed);
});
