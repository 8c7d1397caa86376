import type { PublicItem } from '../../item/item.ts';

/** A part of a path. Half of a surrogate pair becomes U+FFFD rather than an error. Browsers of 2022 have no `toWellFormed`. */
export function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

export function itemPath(item: Pick<PublicItem, 'id'>): string {
  return `/item/${encode(item.id)}`;
}

export function livePath(edition: string): string {
  return `/live/${encode(edition)}`;
}
