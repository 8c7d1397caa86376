import { ByteBudget } from './kept-bytes.ts';

const megabyte = 2 ** 20;

/** Bytes that a process keeps of what it has built, however many feeds, filters and positions are asked for. */
export const budgetBytes = {
  /** Frames, snapshots and the newest batch of every feed: what nearly all of its readers get. */
  shared: 16 * megabyte,
  /** Answers to resumes, and batches for those who are behind: anybody can ask at any position. */
  resumed: 8 * megabyte,
  /** Snapshots of `feed.json`: anybody can ask through any filter. */
  json: 8 * megabyte,
} as const;

export interface FeedBudgets {
  readonly shared: ByteBudget;
  readonly resumed: ByteBudget;
}

export function createFeedBudgets(): FeedBudgets {
  return { shared: new ByteBudget(budgetBytes.shared), resumed: new ByteBudget(budgetBytes.resumed) };
}
