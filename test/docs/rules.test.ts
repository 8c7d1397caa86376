import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { documents } from './documents.ts';

const idPattern = /\b[A-Z]{2}-\d+\b/g;

/** In PROTOCOL.md an ID in bold is where its rule is stated. */
const rules = [...textOf('PROTOCOL.md').matchAll(/\*\*([A-Z]{2}-\d+)\*\*/g)].map(([, id]) => id ?? '');

const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
  // A contract is tested by the files that call it.
  .filter((path) => /(?:\.test|-contract)\.ts$/.test(path) && path !== 'docs/rules.test.ts')
  .map((path) => ({ path: `test/${path}`, text: readFileSync(`test/${path}`, 'utf8') }));

const vectors = readdirSync('docs/vectors')
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ path: `docs/vectors/${name}`, text: readFileSync(`docs/vectors/${name}`, 'utf8') }));

function textOf(path: string): string {
  return documents.find((document) => document.path === path)?.text ?? '';
}

test('PROTOCOL.md states each rule once', () => {
  expect(rules.length).toBeGreaterThan(80);
  expect(rules.filter((id, at) => rules.indexOf(id) !== at)).toEqual([]);
});

test('every rule of PROTOCOL.md is cited by a test', () => {
  const cited = new Set(tests.flatMap(({ text }) => text.match(idPattern) ?? []));
  expect(rules.filter((id) => !cited.has(id))).toEqual([]);
});

test.each([...tests, ...vectors, ...documents].filter(({ text }) => text.match(idPattern)))(
  'every rule that $path cites is stated in PROTOCOL.md',
  ({ text }) => {
    expect((text.match(idPattern) ?? []).filter((id) => !rules.includes(id))).toEqual([]);
  },
);
