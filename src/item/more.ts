import type { ItemQuote, MoreFields, PublicItem } from './item.ts';

const moreNames = ['paragraphs', 'links', 'image', 'quote'] as const satisfies readonly (keyof MoreFields)[];

/** The fields of an item in a feed: `default` has its line, `full` has also what is below it. */
export const fieldSets = ['default', 'full'] as const;
export type FieldSet = (typeof fieldSets)[number];

export function hasMore(item: PublicItem): boolean {
  return item.status === 'usable' && moreNames.some((name) => item[name] !== undefined);
}

/** An item as a default frame has it: the same object if there is nothing below its line. */
export function withoutMore(item: PublicItem): PublicItem {
  if (item.status !== 'usable' || !hasMore(item)) return item;
  const { paragraphs, links, image, quote, ...line } = item;
  return { ...line, hasMore: true };
}

/** A quote as plain text. */
export function quotation({ text, by }: ItemQuote): string {
  return `“${text}” — ${by}`;
}
