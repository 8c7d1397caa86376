import { readdirSync, readFileSync } from 'node:fs';

export interface Document {
  readonly path: string;
  readonly text: string;
}

/** Every Markdown document of the repository root and, recursively, of docs/: its path from the root, and its text. */
export const documents: readonly Document[] = [
  ...readdirSync('.'),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
]
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

/** The one document that has a table with this first line. Throws where there is none or more than one. */
export function documentWithTable(head: string): Document {
  const found = documents.filter(({ text }) => text.includes(`\n${head}\n`));
  const [only] = found;
  if (!only || found.length > 1)
    throw new Error(`"${head}" heads a table in ${found.map(({ path }) => path).join(', ') || 'no document'}`);
  return only;
}
