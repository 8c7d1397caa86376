import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';

const roots = ['src', 'workers', 'native', 'bench', 'torture', 'scripts'];
const files = roots.flatMap((root) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`),
);
const sources = files.filter((file) => /\.(?:tsx?|mjs|lua|css|c)$/.test(file));

/** `folder`, and in its text the rooms of that folder: `a`, `b`. */
const rows = [...readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| (`[^|]+`) \| (.+) \|$/gm)].flatMap(
  ([, first = '', text = '']) =>
    [...first.matchAll(/`([\w/-]+)`/g)].flatMap(([, folder = '']) => [
      folder,
      ...[...text.matchAll(/`([a-z]+)`/g)].map(([, room]) => `${folder}/${room}`),
    ]),
);

test('ARCHITECTURE.md names every folder that holds files, and no other', () => {
  const folders = new Set(files.map((file) => dirname(file)).filter((folder) => folder !== 'src'));
  const missing = [...folders].filter((folder) => !rows.includes(folder));
  expect(missing).toEqual([]);
  const named = rows.filter((row) => roots.includes(row.split('/')[0] ?? '') && row.split('/').length > 1);
  const gone = named.filter((row) => !files.some((file) => file.startsWith(`${row}/`)));
  expect(gone).toEqual([]);
});

test('no folder has more than 20 source files', () => {
  const counts = new Map<string, number>();
  for (const file of sources) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > 20)).toEqual([]);
});
