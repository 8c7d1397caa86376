import { type ItemImage, lineOf, type PublicItem, wireTime } from '../../../item/item.ts';
import { quotation } from '../../../item/more.ts';
import { type Site, type SiteEdition, siteName } from '../../../item/site.ts';
import { itemPath, livePath } from '../../news/paths.ts';
import { stringsOf } from '../../strings/strings.ts';
import { labelOf } from '../document.ts';
import type { TakenBack } from '../news-source.ts';

/** A feed before formatting. All of it is plain text; times are RFC 3339. */
export interface FeedDocument {
  readonly title: string;
  readonly summary: string;
  /** The name of the site. */
  readonly author: string;
  readonly language: string;
  /** The address of this feed, absolute. */
  readonly address: string;
  /** The address of its page. */
  readonly home: string;
  readonly updated: string;
  /** Newest place first. */
  readonly entries: readonly FeedEntry[];
  readonly deleted: readonly DeletedEntry[];
}

export interface FeedEntry {
  /** Never changes. */
  readonly id: string;
  readonly url: string;
  readonly title: string;
  readonly text: string;
  /** What the item has below its line: paragraphs, the quote, links with their addresses. */
  readonly below: readonly string[];
  readonly image?: ItemImage;
  /** Absent when it is the feed's. */
  readonly language?: string;
  readonly published: string;
  readonly updated: string;
  readonly categories: readonly { readonly id: string; readonly label: string }[];
  readonly version: number;
  readonly status: PublicItem['status'];
  readonly urgency?: string;
}

export interface DeletedEntry {
  readonly id: string;
  readonly when: string;
  readonly comment?: string;
}

export interface FeedNews {
  readonly items: readonly PublicItem[];
  readonly withdrawn: readonly TakenBack[];
  readonly updated: string;
}

/**
 * The newest items, and the notices of items retracted in the last 48 h in their places, whether lists still show them or
 * not.
 */
export function feedDocument(
  { site, edition, address }: { readonly site: Site; readonly edition: SiteEdition; readonly address: string },
  { items, withdrawn, updated }: FeedNews,
): FeedDocument {
  const strings = stringsOf('pages', edition.language);
  const author = siteName(site, edition.language);
  const listed = new Set(items.map(({ id }) => id));
  const notices = withdrawn.filter((one) => one.notice !== null && !listed.has(one.id)).map(noticeOf(edition));
  const all = [...items, ...notices].sort((a, b) => b.place - a.place);
  return {
    title: `${author} · ${strings.liveTitle}`,
    author,
    summary: strings.liveSummary,
    language: edition.language,
    address,
    home: new URL(livePath(edition.id), address).href,
    updated,
    entries: all.map((item) => entryOf(site, edition, item, address)),
    deleted: deletedOf(items, withdrawn),
  };
}

function noticeOf({ id: edition }: SiteEdition) {
  return ({ id, version, place, language, dir, at, notice }: TakenBack): PublicItem => ({
    ...{ id, version, place, edition, language, dir, status: 'retracted', updatedAt: wireTime(at) },
    ...(notice !== null && { notice }),
  });
}

/** The removed items. A tombstone among the items counts too. The reason why an item was hidden or expired is not public. */
function deletedOf(items: readonly PublicItem[], withdrawn: readonly TakenBack[]): readonly DeletedEntry[] {
  const ids = new Set(withdrawn.map(({ id }) => id));
  const standing = items.flatMap((item) =>
    item.status === 'usable' || ids.has(item.id)
      ? []
      : [{ id: entryId(item.id), when: item.updatedAt, ...(item.notice && { comment: item.notice }) }],
  );
  const gone = withdrawn.map(({ id, at, notice }) => ({
    id: entryId(id),
    when: wireTime(at),
    ...(notice !== null && { comment: notice }),
  }));
  return [...standing, ...gone];
}

function entryOf(site: Site, edition: SiteEdition, item: PublicItem, address: string): FeedEntry {
  const title = titleOf(edition, item);
  const note = item.status === 'usable' ? item.correction?.note : undefined;
  return {
    id: entryId(item.id),
    url: new URL(itemPath(item), address).href,
    title,
    text: note ? `${title} — ${stringsOf('ticker', edition.language).corrected}: ${note}` : title,
    below: belowOf(item),
    ...(item.status === 'usable' && item.image && { image: item.image }),
    ...(item.status === 'usable' && item.language !== edition.language && { language: item.language }),
    published: item.status === 'usable' ? item.publishedAt : item.updatedAt,
    updated: item.updatedAt,
    categories: categoriesOf(site, edition, item),
    version: item.version,
    status: item.status,
    ...(item.status === 'usable' && { urgency: item.urgency }),
  };
}

function belowOf(item: PublicItem): readonly string[] {
  if (item.status !== 'usable') return [];
  const { paragraphs = [], quote, links = [] } = item;
  return [...paragraphs, ...(quote ? [quotation(quote)] : []), ...links.map(({ text, url }) => `${text}: ${url}`)];
}

/** Isolates an agency whose name runs in the other direction: plain text has no markup for it. */
function titleOf(edition: SiteEdition, item: PublicItem): string {
  const strings = stringsOf('ticker', edition.language);
  if (item.status !== 'usable') return item.notice ? `${strings.withdrawn}: ${item.notice}` : strings.withdrawn;
  const { attribution } = item;
  const line =
    attribution && item.dir === 'rtl' ? lineOf({ ...item, attribution: `\u2068${attribution}\u2069` }) : lineOf(item);
  return item.correction?.kind === 'corrected' ? `${strings.corrected}: ${line}` : line;
}

function categoriesOf(site: Site, edition: SiteEdition, item: PublicItem) {
  if (item.status !== 'usable') return [];
  const named = [...site.sections, ...site.regions, ...site.topics];
  return [...item.sections, ...item.regions, ...item.topics].map((id) => {
    const labels = named.find((facet) => facet.id === id)?.labels;
    return { id, label: labels ? labelOf(labels, edition, id) : id };
  });
}

function entryId(id: string): string {
  return `urn:flashwire:item:${id}`;
}
