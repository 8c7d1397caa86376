import { createHash } from 'node:crypto';
import type {
  Change,
  Direction,
  Facets,
  PublicItem,
  RemovalReason,
  Tombstone,
  UsableItem,
} from '../../src/item/item.ts';
import { wireTime } from '../../src/item/item.ts';
import type { Entry, Head, ShownItem } from '../../src/log/entries/entry.ts';
import type { EditionState, LogFollower, LogReader, OlderRead, Rewritten } from '../../src/log/entries/log-reader.ts';
import { shortHash } from '../../src/protocol/position.ts';

interface Written {
  version: number;
  place: number;
  facets: Facets;
  item: UsableItem;
  /** What readers see now: the item, a notice, or nothing. */
  state: 'shown' | 'notice' | 'hidden' | 'expired' | 'retracted';
  /** The notice of the retraction, whether readers saw it or not. */
  notice: string | null;
  publishedAt: number;
}

type Callbacks = Parameters<LogFollower['start']>[0];

/**
 * An edition's log in memory, for tests in which Redis adds nothing. It has the same contract as the log in Redis
 * (test/log/entries/reader-contract.test.ts). It counts reads, can lose messages, and can be unreachable.
 */
export class MemoryLog implements LogReader, LogFollower {
  epoch = 'epochone';
  isUnreachable = false;
  /** True while the log refuses writes. */
  isFull = false;
  /** True while appended entries are not published. */
  isDeaf = false;
  readonly calls = { head: 0, load: 0, range: 0, history: 0, item: 0, suspect: 0 };
  /** The epoch that a replica has reported as rewritten. */
  suspected: string | null = null;
  readonly #edition: string;
  readonly #dir: Direction;
  #entries: Entry[] = [];
  #items = new Map<string, Written>();
  readonly #headlines: string[] = [];
  #callbacks: Callbacks | null = null;
  #seq = 0;
  #clock = Date.UTC(2026, 0, 1);
  /** The seq up to which the stream is trimmed. */
  trimmedTo = 0;

  constructor(edition = 'en') {
    this.#edition = edition;
    this.#dir = edition === 'ar' ? 'rtl' : 'ltr';
  }

  get seq(): number {
    return this.#seq;
  }

  /** The hash of the position at this seq. */
  hashAt(seq: number): string {
    return shortHash(this.#entries.find((entry) => entry.seq === seq)?.hash ?? '');
  }

  knows(id: string): boolean {
    return this.#items.has(id);
  }

  publish(id: string, facets: Facets, headline = `headline of ${id}`, more: Partial<UsableItem> = {}): Entry {
    const place = this.#seq + 1;
    const at = this.#clock + 1;
    const written: Written = {
      version: 1,
      place,
      facets,
      item: { ...this.#item(id, 1, place, at, at, facets, headline), ...more },
      state: 'shown',
      notice: null,
      publishedAt: at,
    };
    this.#items.set(id, written);
    return this.#append(id, written, { was: null, change: 'new' });
  }

  correct(
    id: string,
    facets: Facets,
    headline = `corrected ${id}`,
    correction?: UsableItem['correction'],
  ): Entry | null {
    const written = this.#items.get(id);
    if (written?.state !== 'shown') return null;
    const was = written.facets;
    written.version++;
    written.facets = facets;
    const at = this.#clock + 1;
    written.item = {
      ...this.#item(id, written.version, written.place, written.publishedAt, at, facets, headline),
      ...(correction && { correction }),
    };
    return this.#append(id, written, { was, change: 'corrected' });
  }

  withhold(id: string): Entry | null {
    return this.#hide(id, 'hidden', 'withheld', null, 1);
  }

  release(id: string): Entry | null {
    const written = this.#items.get(id);
    if (written?.state !== 'hidden') return null;
    written.version++;
    const { expiresAt } = written.item;
    if (expiresAt !== undefined && Date.parse(expiresAt) <= this.#clock) {
      written.state = 'expired';
      return this.#append(id, written, { was: null, reason: 'expired' });
    }
    written.state = 'shown';
    written.item = { ...written.item, version: written.version, updatedAt: wireTime(this.#clock + 1) };
    return this.#append(id, written, { was: null, change: 'released' });
  }

  /** The item expires while it is not shown. */
  endTime(id: string): void {
    const written = this.#items.get(id);
    if (written) written.item = { ...written.item, expiresAt: wireTime(this.#clock) };
  }

  expire(id: string): Entry | null {
    return this.#hide(id, 'expired', 'expired', null, 0);
  }

  retract(id: string, notice: string | null = null): Entry | null {
    const written = this.#items.get(id);
    if (!written || written.state === 'retracted' || written.state === 'notice') return null;
    const was = written.state === 'shown' ? written.facets : null;
    const isNoticed = notice !== null && was !== null;
    written.version++;
    written.notice = notice;
    written.state = isNoticed ? 'notice' : 'retracted';
    const entry = this.#append(id, written, { was, reason: 'retracted', notice: isNoticed ? notice : null }, notice);
    this.#entries = this.#entries.map((known) => (known.itemId === id ? { ...known, item: null } : known));
    return entry;
  }

  /** Removes the notice of a retraction. */
  clear(id: string): Entry | null {
    const written = this.#items.get(id);
    if (written?.state !== 'notice') return null;
    written.state = 'retracted';
    return this.#append(id, written, { was: written.facets, reason: 'expired' });
  }

  /** Loses all entries and starts another epoch. */
  replace(epoch: string): void {
    this.epoch = epoch;
    this.#seq = 0;
    this.#entries = [];
    this.#items = new Map();
  }

  /** Headlines of hidden versions, which no reader may receive. */
  get hiddenHeadlines(): readonly string[] {
    return this.#headlines.filter(
      (headline) =>
        !this.shown.some(({ item }) => item.status === 'usable' && item.headline === headline) &&
        this.#isHidden(headline),
    );
  }

  #isHidden(headline: string): boolean {
    const id = headline.split(' ').at(-1) ?? '';
    const last = this.#entries.findLast((entry) => entry.itemId === id);
    return last?.now === null && (last.reason === 'withheld' || last.reason === 'retracted');
  }

  lose(): void {
    this.isUnreachable = true;
    this.#callbacks?.onLost();
  }

  comeBack(): void {
    this.isUnreachable = false;
    this.#callbacks?.onReady();
  }

  /** Publishes an entry, again or for the first time. */
  deliver(entry: Entry): void {
    this.#callbacks?.onEntry(this.#edition, entry);
  }

  get shown(): readonly ShownItem[] {
    const shown = [...this.#items].flatMap(([id, written]) => {
      const item = this.#publicItem(id, written);
      return written.state === 'shown' || written.state === 'notice' ? [{ facets: written.facets, item }] : [];
    });
    return shown.sort((a, b) => b.item.place - a.item.place);
  }

  async head(): Promise<Head> {
    this.#read('head');
    return this.#head;
  }

  async load(_edition: string, limits: { readonly items: number; readonly entries: number }): Promise<EditionState> {
    this.#read('load');
    const [head, entries] = [this.#head, this.#entries.slice(-limits.entries)];
    const items = this.shown.slice(0, limits.items);
    const floor = items.length < limits.items ? 0 : (items.at(-1)?.item.place ?? 0);
    return { head, items, floor, entries };
  }

  async range(_edition: string, after: Head): Promise<readonly Entry[] | Rewritten | null> {
    this.#read('range');
    if (after.seq < this.trimmedTo) return null;
    const again = this.#entries.find((entry) => entry.seq === after.seq);
    if (after.epoch === this.epoch && after.seq > 0 && again?.hash !== after.hash) return 'rewritten';
    return this.#entries.filter((entry) => entry.seq > after.seq);
  }

  async suspect(_edition: string, epoch: string): Promise<void> {
    this.#read('suspect');
    if (this.isFull) throw new Error('OOM command not allowed');
    this.suspected = epoch;
  }

  /** A failover to a copy that stopped at `seq`. */
  loseTail(seq: number): void {
    this.#entries = this.#entries.filter((entry) => entry.seq <= seq);
    this.#seq = seq;
  }

  /** Does what the worker does once a second. */
  settleEpoch(fresh: string): void {
    if (this.suspected === this.epoch) this.epoch = fresh;
    this.suspected = null;
  }

  get #head(): Head {
    return { epoch: this.epoch, seq: this.#seq, hash: this.#entries.at(-1)?.hash ?? '' };
  }

  async history(_edition: string, before: number, limit: number): Promise<OlderRead> {
    this.#read('history');
    const items = this.shown.filter((shown) => shown.item.place < before).slice(0, limit);
    const lowest = items.length < limit ? null : (items.at(-1)?.item.place ?? null);
    return { items, looked: items.length, lowest };
  }

  async item(_edition: string, id: string): Promise<PublicItem | null> {
    this.#read('item');
    const written = this.#items.get(id);
    return written ? this.#publicItem(id, written) : null;
  }

  async start(callbacks: Callbacks): Promise<void> {
    this.#callbacks = callbacks;
    callbacks.onReady();
  }

  /** Applies every entry that is appended from now on, for a test without pub/sub. */
  applyTo(target: { apply(entry: Entry): void }): void {
    this.#callbacks = { onEntry: (_edition, entry) => target.apply(entry), onReady: () => {}, onLost: () => {} };
  }

  async close(): Promise<void> {
    this.#callbacks = null;
  }

  #hide(
    id: string,
    state: 'hidden' | 'expired',
    reason: RemovalReason,
    notice: string | null,
    raise: number,
  ): Entry | null {
    const written = this.#items.get(id);
    if (written?.state !== 'shown') return null;
    written.version += raise;
    written.state = state;
    return this.#append(id, written, { was: written.facets, reason, notice });
  }

  #append(
    id: string,
    written: Written,
    what: { was: Facets | null; change?: Change; reason?: RemovalReason; notice?: string | null },
    publicNotice: string | null = null,
  ): Entry {
    const before = this.#head.hash;
    this.#seq++;
    this.#clock++;
    const isShown = written.state === 'shown';
    const header: Omit<Entry, 'hash'> = {
      epoch: this.epoch,
      seq: this.#seq,
      commandId: `command-${this.epoch}-${this.#seq}`,
      itemId: id,
      version: written.version,
      place: written.place,
      at: this.#clock,
      was: what.was,
      now: isShown ? written.facets : null,
      change: what.change ?? null,
      reason: what.reason ?? null,
      notice: what.notice ?? null,
      digest: '',
      before,
      item: isShown ? written.item : null,
      ...(what.reason && this.#withdrawn(id, written, what.reason, publicNotice)),
    };
    const entry = { ...header, hash: createHash('sha1').update(JSON.stringify(header)).digest('hex') };
    this.#entries.push(entry);
    if (!this.isDeaf) this.deliver(entry);
    return entry;
  }

  /** The end of a notice (`clear`) is no withdrawal. */
  #withdrawn(id: string, { version, place, facets, state }: Written, reason: RemovalReason, notice: string | null) {
    const kind = reason === 'expired' && state === 'retracted' ? null : reason;
    if (kind === null || kind === 'moved') return {};
    const about = { language: this.#edition, dir: this.#dir };
    return { withdrawn: { id, version, place, kind, at: this.#clock, facets, ...about, notice } };
  }

  #read(call: keyof MemoryLog['calls']): void {
    this.calls[call]++;
    if (this.isUnreachable) throw new Error('the log is unreachable');
  }

  #item(
    id: string,
    version: number,
    place: number,
    publishedAt: number,
    updatedAt: number,
    facets: Facets,
    headline: string,
  ): UsableItem {
    this.#headlines.push(headline);
    return {
      id,
      version,
      place,
      edition: this.#edition,
      language: this.#edition,
      dir: this.#dir,
      headline,
      status: 'usable',
      ...facets,
      publishedAt: wireTime(publishedAt),
      updatedAt: wireTime(updatedAt),
    };
  }

  #publicItem(id: string, written: Written): PublicItem {
    if (written.state === 'shown') return written.item;
    const { version, place, state, notice } = written;
    const last = this.#entries.findLast((entry) => entry.itemId === id);
    const status: Tombstone['status'] = state === 'hidden' ? 'withheld' : state === 'expired' ? 'expired' : 'retracted';
    return {
      id,
      version,
      place,
      edition: this.#edition,
      language: this.#edition,
      dir: this.#dir,
      status,
      updatedAt: wireTime(last?.at ?? this.#clock),
      ...(notice !== null && { notice }),
    };
  }
}

export function facets(sections: readonly string[] = ['politics'], more: Partial<Facets> = {}): Facets {
  return { sections, regions: ['europe'], topics: [], urgency: 'urgent', ...more };
}
