import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('every Cache-Control value for shared caches is written in one module', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
  const writing = files.filter((name) => /['"`]public, max-age=/.test(readFileSync(`src/${name}`, 'utf8')));
  expect(writing).toEqual(['protocol/cache-control.ts']);
});
