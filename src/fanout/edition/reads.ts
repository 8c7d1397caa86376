import type { IncomingMessage } from 'node:http';
import type { Site } from '../../item/site.ts';
import type { LogReader } from '../../log/entries/entry.ts';
import { clientKey, parseTrust } from '../admission/client-address.ts';
import type { Clock } from '../scheduling/clock.ts';
import type { Counters } from '../scheduling/counters.ts';
import type { Edition } from './edition.ts';
import { HistoryReads } from './history-reads.ts';
import { ItemReads } from './item-reads.ts';
import { ReadBudget } from './read-budget.ts';

interface ReadsDeps {
  readonly site: Site;
  readonly reader: LogReader;
  readonly clock: Pick<Clock, 'now'>;
  readonly counters: Counters;
  readonly trustProxy: string;
  edition(id: string): Edition | undefined;
}

/** What is read from the log for those who ask once: older items and single ones, within one budget. */
export interface Reads {
  readonly history: HistoryReads;
  readonly items: ItemReads;
  /** Who a request counts for. */
  clientOf(request: IncomingMessage): string;
}

export function createReads({ site, reader, clock, counters, trustProxy, edition }: ReadsDeps): Reads {
  const budget = new ReadBudget(counters, clock);
  const trust = parseTrust(trustProxy);
  return {
    history: new HistoryReads(reader, budget, edition),
    items: new ItemReads({ site, reader, budget, clock, edition }),
    clientOf: (request) => clientKey(request, trust),
  };
}
