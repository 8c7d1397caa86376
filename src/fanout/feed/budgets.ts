import { ByteBudget } from './byte-cache.ts';

const megabyte = 2 ** 20;

/** Bytes of built frames that a process keeps, independent of the number of feeds, filters and positions that clients ask for. */
export const budgetBytes = {
  /** Frames, snapshots and the newest batch of every feed, which nearly all of its readers get. */
  shared: 16 * megabyte,
  /** Answers to resumes, and batches for readers that are behind. A client can ask for any position. */
  resumed: 8 * megabyte,
  /** Snapshots of `feed.json`. A client can ask for any filter. */
  json: 8 * megabyte,
} as const;

export interface FeedBudgets {
  readonly shared: ByteBudget;
  readonly resumed: ByteBudget;
}

export function createFeedBudgets(): FeedBudgets {
  return { shared: new ByteBudget(budgetBytes.shared), resumed: new ByteBudget(budgetBytes.resumed) };
}
