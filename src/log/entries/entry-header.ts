/**
 * The fields of an entry in the stream `log`, by their letter, as append.lua writes them. A field that does not apply is the
 * empty string. docs/chain.md has the same table.
 */
export const entryHeader = {
  b: 'link of the entry before',
  u: 'link of the newest event of the audit trail',
  h: 'link of this entry',
  o: 'seq of the oldest entry of the stream',
  e: 'epoch',
  c: 'id of the command',
  i: 'id of the item',
  v: 'version',
  p: 'place',
  t: 'time of the append, ms',
  a: 'time of the first publication, ms',
  d: 'SHA-256 of the text, hex',
  w: 'facets before, JSON; empty where the item was not shown',
  n: 'facets after, JSON; empty where the item is not shown',
  k: 'change of a shown item',
  r: 'reason of a removal',
  m: 'notice that replaces a retracted item',
} as const;

export type EntryLetter = keyof typeof entryHeader;
