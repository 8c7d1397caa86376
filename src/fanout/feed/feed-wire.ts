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
import { ByteCache } from './byte-cache.ts';
import { effectOf } from './effect.ts';
import type { Feed } from './feed.ts';
import type { Framing } from './framing.ts';

/** One write: bytes that readers share, and the seq of the position after them. */
export interface Batch {
  readonly bytes: Buffer;
  readonly to: number;
  /** Number of entries in the bytes. */
  readonly entries: number;
}

/** What encoding needs from the process. It is the same for all readers. */
export interface WireContext {
  readonly texts: ItemTexts;
  /** Shared by all wires of the process. Without it the wire has budgets of its own. */
  readonly budgets?: FeedBudgets;
  /** The current beat interval, staleness and reconnect window. The same object until one of them changes. */
  terms(isStale: boolean, hasLongBeat?: boolean): ConnectionTerms;
}

const batchBytes = 64 * 1024;
const framesKept = 64;
const builtOnceKept = 64;

/**
 * The bytes of one feed in one framing. Everything is built once and shared: a frame per entry, a batch per (cursor, head],
 * a snapshot per (position, limit, reason, name of the epoch, interval between beats), a beat per head. The bytes depend only on the edition's
 * revision and the terms, and are built again when either changes, so that a retracted text cannot be served from here.
 * Bytes that nearly all readers get are cached at once. Bytes for a position that a client chose are cached from the second
 * request on, in a budget of their own.
 */
export class FeedWire {
  readonly framing: Framing;
  readonly #feed: Feed;
  readonly #context: WireContext;
  readonly #frames: ByteCache<number, { readonly slot: Slot; readonly bytes: Buffer }>;
  /** Snapshots, and the batch with the newest entry under its index. */
  readonly #shared: ByteCache<string | number, Batch>;
  /** Answers to resumes, and the batches with more than the newest entry under their index. */
  readonly #resumed: ByteCache<string | number, Batch>;
  readonly #builtOnce = new Set<string | number>();
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
    this.#frames = new ByteCache(shared);
    this.#shared = new ByteCache(shared);
    this.#resumed = new ByteCache(resumed);
  }

  /** Entries after `cursor`, oldest first, about 64 kB at most. `to` is the head unless more entries remain. The feed has caught up. */
  batch(replica: Replica, cursor: number): Batch {
    this.#refresh();
    const index = this.#feed.indexAfter(cursor);
    if (index < this.#feed.seqs.length - 1) return this.#fromSecondTime(index, () => this.#compose(replica, index, []));
    return this.#shared.get(index) ?? this.#shared.set(index, this.#compose(replica, index, []));
  }

  snapshot(
    replica: Replica,
    limit: number,
    reason: SnapshotFrame['reason'],
    epoch = replica.epoch,
    hasLongBeat = false,
  ): Batch {
    const terms = this.#refresh(hasLongBeat);
    const key = `snapshot ${limit} ${hasLongBeat} ${reason} ${epoch}`;
    const cached = this.#shared.get(key);
    if (cached) return cached;
    const { items, more } = replica.snapshot(this.#feed.filter, limit);
    const texts = items.map((item) => this.#context.texts.of(item, this.#feed.filter.fields));
    const json = encodeSnapshot({ ...replica.positionAt(replica.head), epoch, more, reason }, texts, terms);
    const bytes = this.#frame('snapshot', replica, replica.head, json, epoch);
    return this.#shared.set(key, { bytes, to: replica.head, entries: 0 });
  }

  /** The answer to a resume at `cursor`, and as many of the missed entries as fit into one write. */
  resumed(replica: Replica, cursor: number, epoch = replica.epoch, hasLongBeat = false): Batch {
    const terms = this.#refresh(hasLongBeat);
    return this.#fromSecondTime(`resumed ${hasLongBeat} ${cursor} ${epoch}`, () => {
      const index = this.#feed.indexAfter(cursor);
      const json = encodeResumed(epoch, replica.positionAt(cursor), this.#feed.seqs.length - index, terms);
      const batch = this.#compose(replica, index, [this.#frame('resumed', replica, cursor, json, epoch)]);
      return { ...batch, to: Math.max(batch.to, cursor) };
    });
  }

  /** Drops all cached bytes. */
  clear(): void {
    if (this.#revision === -1) return;
    this.#forgetBuilt();
    this.#frames.clear();
    this.#revision = -1;
  }

  /** A beat and a ping in one piece, for a reader that is current. A reader ahead of this process keeps its position. */
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
    const cached = this.#frames.get(seq);
    // A slot is replaced when its text is hidden, so a frame with another slot is never served.
    if (cached?.slot === slot) return cached.bytes;
    const bytes = this.#encodeEntry(replica, slot, this.#feed.prevOf(index));
    // Only readers that were disconnected need older frames.
    if (index < this.#feed.seqs.length - framesKept) return bytes;
    if (this.#frames.size >= framesKept) this.#frames.deleteFirst();
    return this.#frames.set(seq, { slot, bytes }).bytes;
  }

  #encodeEntry(replica: Replica, slot: Slot, prev: number): Buffer {
    const { seq } = slot.entry;
    const effect = effectOf(this.#feed.filter, slot);
    if (effect.type === 'removal')
      return this.#frame('removal', replica, seq, encodeRemoval(replica.positionAt(seq), prev, effect));
    const text = this.#context.texts.of(effect.item, this.#feed.filter.fields);
    const json = encodeItem(replica.positionAt(seq), prev, effect.change, text);
    return this.#frame('item', replica, seq, json);
  }

  #frame(type: string, replica: Replica, seq: number, json: string, epoch = replica.epoch): Buffer {
    return this.framing.frame(type, formatPosition({ ...replica.positionAt(seq), epoch }), json);
  }

  /** For bytes that perhaps only one reader needs. */
  #fromSecondTime(key: string | number, build: () => Batch): Batch {
    const cached = this.#resumed.get(key);
    if (cached) return cached;
    const batch = build();
    if (this.#builtOnce.delete(key)) return this.#resumed.set(key, batch);
    if (this.#builtOnce.size >= builtOnceKept) this.#builtOnce.clear();
    this.#builtOnce.add(key);
    return batch;
  }

  #refresh(hasLongBeat = false): ConnectionTerms {
    const { edition } = this.#feed;
    const terms = this.#context.terms(edition.isStale);
    const own = hasLongBeat ? this.#context.terms(edition.isStale, true) : terms;
    if (edition.revision === this.#revision && terms === this.#terms) return own;
    this.#forgetBuilt();
    this.#revision = edition.revision;
    this.#terms = terms;
    this.#forgetHidden(edition.replica);
    return own;
  }

  /** Drops everything but the frames of entries. */
  #forgetBuilt(): void {
    this.#shared.clear();
    this.#resumed.clear();
    this.#builtOnce.clear();
    this.#beat = null;
  }

  #forgetHidden(replica: Replica | null): void {
    if (!replica || (replica === this.#replica && replica.rewrites === this.#rewrites)) return;
    this.#replica = replica;
    this.#rewrites = replica.rewrites;
    for (const [seq, frame] of this.#frames.entries()) if (replica.slot(seq) !== frame.slot) this.#frames.delete(seq);
  }
}
