import { connectFeed, type FeedHandle, type FeedOptions } from '../../client/index.ts';
import type { TickerStart } from './model.ts';

/**
 * Stands in for the feed of the ticker on our own pages (scripts/build-browser.mjs). It begins with the lines that the server has
 * written into the page: the first paint has them, and nothing moves when the feed answers. Only once, since they grow old.
 */
export function followFromSnapshot(options: FeedOptions): Pick<FeedHandle, 'close'> {
  const block = document.getElementById('ticker-start');
  block?.remove();
  if (!block) return connectFeed(options);
  const { position, items }: TickerStart = JSON.parse(block.textContent ?? '');
  options.onItems(items);
  return connectFeed({ ...options, since: position, start: { items, more: true } });
}
