import { isRecord } from '../../../protocol/item-parse.ts';
import { type DeskStatus, type Problem, parseStatus } from './answers.ts';
import type { Answer } from './desk-api.ts';
import { type DeskItem, parseItem } from './desk-item.ts';
import type { StreamMessage } from './follow-stream.ts';
import { type RawItem, StreamState } from './stream-state.ts';

/** An editor with an open desk. */
export interface PresentEditor {
  readonly name: string;
  /** ms since 1970. */
  readonly since: number;
}

/** Follows a stream; returns the function that stops it. */
export type OpenStream = (tell: (message: StreamMessage) => void) => () => void;

/** What the desk knows from its stream. */
export class DeskFeed {
  readonly #parsed = new WeakMap<RawItem, DeskItem>();
  readonly #watchers = new Set<() => void>();
  readonly #itemWatchers = new Set<(item: DeskItem) => void>();
  readonly #follow: OpenStream;
  #stop: (() => void) | null = null;
  #state = new StreamState();
  #status: { readonly status: DeskStatus | null; readonly heardAt: number } = { status: null, heardAt: 0 };
  /** When something last came, ms since 1970. Before the first time: when it was made. */
  heardAt = Date.now();
  /** When it was last opened. */
  openedAt = 0;
  /** No answer, or a refusal; null while the stream is open. */
  problem: Problem | null = null;
  /** The server's clock minus this browser's, ms. */
  clockOffset = 0;
  /** Counts snapshots: what was read besides the stream is out of date after each. */
  snapshots = 0;

  constructor(follow: OpenStream) {
    this.#follow = follow;
  }

  /** Begins, or goes on with what it knows until the next snapshots arrive. */
  open(): void {
    if (this.#stop) return;
    this.openedAt = Date.now();
    this.problem = null;
    this.#stop = this.#follow((message) => this.#hear(message));
    this.#changed();
  }

  /** Keeps what it knows. */
  close(): void {
    this.#stop?.();
    this.#stop = null;
  }

  /** Null before its first snapshot. */
  list(edition: string): { readonly items: readonly DeskItem[]; readonly next: string | null } | null {
    const known = this.#state.edition(edition);
    return known && { items: known.items.flatMap((raw) => this.#item(raw) ?? []), next: known.next };
  }

  present(edition: string): readonly PresentEditor[] {
    const editors = this.#state.edition(edition)?.presence;
    return (Array.isArray(editors) ? editors : []).flatMap((editor) =>
      isRecord(editor) && typeof editor['name'] === 'string' && typeof editor['since'] === 'number'
        ? [{ name: editor['name'], since: editor['since'] }]
        : [],
    );
  }

  get status(): { readonly status: DeskStatus | null; readonly heardAt: number } {
    return this.#status;
  }

  /** Asks for the status. An answer that arrives after the stream has said something newer is dropped. */
  async askStatus(ask: () => Promise<Answer<DeskStatus>>): Promise<void> {
    const before = this.#status;
    const answer = await ask();
    if (answer.type !== 'ok' || before !== this.#status) return;
    this.#status = { status: answer.value, heardAt: Date.now() };
    this.#changed();
  }

  onChange(watch: () => void): () => void {
    this.#watchers.add(watch);
    return () => void this.#watchers.delete(watch);
  }

  /** Every item that changes, also one that is in no list. */
  onItem(watch: (item: DeskItem) => void): () => void {
    this.#itemWatchers.add(watch);
    return () => void this.#itemWatchers.delete(watch);
  }

  #hear(message: StreamMessage): void {
    if (message.type === 'alive') return;
    if (message.type === 'problem') this.problem = message.problem;
    else {
      this.problem = null;
      this.heardAt = message.heardAt;
      for (const { name, data } of message.events) this.#take(name, data, message.heardAt);
    }
    this.#changed();
  }

  #take(name: string, data: Readonly<Record<string, unknown>>, heardAt: number): void {
    this.#state.take({ name, data });
    const { now, item } = data;
    if (typeof now === 'number') this.clockOffset = now - heardAt;
    if (name === 'snapshot') this.snapshots += 1;
    if (name === 'status') this.#status = { status: parseStatus(data), heardAt };
    else if (name === 'stop' || name === 'snapshot') this.#takeStop();
    const changed = name === 'item' ? parseItem(item) : null;
    if (changed) for (const watch of this.#itemWatchers) watch(changed);
  }

  #takeStop(): void {
    const { status, heardAt } = this.#status;
    const { stopped } = parseStatus({ stop: this.#state.stop });
    if (status) this.#status = { status: { ...status, stopped }, heardAt };
  }

  #item(raw: RawItem): DeskItem | null {
    const known = this.#parsed.get(raw);
    if (known) return known;
    const item = parseItem(raw);
    if (item) this.#parsed.set(raw, item);
    return item;
  }

  #changed(): void {
    for (const watch of this.#watchers) watch();
  }
}
