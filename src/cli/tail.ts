import { connectFeed, type FeedHandle, lineOf, type PublicItem, type ReceivedFrame } from '../client/index.ts';
import type { Arguments } from './arguments.ts';
import { jsonLine, plain } from './terminal.ts';

interface TailOptions {
  readonly url: string;
  readonly args: Arguments;
  readonly now: () => number;
  print(line: string): void;
  /** On a terminal it replaces the previous status. */
  status(line: string): void;
}

/** A ticker for a terminal: prints the newest items, then each new one. `--stats` prints the latencies. */
export function tail({ url, args, now, print, status }: TailOptions): FeedHandle {
  const isJson = args.is('json');
  const latencies: number[] = [];
  const printStats = () => {
    const sorted = [...latencies].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    status(
      `${sorted.length} lines  last ${latencies.at(-1)} ms  p50 ${at(0.5)} ms  p99 ${at(0.99)} ms  max ${at(1)} ms`,
    );
  };
  const show = (change: string, item: PublicItem) => print(isJson ? jsonLine({ change, item }) : words(change, item));
  return connectFeed({
    url,
    edition: args.one('edition') ?? 'en',
    filter: {
      sections: args.all('section'),
      regions: args.all('region'),
      topics: args.all('topic'),
      urgencies: args.all('urgency'),
    },
    onItems: () => {},
    onState: (state) => status(state.type),
    onFrame: (frame: ReceivedFrame) => {
      if (frame.type === 'snapshot') for (const item of frame.items.toReversed()) show('', item);
      if (frame.type === 'removal')
        print(isJson ? jsonLine(frame) : plain`${frame.reason.toUpperCase()} ${frame.notice ?? frame.id}`);
      if (frame.type !== 'item') return;
      show(frame.change, frame.item);
      if (!args.is('stats') || frame.change !== 'new' || frame.item.status !== 'usable') return;
      latencies.push(now() - Date.parse(frame.item.publishedAt));
      printStats();
    },
  });
}

function words(change: string, item: PublicItem): string {
  const clock = item.updatedAt.slice(11, 19);
  if (item.status !== 'usable') return plain`${clock} WITHDRAWN ${item.notice ?? ''}`;
  const mark = change === 'corrected' ? 'CORRECTED ' : item.urgency === 'flash' ? 'FLASH ' : '';
  return plain`${clock} ${mark}${lineOf(item)}`;
}
