/**
 * What an item is: the one line that a desk posts and every ticker shows. Pure; shared with the browser, so no zod here
 * (the schema that the desk API parses with is in schema.ts).
 */

export const urgencies = ['flash', 'urgent', 'update'] as const;
export type Urgency = (typeof urgencies)[number];

/** Writing direction of an item's text. */
export const directions = ['ltr', 'rtl'] as const;
export type Direction = (typeof directions)[number];

/** What a shown entry did to its item. `attached`: only its link, its sections, regions, topics or its expiry changed. */
export const changes = ['new', 'corrected', 'refile', 'attached', 'released'] as const;
export type Change = (typeof changes)[number];

/** Why an item left a feed. `moved`: it no longer matches the feed's filter. */
export const removalReasons = ['retracted', 'withheld', 'expired', 'moved'] as const;
export type RemovalReason = (typeof removalReasons)[number];

export const correctionKinds = ['corrected', 'refile'] as const;

/** Why an item is not shown. */
export const withdrawals = ['withheld', 'retracted', 'expired'] as const;
export type Withdrawal = (typeof withdrawals)[number];

/** What a filter looks at, and nothing else. Ids are those of the configuration (topics are free). */
export interface Facets {
  readonly sections: readonly string[];
  readonly regions: readonly string[];
  readonly topics: readonly string[];
  readonly urgency: Urgency;
}

export interface Correction {
  readonly kind: (typeof correctionKinds)[number];
  /** What was wrong and what is right; required when `kind` is `corrected`. */
  readonly note?: string;
  /** RFC 3339; left out in a body whose correction is new: then it is the time of the append (`updatedAt`). */
  readonly at?: string;
}

/** The text and facets of one version, as the log stores it (an opaque string to Redis). */
export interface ItemBody extends Facets {
  readonly edition: string;
  readonly language: string;
  readonly dir: Direction;
  readonly headline: string;
  readonly attribution?: string;
  readonly url?: string;
  /** RFC 3339, UTC, ms. */
  readonly expiresAt?: string;
  readonly correction?: Correction;
  readonly replaces?: string;
  /** The item and version that this one is a translation of. The desk's own: no reader is told. */
  readonly translationOf?: { readonly id: string; readonly version: number };
}

/** The public form of an item that is shown. */
export interface UsableItem extends ItemBody {
  readonly id: string;
  readonly version: number;
  /** seq of the entry that first published it: the order of every list, highest first, kept for life. */
  readonly place: number;
  readonly status: 'usable';
  readonly publishedAt: string;
  readonly updatedAt: string;
}

/** What is left of an item that is not shown; `notice` is what readers are told. Never carries the item's text. */
export interface Tombstone {
  readonly id: string;
  readonly version: number;
  readonly place: number;
  readonly edition: string;
  readonly language: string;
  readonly dir: Direction;
  readonly status: Withdrawal;
  readonly updatedAt: string;
  readonly notice?: string;
}

export type PublicItem = UsableItem | Tombstone;

/** Milliseconds since 1970 (Redis' clock) to the wire's RFC 3339. */
export function wireTime(ms: number): string {
  return new Date(ms).toISOString();
}

export interface Stamp {
  readonly id: string;
  readonly version: number;
  readonly place: number;
  readonly publishedAtMs: number;
  readonly updatedAtMs: number;
}

/** Joins a stored body with what the append decided about it. */
export function usableItem(body: ItemBody, stamp: Stamp): UsableItem {
  const updatedAt = wireTime(stamp.updatedAtMs);
  const { correction, ...rest } = body;
  return {
    id: stamp.id,
    version: stamp.version,
    place: stamp.place,
    ...rest,
    status: 'usable',
    publishedAt: wireTime(stamp.publishedAtMs),
    updatedAt,
    ...(correction && { correction: { ...correction, at: correction.at ?? updatedAt } }),
  };
}

/** How a line reads: "AFP: headline", or the headline alone. */
export function lineOf(item: Pick<ItemBody, 'attribution' | 'headline'>): string {
  return item.attribution ? `${item.attribution}: ${item.headline}` : item.headline;
}
