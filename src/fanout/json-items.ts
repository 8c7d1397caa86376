import type { PublicItem } from '../item/item.ts';
import type { Site } from '../item/site.ts';
import type { LogReader } from '../log/entry.ts';
import type { Fault } from '../protocol/problem.ts';
import type { Edition, ItemTexts } from './edition.ts';
import { readFeedQuery } from './feed-request.ts';
import type { HistoryReads } from './history-reads.ts';
import { cacheable, type JsonReply } from './json-reply.ts';
import { badQuery, type Problem, problems } from './problem.ts';

export interface ItemSource {
  readonly site: Site;
  readonly reader: LogReader;
  readonly history: HistoryReads;
  readonly texts: ItemTexts;
  edition(id: string): Edition | undefined;
}

type Answer = JsonReply | { readonly problem: Problem };

const historyLimit = 50;

/** Shown items below a place, newest first; `next` is the `before` of the page after this one. */
export async function readHistory(source: ItemSource, query: URLSearchParams): Promise<Answer> {
  const before = wholeNumber(query, 'before', 1, Number.MAX_SAFE_INTEGER);
  const limit = wholeNumber(query, 'limit', 1, historyLimit);
  const feedQuery = new URLSearchParams(query);
  feedQuery.delete('before');
  feedQuery.delete('limit');
  const asked = readFeedQuery(feedQuery, source.site);
  const faults = [before, limit].filter((value) => value !== null && typeof value === 'object');
  if ('problem' in asked) {
    if (asked.problem.type !== 'bad-query') return asked;
    return { problem: badQuery([...(asked.problem.errors ?? []), ...faults]) };
  }
  if (faults.length > 0) return { problem: badQuery(faults) };
  const from = typeof before === 'number' ? before : Number.MAX_SAFE_INTEGER;
  const page = await source.history.page(asked.filter, from, typeof limit === 'number' ? limit : historyLimit);
  if (!page) return { problem: problems.history };
  const items = page.items.map((shown) => source.texts.of(shown.item)).join(',');
  const next = page.next === null ? '' : `,"next":${page.next}`;
  return { status: 200, body: `{"items":[${items}],"more":${page.next !== null}${next}}`, cacheControl: cacheable };
}

/** One item as it stands now: 200 while it is shown, 410 with what is left of it afterwards. */
export async function readItem(source: ItemSource, id: string, editionId: string | null): Promise<Answer> {
  const editions = source.site.editions.filter(
    ({ id: candidate, access }) => access === 'public' && (editionId ?? candidate) === candidate,
  );
  if (editions.length === 0) return { problem: problems.unknownEdition };
  const item = await findItem({ ...source, site: { ...source.site, editions } }, id);
  if (!item) return { problem: problems.unknownItem };
  return { status: item.status === 'usable' ? 200 : 410, body: source.texts.of(item) };
}

/** From memory if it is there, else from the log; null when no public edition has had it. */
export async function findItem(
  { site, reader, edition }: Pick<ItemSource, 'site' | 'reader' | 'edition'>,
  id: string,
): Promise<PublicItem | null> {
  const ids = site.editions.filter(({ access }) => access === 'public').map((home) => home.id);
  const held = ids.map((known) => edition(known)?.replica?.item(id)).find((item) => item !== undefined);
  if (held) return held;
  for (const known of ids) {
    const item = await reader.item(known, id);
    if (item) return item;
  }
  return null;
}

function wholeNumber(query: URLSearchParams, name: string, min: number, max: number): number | Fault | null {
  const values = query.getAll(name);
  const [text] = values;
  if (text === undefined) return null;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (values.length === 1 && value >= min && value <= max) return value;
  return { parameter: name, detail: `${name} must be one whole number from ${min} to ${max}.` };
}
