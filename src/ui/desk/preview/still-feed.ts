import type { FeedHandle, FeedOptions, FeedState, PublicItem } from '../../../client/index.ts';

interface Still {
  readonly items: readonly PublicItem[];
  readonly state: FeedState;
}

/**
 * Stands in for the feed in the preview's ticker (scripts/build-browser.mjs): its items, and its state unless it is live, are
 * the JSON in `src`, and nothing follows. The rest of the ticker is the one that readers get.
 */
export function followFromSnapshot({ url, onItems, onState }: FeedOptions): Pick<FeedHandle, 'close'> {
  const still: readonly PublicItem[] | Still = JSON.parse(url);
  const { items, state }: Still = 'items' in still ? still : { items: still, state: { type: 'live' } };
  onItems?.(items);
  onState?.(state);
  return { close: () => undefined };
}
