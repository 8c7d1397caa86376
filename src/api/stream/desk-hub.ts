import type { Logger } from 'pino';
import type { DeskLog } from '../../log/commands/desk-log.ts';
import type { DeskNews, DeskNewsFollower } from '../../log/commands/desk-news.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';
import type { NewestLines } from '../guards/newest-lines.ts';
import { ProblemError } from '../http-problem.ts';
import type { ListedItem } from '../item-view.ts';
import type { Proof } from '../proof.ts';
import type { StopSwitch } from '../stop-switch.ts';
import { type DeskStatus, hasChanged, seenBy, statusSeenBy } from './desk-view.ts';
import { EditionList } from './edition-list.ts';
import { KnownStop } from './known-stop.ts';
import { eventText, type OpenDesk } from './open-desk.ts';
import { Presence } from './presence.ts';

export interface DeskHubDeps {
  readonly redis: RedisConnection;
  readonly prefix: string;
  /** They see the items that are read here. */
  readonly lines: Pick<NewestLines, 'see'>;
  readonly log: Pick<DeskLog, 'now' | 'list' | 'item' | 'translations'>;
  /** All editions of the site. */
  readonly editions: readonly string[];
  /** Of items and presence. */
  readonly news: DeskNewsFollower;
  /** Of STOP, keys and sessions: the site's, also for a rehearsal. */
  readonly siteNews: DeskNewsFollower;
  readonly stop: Pick<StopSwitch, 'state'>;
  /** This process. */
  readonly process: string;
  readonly logger: Logger;
  reachOf(itemId: string): Proof | null;
  audience(): Omit<DeskStatus, 'stop'>;
}

const beatMs = 5_000;
const statusMs = 2_000;
/** How often ends of sessions, beats and the status are looked at. */
const tickMs = 250;
/** Desks whose streams end together reconnect at random times within this. */
const reconnectWithinMs = 1_000;
/** A browser has one stream for all its windows. */
const mostOfKey = 100;

/**
 * All open desks of an api process. It reads a changed item once and writes it to every desk that may see it, so an open desk
 * costs Redis nothing but the last use of its session, once a minute (stream.ts). When its subscription is lost all streams end:
 * the desks reconnect, prove their keys again, and start with a snapshot, so nothing is missed.
 */
export class DeskHub {
  readonly #deps: DeskHubDeps;
  readonly #presence: Presence;
  readonly #stop: KnownStop;
  readonly #desks = new Map<OpenDesk, () => void>();
  readonly #lists = new Map<string, EditionList>();
  /** By edition, as last written. */
  readonly #present = new Map<string, string>();
  #status: DeskStatus | null = null;
  #statusAt = 0;
  #beatAt = 0;
  #ticker: NodeJS.Timeout | undefined;
  #isDraining = false;

  constructor(deps: DeskHubDeps) {
    this.#deps = deps;
    this.#stop = new KnownStop(deps.stop);
    const { redis, prefix, news, process } = deps;
    this.#presence = new Presence({
      redis,
      prefix,
      news,
      process,
      now: () => deps.log.now(),
      onChange: () => this.#tellPresence(),
    });
    news.onNews((one) => this.#hear(one));
    if (deps.siteNews !== news) deps.siteNews.onNews((one) => this.#hear(one));
    news.onLost(() => void this.#endAll());
  }

  /** Open desks. */
  get size(): number {
    return this.#desks.size;
  }

  /**
   * Writes the snapshots and then every change, until the desk closes. `mayStay` proves the key again after the desk is known here, so
   * that no revocation falls between the two. Throws a ProblemError, or Redis' error while it is unreachable; then nothing was written.
   */
  async open(desk: OpenDesk, mayStay: () => Promise<boolean>): Promise<void> {
    this.#admit(desk);
    this.#desks.set(desk, () => undefined);
    try {
      const lists = desk.editions.map((edition) => this.#listOf(edition));
      const [isAllowed] = await Promise.all([mayStay(), this.#stop.settle(), ...lists.map((list) => list.load())]);
      if (!isAllowed) throw new ProblemError('unauthorized', 'This key or session is no longer valid.');
      this.#admit(desk);
      if (!desk.isOpen) throw unavailable();
      const { keyId, name } = desk.principal;
      this.#desks.set(desk, this.#presence.enter(keyId, name, desk.editions));
      this.#ticker ??= setInterval(() => this.#tick(), tickMs).unref();
      const snapshots = desk.editions.map((edition) => eventText('snapshot', this.#snapshot(desk, edition)));
      const status = this.#statusNow();
      desk.begin(
        `retry: ${reconnectWithinMs}\n\n${snapshots.join('')}${eventText('status', statusSeenBy(desk.known, status))}`,
      );
    } catch (error) {
      this.close(desk);
      throw error;
    }
  }

  /** The connection of a desk has ended, or ends here. */
  close(desk: OpenDesk): void {
    const leave = this.#desks.get(desk);
    if (!leave) return;
    this.#desks.delete(desk);
    leave();
    for (const edition of this.#lists.keys())
      if (![...this.#desks.keys()].some(({ editions }) => editions.includes(edition))) this.#lists.delete(edition);
    if (this.#desks.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#stop.forget();
    this.#status = null;
    this.#present.clear();
  }

  /** The proof of an item may have changed. */
  proof(edition: string, itemId: string): void {
    this.#lists.get(edition)?.proof(itemId);
  }

  /** Ends every stream; later requests get `draining`. Resolves once the streams are written to their ends, after a second at most. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await Promise.race([this.#endAll(), new Promise((resolve) => setTimeout(resolve, reconnectWithinMs).unref())]);
    await this.#presence.close();
  }

  #admit(desk: OpenDesk): void {
    if (this.#isDraining) throw new ProblemError('draining', 'This process is ending. Try again.', [], 1);
    if (!this.#deps.news.isFollowing() || !this.#deps.siteNews.isFollowing()) throw unavailable();
    const { keyId } = desk.principal;
    const others = [...this.#desks.keys()].filter((one) => one !== desk && one.principal.keyId === keyId);
    if (others.length >= mostOfKey)
      throw new ProblemError(
        'rate-limited',
        `At most ${mostOfKey} streams may be open with one key at one process. Close one.`,
        [],
        30,
      );
  }

  #listOf(edition: string): EditionList {
    const present = this.#lists.get(edition);
    if (present) return present;
    const { log, editions, logger, lines, reachOf } = this.#deps;
    const list: EditionList = new EditionList(edition, {
      log,
      editions,
      reachOf,
      onRead: (item) => lines.see(item),
      onItem: (_, item) => this.#lists.get(edition) === list && this.#tellItem(edition, item),
      onRelative: (other, id) => this.#lists.get(other)?.change(id, false),
      onFailed: (_, error) => {
        logger.warn({ err: error, edition }, 'desk list not read');
        this.#lists.delete(edition);
        void this.#end(({ editions: its }) => its.includes(edition));
      },
    });
    this.#lists.set(edition, list);
    return list;
  }

  #hear(news: DeskNews): void {
    switch (news.type) {
      case 'item':
        this.#lists.get(news.edition)?.change(news.id);
        return;
      case 'stop':
        if (this.#desks.size > 0) void this.#tellStop();
        return;
      case 'key':
        void this.#end(({ principal }) => principal.keyId === news.id, 0);
        return;
      case 'session':
        void this.#end(({ session }) => session === news.id, 0);
        return;
      case 'presence':
      case 'presence-wanted':
        return; // presence.ts
    }
  }

  #tellItem(edition: string, item: ListedItem): void {
    const texts = new Map<string, string>();
    for (const desk of this.#desksOf(edition)) {
      const sees = desk.principal.editions?.join() ?? '';
      const text =
        texts.get(sees) ??
        eventText('item', { edition, now: this.#deps.log.now(edition), item: seenBy(desk.principal.editions, item) });
      texts.set(sees, text);
      desk.write(text);
    }
  }

  async #tellStop(): Promise<void> {
    try {
      const stop = await this.#stop.read();
      if (stop !== null) this.#toAll(eventText('stop', { ...stop, now: this.#deps.log.now() }));
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'stop switch not read');
      await this.#endAll();
    }
  }

  #tellStatus(status: DeskStatus): void {
    const texts = new Map<string, string>();
    for (const desk of this.#desks.keys()) {
      const known = desk.known.join();
      const text = texts.get(known) ?? eventText('status', statusSeenBy(desk.known, status));
      texts.set(known, text);
      desk.write(text);
    }
  }

  #tellPresence(): void {
    for (const edition of this.#lists.keys()) {
      const editors = this.#presence.of(edition);
      const text = JSON.stringify(editors);
      if (text === this.#present.get(edition)) continue;
      this.#present.set(edition, text);
      for (const desk of this.#desksOf(edition)) desk.write(eventText('presence', { edition, editors }));
    }
  }

  #snapshot({ principal }: OpenDesk, edition: string): object {
    const { items, next } = this.#listOf(edition).newest();
    return {
      edition,
      now: this.#deps.log.now(edition),
      items: items.map((item) => seenBy(principal.editions, item)),
      ...(next !== undefined && { next }),
      stop: this.#stop.state,
      presence: this.#presence.of(edition),
    };
  }

  #tick(): void {
    const at = performance.now();
    const now = this.#deps.log.now();
    void this.#end(({ endsAt }) => endsAt !== null && endsAt <= now, 0);
    if (at - this.#statusAt >= statusMs) {
      this.#statusAt = at;
      const status = this.#statusNow();
      if (!this.#status || hasChanged(this.#status, status)) this.#tellStatus(status);
      this.#status = status;
    }
    if (at - this.#beatAt < beatMs) return;
    this.#beatAt = at;
    this.#toAll(eventText('beat', { now }));
  }

  #statusNow(): DeskStatus {
    return { ...this.#deps.audience(), stop: this.#stop.state };
  }

  #toAll(text: string): void {
    for (const desk of this.#desks.keys()) desk.write(text);
  }

  #desksOf(edition: string): readonly OpenDesk[] {
    return [...this.#desks.keys()].filter(({ editions }) => editions.includes(edition));
  }

  #endAll(): Promise<void> {
    return this.#end(() => true);
  }

  async #end(which: (desk: OpenDesk) => boolean, retryMs?: number): Promise<void> {
    const ending = [...this.#desks.keys()].filter(which);
    await Promise.all(
      ending.map((desk) => {
        const ended = desk.end(retryMs ?? Math.random() * reconnectWithinMs);
        this.close(desk);
        return ended;
      }),
    );
  }
}

function unavailable(): ProblemError {
  return new ProblemError('unavailable', 'Changes do not arrive from Redis right now. Try again.', [], 2);
}
