// Part of `npm run check`: every export is used by another file, or leaves the project. Instead of knip, which brings 13 packages.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { endWith, readCommandLine, root, Stop } from './step.mjs';

const folders = ['src', 'workers', 'bench', 'torture', 'test', 'scripts'];
/** Files whose exports other programs import, and those that the build puts in the place of others. */
const entries = [
  'src/client/index.ts',
  'src/ui/dom/jsx-runtime.ts',
  'src/ui/ticker/element.ts',
  'src/ui/ticker/frame-parse.ts',
  'src/ui/ticker/http-sockets.ts',
  'src/ui/desk/preview/no-choices.ts',
  'src/ui/desk/preview/still-feed.ts',
  'src/ui/pages/started-feed.ts',
  'src/ui/pages/tag-edition.ts',
];
const skipped = ['src/ui/releases/', 'test/client/first-release/'];

/**
 * The unused exports of a project, as `<file>: <name>`. A type counts as used if its own file uses it, because it is part of
 * another export.
 * @param {ReadonlyMap<string, string>} files path and text
 * @returns {string[]}
 */
export function unusedExports(files) {
  const uses = new Set([...files].flatMap(([path, text]) => usesIn(path, text, files)));
  return [...files].flatMap(([path, text]) =>
    entries.includes(path)
      ? []
      : exportsOf(text)
          .filter((name) => !isUsed(path, text, name))
          .map((name) => `${path}: ${name}`),
  );

  /**
   * @param {string} path
   * @param {string} text
   * @param {string} name
   */
  function isUsed(path, text, name) {
    if (uses.has(`${path} ${name}`)) return true;
    const isType = new RegExp(`^export (?:declare )?(?:interface|type) ${name}\\b`, 'm').test(text);
    return isType && (text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1;
  }
}

/** @param {string} text */
function exportsOf(text) {
  const declared =
    /^export (?:declare )?(?:async )?(?:abstract )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;
  return [...text.matchAll(declared)].map(([, name = '']) => name);
}

/**
 * `<file> <name>` of everything that a file imports or exports again. A dynamic import and a namespace use every name that
 * the file mentions.
 * @param {string} path
 * @param {string} text
 * @param {ReadonlyMap<string, string>} files
 * @returns {string[]}
 */
function usesIn(path, text, files) {
  const target = (/** @type {string} */ specifier) =>
    specifier.startsWith('#') ? specifier.slice(1) : join(dirname(path), specifier);
  const named = [...text.matchAll(/^(?:import|export) (?:type )?\{([^}]*)\} from '([#.][^']+)'/gm)];
  const whole = [...text.matchAll(/(?:\* as \w+ from |import\(|new URL\()'([#.][^']+)'/g)];
  return [
    ...named.flatMap(([, names = '', from = '']) =>
      names.split(',').map(
        (name) =>
          `${target(from)} ${
            name
              .trim()
              .replace(/^type /, '')
              .split(' as ')[0]
          }`,
      ),
    ),
    ...whole.flatMap(([, from = '']) => {
      const file = target(from).replace(/\.js$/, '.ts');
      const mentioned = new Set(text.match(/\w+/g));
      return exportsOf(files.get(file) ?? '').flatMap((name) => (mentioned.has(name) ? [`${file} ${name}`] : []));
    }),
  ];
}

function read() {
  const paths = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  const files = paths.filter(
    (path) => /\.(?:ts|tsx|mjs)$/.test(path) && !skipped.some((folder) => path.startsWith(folder)),
  );
  return new Map(files.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  readCommandLine('usage: node scripts/check-exports.mjs');
  try {
    const unused = unusedExports(read());
    if (unused.length > 0) throw new Stop(`exports that no other file uses\n  ${unused.join('\n  ')}`);
  } catch (error) {
    endWith(error);
  }
}
