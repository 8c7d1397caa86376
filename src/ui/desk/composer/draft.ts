import { lineOf, type Urgency } from '../../../item/item.ts';
import type { SiteEdition } from '../../../item/site.ts';
import { momentOf, type WallTime, wallTimeAt } from '../browser/zoned-time.ts';
import type { DeskItem, ItemFields } from '../remote/desk-item.ts';
import { parseTypedLine } from './typed-line.ts';

/** In which anybody can stop what goes out, s. */
export const holdSeconds = 3;

/** What stands in the boxes while somebody types. */
export interface Draft {
  readonly line: string;
  readonly urgency: Urgency;
  readonly url: string;
  readonly sections: readonly string[];
  readonly regions: readonly string[];
  readonly topics: readonly string[];
  /** In the edition's time zone; empty: at once, and for good. */
  readonly notBefore: WallTime;
  readonly until: WallTime;
}

export const emptyDraft: Draft = {
  line: '',
  urgency: 'urgent',
  url: '',
  sections: [],
  regions: [],
  topics: [],
  notBefore: '',
  until: '',
};

/** The typed boxes as the fields of an item. */
export function fieldsOf(draft: Draft, { id, timeZone }: Pick<SiteEdition, 'id' | 'timeZone'>): ItemFields {
  const { line, urgency, sections, regions, topics } = draft;
  const url = draft.url.trim();
  const publishAt = momentOf(draft.notBefore, timeZone);
  const expiresAt = momentOf(draft.until, timeZone);
  return {
    edition: id,
    ...parseTypedLine(line),
    urgency,
    sections,
    regions,
    topics,
    ...(url !== '' && { url }),
    ...(publishAt !== null && { publishAt: new Date(publishAt).toISOString() }),
    ...(expiresAt !== null && { expiresAt: new Date(expiresAt).toISOString() }),
  };
}

/** An item's fields back in the boxes. */
export function draftOf(item: Pick<DeskItem, 'body'>, { timeZone }: Pick<SiteEdition, 'timeZone'>): Draft {
  const { urgency, url, sections, regions, topics, expiresAt } = item.body;
  const until = expiresAt === undefined ? '' : wallTimeAt(Date.parse(expiresAt), timeZone);
  return { ...emptyDraft, line: lineOf(item.body), urgency, url: url ?? '', sections, regions, topics, until };
}

/** Fields that were not sent, back in the boxes. */
export function draftOfFields(fields: ItemFields, edition: SiteEdition): Draft {
  const { publishAt } = fields;
  const body = { ...fields, language: edition.language, dir: edition.dir };
  return {
    ...draftOf({ body }, edition),
    notBefore: publishAt === undefined ? '' : wallTimeAt(Date.parse(publishAt), edition.timeZone),
  };
}
