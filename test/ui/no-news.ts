import type { NewsSource } from '../../src/ui/server/news-source.ts';

/** A server that has not loaded its editions yet. */
export const noNews: NewsSource = {
  snapshot: () => null,
  history: () => Promise.reject(new Error('the log is unreachable')),
  item: () => Promise.reject(new Error('the log is unreachable')),
  onChange: () => {},
};
