import { type Source, sourceKey } from './source.ts';

/** A line as a person types it, split: "AFP: headline", or a headline alone. */
export interface TypedLine {
  readonly headline: string;
  readonly attribution?: string;
}

/** The part before the first ": ", which may name a source; null if there is none. */
export function colonPart(text: string): { readonly before: string; readonly after: string } | null {
  const line = text.trim();
  const end = line.indexOf(': ');
  const before = line.slice(0, Math.max(0, end)).trim();
  const after = line.slice(end + 2).trim();
  return before === '' || after === '' ? null : { before, after };
}

/**
 * A colon introduces a source only if the source is known: "Gaza ceasefire: what we know" is a headline. The attribution is the
 * known name, however it was typed.
 */
export function parseTypedLine(text: string, sources: readonly Pick<Source, 'name'>[]): TypedLine {
  const part = colonPart(text);
  const key = part && sourceKey(part.before);
  const source = key ? sources.find(({ name }) => sourceKey(name) === key) : undefined;
  return part && source ? { attribution: source.name, headline: part.after } : { headline: text.trim() };
}
