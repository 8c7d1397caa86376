import type { Edition } from '../../src/fanout/edition/edition.ts';
import { ItemTexts } from '../../src/fanout/edition/edition.ts';
import { Replica, type ReplicaLimits, replicaLimits } from '../../src/fanout/edition/replica.ts';
import { Feed } from '../../src/fanout/feed/feed.ts';
import { FeedWire } from '../../src/fanout/feed/feed-wire.ts';
import type { Framing } from '../../src/fanout/feed/framing.ts';
import type { Entry } from '../../src/log/entries/entry.ts';
import type { EditionState } from '../../src/log/entries/log-reader.ts';
import { type Filter, filterKey } from '../../src/protocol/filter.ts';
import type { Frame } from '../../src/protocol/frame.ts';

export const home = { id: 'en', language: 'en', dir: 'ltr' } as const;

/** One JSON text per line. */
export const lineFraming: Framing = {
  kind: 'line',
  ping: Buffer.from('\n'),
  frame: (_type, _position, json) => Buffer.from(`${json}\n`),
};

export function parseLines(bytes: Buffer): readonly Frame[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** An edition whose entries a test applies. */
export class HandFedEdition implements Edition {
  readonly id = home.id;
  replica: Replica;
  epochChanges = 0;
  revision = 0;
  headReads = { begun: 0, confirmed: 0 };
  isStale = false;

  constructor(
    limits: ReplicaLimits = replicaLimits,
    state: EditionState = { head: { epoch: 'epochone', seq: 0, hash: '' }, items: [], floor: 0, entries: [] },
  ) {
    this.replica = new Replica(home, state, limits);
  }

  apply(entry: Entry): void {
    this.replica.apply(entry);
    this.revision++;
  }

  load(state: EditionState, limits: ReplicaLimits = replicaLimits): void {
    if (state.head.epoch !== this.replica.epoch) this.epochChanges++;
    this.replica = new Replica(home, state, limits);
    this.revision++;
  }

  wire(filter: Filter): { readonly feed: Feed; readonly wire: FeedWire } {
    const feed = new Feed(filterKey(filter), filter, this);
    const terms = { beatMs: 20_000, stale: false, retry: { afterMs: 0, withinMs: 1_000 } };
    return { feed, wire: new FeedWire(feed, lineFraming, { texts: new ItemTexts(), terms: () => terms }) };
  }
}
