import {
  type ConnectionTerms,
  encodeBeat,
  encodeItem,
  encodeRemoval,
  encodeResumed,
  encodeSnapshot,
} from '../../protocol/encode.ts';
import type { SnapshotFrame } from '../../protocol/frame.ts';
import { formatPosition } from '../../protocol/position.ts';
import type { ItemTexts } from '../edition/edition.ts';
import type { Replica } from '../edition/replica.ts';
import type { Slot } from '../edition/ring.ts';
import { createFeedBudgets, type FeedBudgets } from './budgets.ts';
import { effectOf } from './effect.ts';
import type { Feed } from './feed.ts';
import type { Framing } from './framing.ts';
import { KeptBytes } from './kept-bytes.ts';

/** One write: bytes that readers share, and the position after them. */
export interface Batch {
  readonly bytes: Buffer;
  readonly to: number;
  /** Entries in it. */
  readonly entries: number;
}

/** What feeds need to know of the process to encode: everything here is the same for all readers. */
export interface WireContext {
  readonly texts: ItemTexts;
  /** What all wires of the process may keep; of its own if left out. */
  readonly budgets?: FeedBudgets;
  /** Beat interval, staleness and retry window as they are now. */
  terms(isStale: boolean): ConnectionTerms;
}

const batchBytes = 64 * 1024;
const framesKept = 64;
const askedOnceKept = 64;

/**
 * The bytes of one feed in one framing. Everything is built once and shared: a frame per entry, a batch per (cursor,
 * head], a snapshot per (position, limit, reason, name of the epoch), a beat per head. What is built depends only on the edition's revision
 * and the terms; when either changes it is built again, so a text that was taken back cannot be served from here. What
 * nearly all readers get is kept at once. What depends on a position that anybody can name is kept from the second time it
 * is asked for, in a budget of its own.
 */
export class FeedWire {
  readonly framing: Framing;
  readonly #feed: Feed;
  readonly #context: WireContext;
  readonly #frames: KeptBytes<number, { readonly slot: Slot; readonly bytes: Buffer }>;
  /** Snapshots, and by its index the batch with the newest entry. */
  readonly #shared: KeptBytes<string | number, Batch>;
  /** Answers to resumes, and by their index the batches with more than the newest entry. */
  readonly #resumed: KeptBytes<string | number, Batch>;
  readonly #askedOnce = new Set<string | number>();
  #revision = -1;
  #terms: ConnectionTerms | null = null;
  #beat: Buffer | null = null;
  #replica: Replica | null = null;
  #rewrites = 0;

  constructor(feed: Feed, framing: Framing, context: WireContext) {
    const { shared, resumed } = context.budgets ?? createFeedBudgets();
    this.#feed = feed;
    this.framing = framing;
    this.#context = context;
    this.#frames = new KeptBytes(shared);
    this.#shared = new KeptBytes(shared);
    this.#resumed = new KeptBytes(resumed);
  }

  /** Entries after `cursor`, oldest first, at most about 64 kB; `to` is the head unless more remains. The feed is caught up. */
  batch(replica: Replica, cursor: number): Batch {
    this.#refresh();
    const index = this.#feed.indexAfter(cursor);
    if (index < this.#feed.seqs.length - 1) return this.#fromSecondTime(index, () => this.#compose(replica, index, []));
    return this.#shared.get(index) ?? this.#shared.set(index, this.#compose(replica, index, []));
  }

  snapshot(replica: Replica, limit: number, reason: SnapshotFrame['reason'], epoch = replica.epoch): Batch {
    const terms = this.#refresh();
    const key = `snapshot ${limit} ${reason} ${epoch}`;
    const known = this.#shared.get(key);
    if (known) return known;
    const { items, more } = replica.snapshot(this.#feed.filter, limit);
    const texts = items.map((item) => this.#context.texts.of(item));
    const json = encodeSnapshot({ ...replica.positionAt(replica.head), epoch, more, reason }, texts, terms);
    const bytes = this.#frame('snapshot', replica, replica.head, json, epoch);
    return this.#shared.set(key, { bytes, to: replica.head, entries: 0 });
  }

  /** The answer to a resume at `cursor` and as much of what it missed as one write takes. */
  resumed(replica: Replica, cursor: number, epoch = replica.epoch): Batch {
    const terms = this.#refresh();
    return this.#fromSecondTime(`resumed ${cursor} ${epoch}`, () => {
      const index = this.#feed.indexAfter(cursor);
      const json = encodeResumed(epoch, replica.positionAt(cursor), this.#feed.seqs.length - index, terms);
      const batch = this.#compose(replica, index, [this.#frame('resumed', replica, cursor, json, epoch)]);
      return { ...batch, to: Math.max(batch.to, cursor) };
    });
  }

  /** Forgets all that it has built. */
  clear(): void {
    this.#forgetBuilt();
    this.#frames.clear();
    this.#revision = -1;
  }

  /** Beat and ping in one piece, for a reader that has everything; one ahead of this process keeps its position. */
  beat(replica: Replica, cursor: number): Buffer {
    const terms = this.#refresh();
    if (cursor > replica.head) return this.#encodeBeat(replica, cursor, cursor, terms);
    this.#beat ??= this.#encodeBeat(replica, replica.head, this.#feed.last, terms);
    return this.#beat;
  }

  #encodeBeat(replica: Replica, seq: number, prev: number, terms: ConnectionTerms): Buffer {
    const frame = this.#frame('beat', replica, seq, encodeBeat(replica.positionAt(seq), prev, terms));
    return Buffer.concat([frame, this.framing.ping]);
  }

  #compose(replica: Replica, first: number, pieces: Buffer[]): Batch {
    const { seqs } = this.#feed;
    let size = 0;
    let index = first;
    for (; index < seqs.length && size < batchBytes; index++) {
      const frame = this.#entryFrame(replica, index);
      pieces.push(frame);
      size += frame.length;
    }
    const to = index < seqs.length ? (seqs[index - 1] ?? 0) : replica.head;
    const [only] = pieces;
    return { bytes: only && pieces.length === 1 ? only : Buffer.concat(pieces), to, entries: index - first };
  }

  #entryFrame(replica: Replica, index: number): Buffer {
    const seq = this.#feed.seqs[index] ?? 0;
    const slot = replica.slot(seq);
    if (!slot) throw new Error(`entry ${seq} is in a feed and not in the ring`);
    const known = this.#frames.get(seq);
    // A slot is replaced when its text is taken back, so a frame of another slot is never served.
    if (known?.slot === slot) return known.bytes;
    const bytes = this.#encodeEntry(replica, slot, this.#feed.prevOf(index));
    // Older ones are asked for by those alone who have been away.
    if (index < this.#feed.seqs.length - framesKept) return bytes;
    if (this.#frames.size >= framesKept) this.#frames.deleteFirst();
    return this.#frames.set(seq, { slot, bytes }).bytes;
  }

  #encodeEntry(replica: Replica, slot: Slot, prev: number): Buffer {
    const { seq } = slot.entry;
    const effect = effectOf(this.#feed.filter, slot);
    if (effect.type === 'removal')
      return this.#frame('removal', replica, seq, encodeRemoval(replica.positionAt(seq), prev, effect));
    const json = encodeItem(replica.positionAt(seq), prev, effect.change, this.#context.texts.of(effect.item));
    return this.#frame('item', replica, seq, json);
  }

  #frame(type: string, replica: Replica, seq: number, json: string, epoch = replica.epoch): Buffer {
    return this.framing.frame(type, formatPosition({ ...replica.positionAt(seq), epoch }), json);
  }

  /** For what only one reader may ever ask for. */
  #fromSecondTime(key: string | number, build: () => Batch): Batch {
    const known = this.#resumed.get(key);
    if (known) return known;
    const batch = build();
    if (this.#askedOnce.delete(key)) return this.#resumed.set(key, batch);
    if (this.#askedOnce.size >= askedOnceKept) this.#askedOnce.clear();
    this.#askedOnce.add(key);
    return batch;
  }

  #refresh(): ConnectionTerms {
    const { edition } = this.#feed;
    const terms = this.#context.terms(edition.isStale);
    if (edition.revision === this.#revision && terms === this.#terms) return terms;
    this.#forgetBuilt();
    this.#revision = edition.revision;
    this.#terms = terms;
    this.#forgetTakenBack(edition.replica);
    return terms;
  }

  /** All but the frames of entries. */
  #forgetBuilt(): void {
    this.#shared.clear();
    this.#resumed.clear();
    this.#askedOnce.clear();
    this.#beat = null;
  }

  #forgetTakenBack(replica: Replica | null): void {
    if (!replica || (replica === this.#replica && replica.rewrites === this.#rewrites)) return;
    this.#replica = replica;
    this.#rewrites = replica.rewrites;
    for (const [seq, frame] of this.#frames.entries()) if (replica.slot(seq) !== frame.slot) this.#frames.delete(seq);
  }
}
