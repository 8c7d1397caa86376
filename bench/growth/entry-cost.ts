import { type Edition, ItemTexts } from '../../src/fanout/edition/edition.ts';
import { Replica } from '../../src/fanout/edition/replica.ts';
import type { Feed, FeedReader } from '../../src/fanout/feed/feed.ts';
import { Feeds } from '../../src/fanout/feed/feeds.ts';
import { wsFraming } from '../../src/fanout/feed/framing.ts';
import { NewsRounds } from '../../src/fanout/reader/news-rounds.ts';
import type { Facets } from '../../src/item/item.ts';
import type { Entry } from '../../src/log/entries/entry.ts';

const edition = 'en';
const entries = 2_000;
const facets: Facets = { sections: ['politics'], regions: ['europe'], topics: ['elections'], urgency: 'update' };

/** us of the thread per entry that is for none of that many feeds, each with a reader. The least of three times. */
export function entryCost(feeds: number): number {
  // Compiles the code, which would count for the first size.
  for (let n = 0; n < 3; n++) once(100);
  return Math.min(...Array.from({ length: 3 }, () => once(feeds)));
}

function once(count: number): number {
  const state = { head: { epoch: 'bench', seq: 0, hash: '' }, items: [], floor: 0, entries: [] };
  const replica = new Replica({ id: edition, language: 'en', dir: 'ltr' }, state);
  const home: Edition = {
    id: edition,
    replica,
    epochChanges: 0,
    revision: 0,
    headReads: { begun: 0, confirmed: 0 },
    isStale: false,
  };
  const terms = { beatMs: 20_000, stale: false, retry: { afterMs: 0, withinMs: 1_000 } };
  const feeds = new Feeds(
    { feeds: count, idleMs: 60_000 },
    { texts: new ItemTexts(), terms: () => terms, onTouched: () => undefined },
  );
  for (let n = 0; n < count; n++) {
    const filter = { edition, sections: [], regions: [], topics: [`t${n}`], urgencies: [] };
    const feed = feeds.open(home, filter, wsFraming, 0)?.feed;
    feed?.advance(replica);
    feed?.add(readerOf(feed));
  }
  const rounds = new NewsRounds();
  const announce = () => {
    feeds.forgetIdle(edition);
    rounds.announce(feeds.concerned(home), replica);
  };
  announce();
  const start = performance.now();
  for (let seq = 1; seq <= entries; seq++) {
    replica.apply(entryAt(seq));
    announce();
  }
  return ((performance.now() - start) * 1_000) / entries;
}

function entryAt(seq: number): Entry {
  return {
    epoch: 'bench',
    seq,
    commandId: `c${seq}`,
    itemId: `i${seq}`,
    version: 1,
    place: seq,
    at: seq,
    was: null,
    now: facets,
    change: 'new',
    reason: null,
    notice: null,
    digest: '',
    hash: '',
    before: '',
    // Its facets decide which feeds it is for; a text would measure the replica.
    item: null,
  };
}

function readerOf(feed: Feed): FeedReader {
  return {
    index: 0,
    feed,
    cursor: 0,
    isGone: false,
    hasNews: false,
    isBeyond: () => false,
    rejectPosition: () => false,
    deliver: () => 'current',
    fail: () => undefined,
  };
}
