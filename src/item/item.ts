/**
 * An item: one line of news, which an editor posts and every ticker shows. Pure, and shared with the browser, so without zod
 * (schema.ts has the schema of the API).
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

/** The only fields that a filter reads. Sections and regions are ids of the configuration; topics are free. */
export interface Facets {
  readonly sections: readonly string[];
  readonly regions: readonly string[];
  readonly topics: readonly string[];
  readonly urgency: Urgency;
}

export interface Correction {
  readonly kind: (typeof correctionKinds)[number];
  /** What was wrong and what is right. Required if `kind` is `corrected`. */
  readonly note?: string;
  /** RFC 3339. Absent in the body of a new correction: then it is the time of the append (`updatedAt`). */
  readonly at?: string;
}

/** A link below an item. */
export interface ItemLink {
  readonly text: string;
  /** https */
  readonly url: string;
}

/** A picture, which readers load from the place that has it. */
export interface ItemImage {
  /** https */
  readonly url: string;
  /** What the picture shows, for people who do not see it. */
  readonly alt: string;
  readonly credit?: string;
  /** Pixels, so that a page keeps room for it. */
  readonly width: number;
  readonly height: number;
}

/** Words of a person or of a paper. */
export interface ItemQuote {
  readonly text: string;
  readonly by: string;
}

/** What an item may have below its line. A default frame says only that there is some of it (`hasMore`). */
export interface MoreFields {
  readonly paragraphs?: readonly string[];
  readonly links?: readonly ItemLink[];
  readonly image?: ItemImage;
  readonly quote?: ItemQuote;
}

/** The text and facets of one version, as readers receive them. */
export interface PublicBody extends Facets, MoreFields {
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
}

/** A body as the log stores it (an opaque string to Redis). */
export interface ItemBody extends PublicBody {
  /** The item and version that this one translates. For the desk only: the schema of reply.ts drops it, so no client gets it. */
  readonly translationOf?: { readonly id: string; readonly version: number };
}

/** The public form of an item that is shown. */
export interface UsableItem extends PublicBody {
  readonly id: string;
  readonly version: number;
  /** seq of the entry that first published it. Lists are ordered by it, highest first. It never changes. */
  readonly place: number;
  readonly status: 'usable';
  /** In a default frame, which leaves out what the item has below its line (more.ts). */
  readonly hasMore?: true;
  readonly publishedAt: string;
  readonly updatedAt: string;
}

/** What remains of an item that is not shown. `notice` is the text for readers. Never has the item's own text. */
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

/** Milliseconds since 1970 (Redis' clock) as RFC 3339. */
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

/** Joins a body with the stamp of its append. */
export function usableItem(body: PublicBody, stamp: Stamp): UsableItem {
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

/** The line that readers see: "AFP: headline", or only the headline. */
export function lineOf(item: Pick<PublicBody, 'attribution' | 'headline'>): string {
  return item.attribution ? `${item.attribution}: ${item.headline}` : item.headline;
}
