import { expect, test } from 'vitest';

const script = new URL('../../scripts/check-exports.mjs', import.meta.url).href;
const { unusedExports }: { unusedExports(files: ReadonlyMap<string, string>): readonly string[] } = await import(
  script
);

test('an export that no other file imports is unused', () => {
  const files = new Map([
    ['src/a.ts', 'export const used = 1;\nexport const unused = used;\nexport function dead() {}\n'],
    ['src/b.ts', "import { used } from './a.ts';\n"],
  ]);
  expect(unusedExports(files)).toEqual(['src/a.ts: unused', 'src/a.ts: dead']);
});

test('an import of the same name from another file does not use an export', () => {
  const files = new Map([
    ['src/a.ts', 'export const name = 1;\n'],
    ['src/b.ts', 'export const name = 2;\n'],
    ['test/c.test.ts', "import { name } from '../src/b.ts';\n"],
  ]);
  expect(unusedExports(files)).toEqual(['src/a.ts: name']);
});

test('dynamic imports, namespaces, renames and re-exports use an export', () => {
  const files = new Map([
    ['src/a.ts', 'export class A {}\nexport async function run() {}\nexport const b = 1;\nexport const c = 1;\n'],
    ['src/main.ts', "(await import('./a.ts')).run();\nimport {\n  type A,\n  b as d,\n} from './a.ts';\n"],
    ['src/all.ts', "export { c } from './a.ts';\n"],
  ]);
  expect(unusedExports(files)).toEqual([]);
});

test('a type is used when another export of its file has it', () => {
  const files = new Map([
    ['src/a.ts', 'export interface Options {}\nexport type Dead = 1;\nexport function run(options: Options) {}\n'],
    ['src/b.ts', "import { run } from './a.ts';\n"],
  ]);
  expect(unusedExports(files)).toEqual(['src/a.ts: Dead']);
});
