import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { entryHeader } from '../../../src/log/entries/entry-header.ts';
import { editionKeys } from '../../../src/log/redis/redis-keys.ts';

const filesOf = (ending: string) =>
  readdirSync('src/log', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ name, text: readFileSync(`src/log/${name}`, 'utf8') }));

const lua = filesOf('.lua');
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const quoted = (list: string) => [...list.matchAll(/'(\w+)'/g)].map(([, name = '']) => name);

/** The names that a module gives each script: `new Script(new URL('./x.lua', ..), { keys: [..], args: [..] })`. */
const called = new Map(
  filesOf('.ts').flatMap(({ text }) =>
    [
      ...text.matchAll(
        /new Script\(new URL\('\.\/([\w-]+\.lua)', import\.meta\.url\), \{\s*keys: \[([^\]]*)\],\s*args: \[([^\]]*)\],?\s*\}\)/g,
      ),
    ].map(([, file = '', keys = '', args = '']) => [file, { keys: quoted(keys), args: quoted(args) }] as const),
  ),
);

/** The names that a header comment lists under a title, `...` apart. */
function listed(text: string, title: 'KEYS' | 'ARGV'): readonly string[] {
  const [, block = ''] = new RegExp(`^-- ${title}\\n((?:--   .*\\n)+)`, 'm').exec(text) ?? [];
  return [...block.matchAll(/^-- {3}([a-z_]+(?:, [a-z_]+)*)/gm)].flatMap(([, names = '']) => names.split(', '));
}

/** The locals that a script gives KEYS or ARGV; null where it gives none. */
function locals(text: string, title: 'KEYS' | 'ARGV'): readonly string[] | null {
  const [, names] = new RegExp(`^local ([a-z_,\\s]+?) = unpack\\(${title}\\)$`, 'm').exec(text) ?? [];
  return names === undefined ? null : names.split(/,\s*/);
}

test('every script with a header is called by one module', () => {
  const withHeader = lua.filter(({ text }) => text.includes('-- KEYS')).map(({ name }) => basename(name));
  expect(withHeader.length).toBeGreaterThanOrEqual(7);
  expect([...called.keys()].sort()).toEqual(withHeader.sort());
});

describe.each(lua.filter(({ text }) => text.includes('-- KEYS')))('the script $name', ({ name, text }) => {
  const names = called.get(basename(name));

  test('lists the KEYS and ARGV that its module passes, in their order', () => {
    expect(listed(text, 'KEYS')).toEqual(names?.keys.map((key) => `${snake(key)}_key`));
    expect(listed(text, 'ARGV')).toEqual(names?.args.map(snake));
  });

  test('names its KEYS and ARGV as its header lists them', () => {
    expect(locals(text, 'ARGV') ?? []).toEqual(listed(text, 'ARGV'));
    expect(locals(text, 'KEYS') ?? listed(text, 'KEYS')).toEqual(listed(text, 'KEYS'));
  });
});

test('no script uses KEYS or ARGV by number', () => {
  expect(lua.filter(({ text }) => /\b(?:KEYS|ARGV)\[/.test(text)).map(({ name }) => name)).toEqual([]);
});

test('scripts name keys as redis-keys.ts does', () => {
  const keys = new Map(Object.entries(editionKeys('fw', 'en')));
  const used = new Set(
    lua.flatMap(({ text }) => [...text.matchAll(/\bkey\(base, '(\w+)'/g)].map(([, name = '']) => name)),
  );
  expect(used.size).toBeGreaterThan(5);
  for (const name of used) {
    const key = keys.get(name);
    expect(typeof key === 'function' ? key('1', '') : key, name).toBe(
      `fw:{en}:${name}${typeof key === 'function' ? ':1' : ''}`,
    );
  }
  expect(lua.filter(({ name, text }) => !name.endsWith('prelude.lua') && /\bbase \.\./.test(text))).toEqual([]);
});

test('append.lua writes the letters of an entry that entry-header.ts lists', () => {
  const text = lua.find(({ name }) => name.endsWith('append.lua'))?.text ?? '';
  const [, header = ''] = /local header = \{([^}]*)\}/.exec(text) ?? [];
  const [, links = ''] = /'XADD', log_key, ([^\n]*), unpack\(header\)/.exec(text) ?? [];
  const letters = [...`${links}, ${header}`.matchAll(/'([a-z])'/g)].map(([, letter = '']) => letter);
  expect(letters).toEqual(Object.keys(entryHeader));
});

test('docs/chain.md lists the letters of an entry as entry-header.ts does', () => {
  const [, table = ''] =
    /\| field of an entry \| content \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(readFileSync('docs/chain.md', 'utf8')) ?? [];
  const rows = [...table.matchAll(/^\| `([a-z])` \| (.+) \|$/gm)].map(([, letter, meaning]) => [letter, meaning]);
  expect(Object.fromEntries(rows)).toEqual(entryHeader);
});
