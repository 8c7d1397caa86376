import type { Site } from '../../item/site.ts';
import { cacheControl } from '../../protocol/cache-control.ts';
import { parseFields } from '../../protocol/feed-query.ts';
import type { Fault } from '../../protocol/problem.ts';
import { readFeedQuery } from '../admission/feed-request.ts';
import { badQuery, type Problem, problems } from '../admission/problem.ts';
import type { ItemTexts } from '../edition/edition.ts';
import type { HistoryReads } from '../edition/history-reads.ts';
import type { ItemReads } from '../edition/item-reads.ts';
import type { JsonReply } from './json-reply.ts';

export interface ItemSource {
  readonly site: Site;
  readonly history: HistoryReads;
  readonly items: ItemReads;
  readonly texts: ItemTexts;
}

type Answer = JsonReply | { readonly problem: Problem };

const historyLimit = 50;

/** Shown items below a place, newest first. `next` is the `before` of the next page. */
export async function readHistory(source: ItemSource, query: URLSearchParams, client: string): Promise<Answer> {
  const before = wholeNumber(query, 'before', 1, Number.MAX_SAFE_INTEGER);
  const limit = wholeNumber(query, 'limit', 1, historyLimit);
  const feedQuery = new URLSearchParams(query);
  feedQuery.delete('before');
  feedQuery.delete('limit');
  const request = readFeedQuery(feedQuery, source.site);
  const faults = [before, limit].filter((value) => value !== null && typeof value === 'object');
  if ('problem' in request) {
    if (request.problem.type !== 'bad-query') return request;
    return { problem: badQuery([...(request.problem.errors ?? []), ...faults]) };
  }
  if (faults.length > 0) return { problem: badQuery(faults) };
  const from = typeof before === 'number' ? before : Number.MAX_SAFE_INTEGER;
  const page = await source.history.page(
    request.filter,
    from,
    typeof limit === 'number' ? limit : historyLimit,
    client,
  );
  if (!page) return { problem: problems.history };
  const items = page.items.map((shown) => source.texts.of(shown.item, request.filter.fields)).join(',');
  const next = page.next === null ? '' : `,"next":${page.next}`;
  return {
    status: 200,
    body: `{"items":[${items}],"more":${page.next !== null}${next}}`,
    cacheControl: cacheControl.news,
  };
}

/** The current version of an item: 200 while it is shown, 410 with its tombstone afterwards. */
export async function readItem(
  { site, items, texts }: ItemSource,
  id: string,
  query: URLSearchParams,
  client: string,
): Promise<Answer> {
  const editionId = query.get('edition');
  const fields = parseFields(query);
  if (typeof fields === 'object') return { problem: badQuery([fields]) };
  const isOpen = site.editions.some((home) => home.access === 'public' && (editionId ?? home.id) === home.id);
  if (!isOpen) return { problem: problems.unknownEdition };
  const item = await items.find(id, client, editionId);
  if (item === 'busy') return { problem: problems.history };
  if (!item) return { problem: problems.unknownItem };
  return { status: item.status === 'usable' ? 200 : 410, body: texts.of(item, fields) };
}

function wholeNumber(query: URLSearchParams, name: string, min: number, max: number): number | Fault | null {
  const values = query.getAll(name);
  const [text] = values;
  if (text === undefined) return null;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (values.length === 1 && value >= min && value <= max) return value;
  return { parameter: name, detail: `${name} must be one whole number from ${min} to ${max}.` };
}
