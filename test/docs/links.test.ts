import { existsSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { anchorsOf, documents, isHistory, linksOf } from './documents.ts';

const textOf = new Map(documents.map(({ path, text }) => [path, text]));
const current = documents.filter(({ path }) => !isHistory(path));

/** Where the links of a document lead within the repository: a path from its root, and the anchor if there is one. */
function targetsOf(path: string): readonly { readonly file: string; readonly anchor: string | undefined }[] {
  return linksOf(textOf.get(path) ?? '')
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file = '', anchor] = link.split('#');
      return { file: file === '' ? path : normalize(join(path, '..', file)), anchor };
    });
}

test.each(current)('every link of $path leads to a file, and to a heading where it names one', ({ path }) => {
  const dead = targetsOf(path).filter(({ file, anchor }) => {
    if (!existsSync(file)) return true;
    return anchor !== undefined && !anchorsOf(textOf.get(file) ?? '').has(anchor);
  });
  expect(dead).toEqual([]);
});

test('links lead from README.md to every document', () => {
  const reached = new Set(['README.md']);
  for (const path of reached)
    for (const { file } of targetsOf(path)) {
      const isFolder = existsSync(file) && statSync(file).isDirectory();
      const document = isFolder ? join(file, 'README.md') : file;
      if (textOf.has(document)) reached.add(document);
    }
  expect(documents.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
});

test('README.md has at most 700 words', () => {
  expect((textOf.get('README.md') ?? '').split(/\s+/).filter((word) => word !== '').length).toBeLessThanOrEqual(700);
});

test('a heading has the anchor that GitHub gives it', () => {
  const text = '# A fan-out process\n\n```sh\n# no heading\n```\n\n## Two: `a`, b\n\n## Two: `a`, b\n';
  expect([...anchorsOf(text)]).toEqual(['a-fan-out-process', 'two-a-b', 'two-a-b-1']);
});
