import {
  encodeBeat,
  encodeItem,
  encodeRemoval,
  encodeResumed,
  encodeSnapshot,
  type Session,
} from '../protocol/encode.ts';
import type { SnapshotFrame } from '../protocol/frame.ts';
import { formatPosition } from '../protocol/position.ts';
import type { ItemTexts } from './edition.ts';
import { effectOf } from './effect.ts';
import type { Feed } from './feed.ts';
import type { Framing } from './framing.ts';
import type { Replica } from './replica.ts';
import type { Slot } from './ring.ts';

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
  /** Beat interval, staleness and retry window as they are now. */
  session(isStale: boolean): Session;
}

const batchBytes = 64 * 1024;
const framesKept = 64;
const batchesKept = 64;

/**
 * The bytes of one feed in one framing. Everything is built once and shared: a frame per entry, a batch per (cursor,
 * head], a snapshot per (position, limit, reason), a beat per head. What is built depends only on the edition's revision
 * and the session; when either changes it is built anew, so a text that was taken back cannot be served from here.
 */
export class FeedWire {
  readonly framing: Framing;
  readonly #feed: Feed;
  readonly #context: WireContext;
  readonly #frames = new Map<number, { readonly slot: Slot; readonly bytes: Buffer }>();
  readonly #built = new Map<string, Batch>();
  readonly #batches = new Map<number, Batch>();
  #revision = -1;
  #session: Session | null = null;
  #beat: Buffer | null = null;
  #replica: Replica | null = null;
  #rewrites = 0;

  constructor(feed: Feed, framing: Framing, context: WireContext) {
    this.#feed = feed;
    this.framing = framing;
    this.#context = context;
  }

  /** Entries after `cursor`, oldest first, at most about 64 kB; `to` is the head unless more remains. The feed is caught up. */
  batch(replica: Replica, cursor: number): Batch {
    this.#refresh();
    const index = this.#feed.indexAfter(cursor);
    const known = this.#batches.get(index);
    if (known) return known;
    const batch = this.#compose(replica, index, []);
    if (this.#batches.size < batchesKept) this.#batches.set(index, batch);
    return batch;
  }

  snapshot(replica: Replica, limit: number, reason: SnapshotFrame['reason']): Batch {
    return this.#once(`snapshot ${limit} ${reason}`, (session) => {
      const { items, more } = replica.snapshot(this.#feed.filter, limit);
      const texts = items.map((item) => this.#context.texts.of(item));
      const json = encodeSnapshot({ ...replica.positionAt(replica.head), more, reason }, texts, session);
      return { bytes: this.#frame('snapshot', replica, replica.head, json), to: replica.head, entries: 0 };
    });
  }

  /** The answer to a resume at `cursor` and as much of what it missed as one write takes. */
  resumed(replica: Replica, cursor: number): Batch {
    return this.#once(`resumed ${cursor}`, (session) => {
      const index = this.#feed.indexAfter(cursor);
      const json = encodeResumed(replica.epoch, replica.positionAt(cursor), this.#feed.seqs.length - index, session);
      const batch = this.#compose(replica, index, [this.#frame('resumed', replica, cursor, json)]);
      return { ...batch, to: Math.max(batch.to, cursor) };
    });
  }

  /** Beat and ping in one piece, for a reader that has everything; one ahead of this process keeps its position. */
  beat(replica: Replica, cursor: number): Buffer {
    const session = this.#refresh();
    if (cursor > replica.head) return this.#encodeBeat(replica, cursor, cursor, session);
    this.#beat ??= this.#encodeBeat(replica, replica.head, this.#feed.last, session);
    return this.#beat;
  }

  #encodeBeat(replica: Replica, seq: number, prev: number, session: Session): Buffer {
    const frame = this.#frame('beat', replica, seq, encodeBeat(replica.positionAt(seq), prev, session));
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
    this.#frames.delete(seq);
    this.#frames.set(seq, { slot, bytes });
    if (this.#frames.size > framesKept) this.#frames.delete(this.#frames.keys().next().value ?? seq);
    return bytes;
  }

  #encodeEntry(replica: Replica, slot: Slot, prev: number): Buffer {
    const { seq } = slot.entry;
    const effect = effectOf(this.#feed.filter, slot);
    if (effect.type === 'removal')
      return this.#frame('removal', replica, seq, encodeRemoval(replica.positionAt(seq), prev, effect));
    const json = encodeItem(replica.positionAt(seq), prev, effect.change, this.#context.texts.of(effect.item));
    return this.#frame('item', replica, seq, json);
  }

  #frame(type: string, replica: Replica, seq: number, json: string): Buffer {
    return this.framing.frame(type, formatPosition(replica.positionAt(seq)), json);
  }

  #once(key: string, build: (session: Session) => Batch): Batch {
    const session = this.#refresh();
    const known = this.#built.get(key);
    if (known) return known;
    const batch = build(session);
    if (this.#built.size < batchesKept) this.#built.set(key, batch);
    return batch;
  }

  #refresh(): Session {
    const { edition } = this.#feed;
    const session = this.#context.session(edition.isStale);
    if (edition.revision === this.#revision && session === this.#session) return session;
    this.#revision = edition.revision;
    this.#session = session;
    this.#built.clear();
    this.#batches.clear();
    this.#beat = null;
    this.#forgetTakenBack(edition.replica);
    return session;
  }

  #forgetTakenBack(replica: Replica | null): void {
    if (!replica || (replica === this.#replica && replica.rewrites === this.#rewrites)) return;
    this.#replica = replica;
    this.#rewrites = replica.rewrites;
    for (const [seq, frame] of this.#frames) if (replica.slot(seq) !== frame.slot) this.#frames.delete(seq);
  }
}
