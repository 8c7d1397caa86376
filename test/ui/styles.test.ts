import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const sheets = readdirSync('src/ui', { recursive: true, encoding: 'utf8' })
  .map((name) => join('src/ui', name))
  .filter((path) => path.endsWith('.css'));
const textOf = (path: string) => readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
const importsOf = (path: string) =>
  [...textOf(path).matchAll(/@import "([^"]+)";/g)].map(([, name]) => join(dirname(path), name ?? ''));
const declarationsIn = (path: string) => [...textOf(path).matchAll(/(?<=[{;]\s*)([\w-]+)\s*:(?!:)[^{}]*?(?=[;}])/g)];
const theme = 'src/ui/theme.css';
const ticker = 'src/ui/ticker/ticker.css';
/** Of the frame page, which holds the ticker and nothing else. */
const frame = 'src/ui/embed/frame.css';
/** In a script of its own. */
const list = 'src/ui/ticker/list/list.css';
/** Each is served under its name. */
const entries = ['src/ui/api.css', 'src/ui/desk.css', 'src/ui/pages.css'];

test('the theme holds custom properties only', () => {
  const names = declarationsIn(theme).map(([, name]) => name ?? '');
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !name.startsWith('--'))).toEqual([]);
});

test('a sheet other than the theme and the ticker sets a custom property for the rehearsal and for editions only', () => {
  const set = sheets
    .filter((path) => path !== theme && path !== ticker)
    .flatMap((path) => declarationsIn(path).map(([text]) => text.trim()))
    .filter((text) => text.startsWith('--'));
  const others = set.filter((text) => !text.startsWith('--edition: '));
  expect(others).toEqual(['--breaking: var(--test)']);
});

test('every custom property of the theme is used, and every one that is used is there', () => {
  const set = new Set(declarationsIn(theme).map(([, name]) => name));
  const used = sheets
    .filter((path) => path !== ticker)
    .flatMap((path) => [...textOf(path).matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name));
  set.add('--edition');
  expect(new Set(used)).toEqual(set);
});

test('a served sheet is a list of imports that begins with the theme, and each other sheet is imported once', () => {
  const imported = entries.flatMap((path) => importsOf(path));
  for (const path of entries) {
    expect(
      textOf(path)
        .replace(/@import "[^"]+";/g, '')
        .trim(),
      path,
    ).toBe('');
    expect(importsOf(path)[0], path).toBe(theme);
  }
  expect(imported.filter((path) => path !== theme).sort()).toEqual(
    sheets.filter((path) => ![theme, ticker, list, frame, ...entries].includes(path)).sort(),
  );
});
