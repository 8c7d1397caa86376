import type {
  Change,
  Correction,
  ItemImage,
  ItemLink,
  MoreFields,
  PublicItem,
  Tombstone,
  Urgency,
  UsableItem,
} from '../item/item.ts';

/**
 * Parses an item of a frame: checks every known field and leaves out unknown ones, so that a newer server does not break an
 * older page. Null when a required field is missing.
 */
export function parseItem(value: unknown): PublicItem | null {
  if (!isRecord(value)) return null;
  const { id, version, place, edition, language, updatedAt } = value;
  if (!isText(id) || !isCount(version) || !isCount(place) || !isText(edition) || !isText(language)) return null;
  const common = {
    id,
    version,
    place,
    edition,
    language,
    dir: value['dir'] === 'rtl' ? ('rtl' as const) : ('ltr' as const),
    updatedAt: typeof updatedAt === 'string' ? updatedAt : '',
  };
  return value['status'] === 'usable' ? parseUsable(value, common) : parseTombstone(value, common);
}

/** An unknown change counts as `attached`, which shows no label. */
export function parseChange(value: unknown): Change {
  return value === 'new' || value === 'corrected' || value === 'refile' || value === 'released' ? value : 'attached';
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a seq, a version, a place or a number of milliseconds. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

type Fields = Readonly<Record<string, unknown>>;

type Common = Pick<Tombstone, 'id' | 'version' | 'place' | 'edition' | 'language' | 'dir' | 'updatedAt'>;

function parseUsable(value: Readonly<Record<string, unknown>>, common: Common): UsableItem | null {
  const { headline, publishedAt } = value;
  if (!isText(headline)) return null;
  return {
    ...common,
    status: 'usable',
    headline,
    urgency: parseUrgency(value['urgency']),
    sections: parseTexts(value['sections']),
    regions: parseTexts(value['regions']),
    topics: parseTexts(value['topics']),
    publishedAt: typeof publishedAt === 'string' ? publishedAt : common.updatedAt,
    ...optionalText(value, 'attribution'),
    ...optionalText(value, 'url'),
    ...optionalText(value, 'expiresAt'),
    ...optionalText(value, 'replaces'),
    ...parseCorrection(value['correction']),
    ...parseMore(value),
  };
}

function parseTombstone(value: Readonly<Record<string, unknown>>, common: Common): Tombstone {
  const { status } = value;
  const known = status === 'withheld' || status === 'expired' ? status : 'retracted';
  return { ...common, status: known, ...optionalText(value, 'notice') };
}

function parseCorrection(value: unknown): { correction?: Correction } {
  if (!isRecord(value)) return {};
  const kind = value['kind'] === 'refile' ? 'refile' : 'corrected';
  return { correction: { kind, ...optionalText(value, 'note'), ...optionalText(value, 'at') } };
}

/** What an item has below its line. A link or a picture that is not https, or lacks a part, is left out. */
export function parseMore(value: Fields): MoreFields & { readonly hasMore?: true } {
  const { paragraphs, links, quote } = value;
  const image = parseImage(value['image']);
  return {
    ...(Array.isArray(paragraphs) && { paragraphs: parseTexts(paragraphs) }),
    ...(Array.isArray(links) && { links: links.flatMap(parseLink) }),
    ...(image && { image }),
    ...(isRecord(quote) &&
      isText(quote['text']) &&
      isText(quote['by']) && { quote: { text: quote['text'], by: quote['by'] } }),
    ...(value['hasMore'] === true && { hasMore: true }),
  };
}

function parseLink(value: unknown): readonly ItemLink[] {
  return isRecord(value) && isText(value['text']) && isHttps(value['url'])
    ? [{ text: value['text'], url: value['url'] }]
    : [];
}

function parseImage(value: unknown): ItemImage | null {
  if (!isRecord(value)) return null;
  const { url, alt, width, height } = value;
  if (!isHttps(url) || !isText(alt) || !isCount(width) || !isCount(height)) return null;
  return { url, alt, ...optionalText(value, 'credit'), width, height };
}

function isHttps(value: unknown): value is string {
  return isText(value) && value.startsWith('https://');
}

function parseUrgency(value: unknown): Urgency {
  return value === 'flash' || value === 'update' ? value : 'urgent';
}

function parseTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isText) : [];
}

function optionalText<Name extends string>(
  value: Readonly<Record<string, unknown>>,
  name: Name,
): { [Key in Name]?: string } {
  const text = value[name];
  const found: { [Key in Name]?: string } = {};
  if (isText(text)) found[name] = text;
  return found;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
