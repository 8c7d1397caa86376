import type { FeedHandle, FeedOptions } from '../../../client/index.ts';

/**
 * Stands in for the feed in the preview's ticker (scripts/build-browser.mjs): its items are the JSON in `src`, and nothing
 * follows. The rest of the ticker is the one that readers get.
 */
export function connectFeed({ url, onItems, onState }: FeedOptions): Pick<FeedHandle, 'close'> {
  onItems?.(JSON.parse(url));
  onState?.({ type: 'live' });
  return { close: () => undefined };
}
