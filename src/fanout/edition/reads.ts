import type { Site } from '../../item/site.ts';
import type { LogReader } from '../../log/entries/log-reader.ts';
import type { Clock } from '../scheduling/clock.ts';
import type { Counters } from '../scheduling/counters.ts';
import type { Edition } from './edition.ts';
import { HistoryReads } from './history-reads.ts';
import { ItemReads } from './item-reads.ts';
import { ReadBudget } from './read-budget.ts';

interface ReadsDeps {
  readonly site: Site;
  readonly log: LogReader;
  readonly clock: Pick<Clock, 'now'>;
  readonly counters: Counters;
  edition(id: string): Edition | undefined;
}

/** Reads of the log for single requests, not for the feed: older items and single items, within one budget. */
export interface Reads {
  readonly history: HistoryReads;
  readonly items: ItemReads;
}

export function createReads({ site, log, clock, counters, edition }: ReadsDeps): Reads {
  const budget = new ReadBudget(counters, clock);
  return {
    history: new HistoryReads(log, budget, edition),
    items: new ItemReads({ site, log, budget, clock, edition }),
  };
}
