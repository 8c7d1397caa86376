import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { breakages } from '../../torture/breakage.ts';

test.each(Object.entries(breakages))('the edits of --break %s find their place in the build', (_name, { edits }) => {
  const places = edits.map(([file, from]) => readFileSync(`dist/${file}`, 'utf8').split(from).length - 1);
  expect(places).toEqual(edits.map(() => 1));
});
