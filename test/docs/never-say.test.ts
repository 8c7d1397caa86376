import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { documents, isHistory } from './documents.ts';

/** Phrases that docs/style.md and docs/glossary.md exclude. At most 25, none of them a common word. */
const phrases = [
  'a second and process', // per second per process
  'anew', // again, new
  'are told', // receive
  'by itself', // automatically
  'by themselves',
  'divided by', // separated by
  'for ever', // permanently
  'for good',
  'goes on where', // resumes
  'in vain',
  'is away', // is unreachable
  'is told', // receives
  'it is no', // it does not, it has no
  'let go of', // release, drop
  "nobody's",
  'sent away', // disconnected
  'stand still', // stop, stall
  'stands still',
  'stood still',
  'taken back', // retracted
  'that is none', // invalid
  'told yes', // acknowledged
  'was told', // received
  'were told',
  'whoever', // a person who, a client that
];
const excluded = new RegExp(`\\b(?:${phrases.map((phrase) => phrase.replaceAll(' ', '\\s+')).join('|')})\\b`, 'gi');

/** They quote what not to say. */
const quoting = ['docs/style.md', 'docs/glossary.md'];

function offencesIn(text: string): readonly string[] {
  return [...text.matchAll(excluded)].map(([phrase]) => phrase.replace(/\s+/g, ' '));
}

const loaders = { '.ts': 'ts', '.tsx': 'tsx', '.mjs': 'js', '.js': 'js' } as const;
const isScript = (kind: string): kind is keyof typeof loaders => kind in loaders;
const commentMarks = { '.lua': '--', '.yml': '#', '.conf': '#', '.json': undefined, '.html': undefined } as const;
const isPlain = (kind: string): kind is keyof typeof commentMarks => kind in commentMarks;

/** The text of a file without its comments: esbuild drops those of scripts, joins strings and makes JSX text a string. */
function withoutComments(path: string): string {
  const text = readFileSync(path, 'utf8');
  const kind = extname(path);
  if (isScript(kind)) {
    const short = { legalComments: 'none', minifyWhitespace: true, minifySyntax: true } as const;
    const { code: bare } = transformSync(text, { ...short, loader: loaders[kind], charset: 'utf8' });
    return bare.replaceAll('\\n', ' ');
  }
  const mark = isPlain(kind) ? commentMarks[kind] : undefined;
  return mark === undefined ? text : text.replace(new RegExp(`(^|\\s)${mark}.*$`, 'gm'), '');
}

const code = ['src', 'workers', 'bench', 'scripts', 'deploy', 'torture', 'demo']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`.replaceAll('\\', '/')),
  )
  .filter((path) => isScript(extname(path)) || isPlain(extname(path)))
  .filter((path) => !path.startsWith('src/ui/releases/') && !path.startsWith('bench/results/'));

const offences = new Map(
  [
    ...documents.filter(({ path }) => !isHistory(path) && !quoting.includes(path)),
    ...code.map((path) => ({ path, text: withoutComments(path) })),
  ]
    .map(({ path, text }) => [path, offencesIn(text)] as const)
    .filter(([, found]) => found.length > 0),
);

test('no document, message or log line has an excluded phrase', () => {
  expect(Object.fromEntries(offences)).toEqual({});
});

test('the list has at most 25 excluded phrases', () => {
  expect(phrases.length).toBeLessThanOrEqual(25);
});

test('a phrase is found across a line break, and not within a longer word', () => {
  expect(offencesIn('It lasts for\n  ever, as Redis is away.')).toEqual(['for ever', 'is away']);
  expect(offencesIn('It is not so, and it is now renewed.')).toEqual([]);
});
