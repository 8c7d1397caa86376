import type { FeedOptions, PublicItem } from '../../client/index.ts';
import { samplePaint } from '../news/painted.ts';
import { itemPath } from '../news/paths.ts';
import type { NewsModel } from './model.ts';
import type { NewsStore } from './news-store.ts';

const server = '/';
const mostHeld = 1_000;

/** Options of a feed that continues from the rendered list. */
export function followList(model: NewsModel, store: NewsStore): FeedOptions {
  return {
    url: server,
    edition: model.edition.id,
    filter: model.filter,
    fields: 'full',
    limit: 50,
    keep: mostHeld,
    ...(model.position !== null && { since: model.position }),
    start: model.isArchive ? { items: [], more: true } : { items: model.items, more: model.next !== null },
    onItems: (items) => {
      if (!model.isArchive) store.setItems(items);
    },
    onState: (state) => store.setState(state),
    onFrame: (frame) => samplePaint('', model.edition.id, frame),
  };
}

/** Follows one item in the edition's frames. After a gap it fetches the item. */
export function followItem(model: NewsModel, store: NewsStore): FeedOptions {
  const [item] = model.items;
  let current = item;
  const show = (next: PublicItem) => {
    if (current && next.version < current.version) return;
    current = next;
    store.setItems([next]);
  };
  return {
    url: server,
    edition: model.edition.id,
    fields: 'full',
    ...(model.position !== null && { since: model.position }),
    onItems: () => {},
    onState: (state) => store.setState(state),
    onFrame: (frame) => {
      if (!current) return;
      if (frame.type === 'snapshot') void fetchItem(current).then((newest) => newest && show(newest));
      else if (frame.type === 'item' && frame.item.id === current.id) show(frame.item);
      else if (frame.type === 'removal' && frame.id === current.id) {
        const { id, place, edition, language, dir, updatedAt } = current;
        const status = frame.reason === 'retracted' ? 'retracted' : 'withheld';
        const notice = frame.notice === undefined ? {} : { notice: frame.notice };
        show({ id, version: frame.version, place, edition, language, dir, updatedAt, status, ...notice });
      }
    },
  };
}

/** Null when the request fails. */
export async function fetchOlder(
  model: NewsModel,
  before: number,
): Promise<{ readonly items: readonly PublicItem[]; readonly next: number | null } | null> {
  const { sections, regions, topics, urgencies } = model.filter;
  const query = new URLSearchParams({ edition: model.edition.id, before: String(before), limit: '50', fields: 'full' });
  for (const value of sections) query.append('section', value);
  for (const value of regions) query.append('region', value);
  for (const value of topics) query.append('topic', value);
  for (const value of urgencies) query.append('urgency', value);
  try {
    const response = await fetch(`/v1/feed/history?${query}`);
    if (!response.ok) return null;
    const page = (await response.json()) as { readonly items: readonly PublicItem[]; readonly next?: number };
    return { items: page.items, next: page.next ?? null };
  } catch {
    return null;
  }
}

async function fetchItem(item: PublicItem): Promise<PublicItem | null> {
  try {
    const response = await fetch(`/v1/feed/items/${itemPath(item).slice('/item/'.length)}?fields=full`);
    return response.status === 200 || response.status === 410 ? ((await response.json()) as PublicItem) : null;
  } catch {
    return null;
  }
}
