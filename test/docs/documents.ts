import { readdirSync, readFileSync } from 'node:fs';

export interface Document {
  readonly path: string;
  readonly text: string;
}

/** Every Markdown document of the repository root, of docs/ recursively, and two that live beside what they describe. */
export const documents: readonly Document[] = [
  ...readdirSync('.'),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
  'bench/RESULTS.md',
  'examples/README.md',
]
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

/** The changelog and the decisions describe the past: they may name files that have moved since. */
export function isHistory(path: string): boolean {
  return path === 'CHANGELOG.md' || path.startsWith('docs/decisions/');
}

/** The one document that has a table with this first line. Throws where there is none or more than one. */
export function documentWithTable(head: string): Document {
  const found = documents.filter(({ text }) => text.includes(`\n${head}\n`));
  const [only] = found;
  if (!only || found.length > 1)
    throw new Error(`"${head}" heads a table in ${found.map(({ path }) => path).join(', ') || 'no document'}`);
  return only;
}

/** The text without its blocks of code, whose comments are no headings and whose brackets are no links. */
function proseOf(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}

/** The targets of all links and images of a Markdown text, as they are written. */
export function linksOf(text: string): readonly string[] {
  return [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
}

/** The anchors that GitHub gives to the headings of a Markdown text. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, title = ''] of proseOf(text).matchAll(/^#+ (.+)$/gm)) {
    const anchor = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\s-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    let count = 0;
    while (anchors.has(count === 0 ? anchor : `${anchor}-${count}`)) count += 1;
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return anchors;
}
