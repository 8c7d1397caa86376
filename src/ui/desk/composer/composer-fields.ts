import { lineOf, type Urgency, urgencies } from '../../../item/item.ts';
import type { Source } from '../../../item/line/source.ts';
import { parseTypedLine } from '../../../item/line/typed-line.ts';
import type { SiteEdition } from '../../../item/site.ts';
import { momentOf, type WallTime, wallTimeAt } from '../../../item/zoned-time.ts';
import { isRecord } from '../../../protocol/item-parse.ts';
import { type BelowFields, belowOf, isEmpty, moreOf, nothingBelow } from '../below/below-fields.ts';
import { shapedLike } from '../browser/shaped-like.ts';
import type { DeskItem, ItemFields } from '../remote/desk-item.ts';

/** How long any editor can stop a line before it goes out, s. */
export const holdSeconds = 3;

/** What is in the boxes of a form, as an editor types it. */
export interface ComposerFields {
  readonly line: string;
  readonly urgency: Urgency;
  readonly url: string;
  readonly sections: readonly string[];
  readonly regions: readonly string[];
  readonly topics: readonly string[];
  /** In the edition's time zone; empty: published at once, and never expires. */
  readonly notBefore: WallTime;
  readonly until: WallTime;
  readonly below: BelowFields;
  /** What a line that was sent before replaces or translates. */
  readonly links?: Links;
}

/** The other items that an item is about. */
export type Links = Pick<ItemFields, 'replaces' | 'translationOf'>;

export const emptyFields: ComposerFields = {
  line: '',
  urgency: 'urgent',
  url: '',
  sections: [],
  regions: [],
  topics: [],
  notBefore: '',
  until: '',
  below: nothingBelow,
};

/** What this browser kept of a box that held a line; null if it held none. An older version of this page kept the line alone. */
export function keptFieldsOf(kept: unknown): ComposerFields | null {
  if (typeof kept === 'string') return kept === '' ? null : { ...emptyFields, line: kept };
  if (!isRecord(kept)) return null;
  const { urgency, ...fields } = shapedLike(emptyFields, kept);
  const links = isRecord(kept['links']) ? { links: linksOf(kept['links']) } : {};
  return fields.line === '' && isEmpty(fields.below)
    ? null
    : { ...fields, urgency: urgencies.find((one) => one === urgency) ?? 'urgent', ...links };
}

/** The API validates them. */
function linksOf({ replaces, translationOf }: Readonly<Record<string, unknown>>): Links {
  return {
    ...(typeof replaces === 'string' && { replaces }),
    ...(isRecord(translationOf) && { translationOf: translationOf as unknown as { id: string; version: number } }),
  };
}

/** The boxes as the fields of an item. */
export function fieldsOf(
  values: ComposerFields,
  { id, timeZone }: Pick<SiteEdition, 'id' | 'timeZone'>,
  sources: readonly Pick<Source, 'name'>[],
): ItemFields {
  const { line, urgency, sections, regions, topics } = values;
  const url = values.url.trim();
  const publishAt = momentOf(values.notBefore, timeZone);
  const expiresAt = momentOf(values.until, timeZone);
  return {
    edition: id,
    ...parseTypedLine(line, sources),
    urgency,
    sections,
    regions,
    topics,
    ...(url !== '' && { url }),
    ...(publishAt !== null && { publishAt: new Date(publishAt).toISOString() }),
    ...(expiresAt !== null && { expiresAt: new Date(expiresAt).toISOString() }),
    ...moreOf(values.below),
    ...values.links,
  };
}

/** The source that an item has needs no question. */
export function sourcesOf({ body }: Pick<DeskItem, 'body'>): readonly Pick<Source, 'name'>[] {
  return body.attribution === undefined ? [] : [{ name: body.attribution }];
}

/** The fields of an item, for the boxes. */
export function composerFieldsOf(
  item: Pick<DeskItem, 'body'>,
  { timeZone }: Pick<SiteEdition, 'timeZone'>,
): ComposerFields {
  const { urgency, url, sections, regions, topics, expiresAt, replaces, translationOf } = item.body;
  const links = { ...(replaces && { replaces }), ...(translationOf && { translationOf }) };
  const until = expiresAt === undefined ? '' : wallTimeAt(Date.parse(expiresAt), timeZone);
  return {
    ...{ line: lineOf(item.body), urgency, url: url ?? '', sections, regions, topics, until, links },
    notBefore: '',
    below: belowOf(item.body),
  };
}

/** Fields that were not sent, for the boxes. */
export function unsentFieldsOf(fields: ItemFields, edition: SiteEdition): ComposerFields {
  const { publishAt } = fields;
  const body = { ...fields, language: edition.language, dir: edition.dir };
  return {
    ...composerFieldsOf({ body }, edition),
    notBefore: publishAt === undefined ? '' : wallTimeAt(Date.parse(publishAt), edition.timeZone),
  };
}
