import { z } from 'zod';
import { parseJson } from '../../item/json.ts';
import type { ItemState } from '../../item/lifecycle.ts';
import { type KnownLine, pairsOf } from '../../item/line/warnings.ts';
import type { DeskItem } from '../../log/commands/desk-log.ts';
import type { DeskNewsFollower } from '../../log/commands/desk-news.ts';

/** What this process has to know of an item. */
export type SeenItem = Pick<DeskItem, 'id' | 'edition' | 'version' | 'state' | 'body' | 'publishedAt' | 'updatedAt'>;

export interface NewestLinesDeps {
  /** Of the site: the canary's lines repeat each other. */
  readonly editions: readonly string[];
  readonly news: DeskNewsFollower;
  item(edition: string, id: string): Promise<SeenItem | null>;
}

interface NewestLine extends KnownLine {
  readonly version: number;
}

const words = z.object({ headline: z.string() });

const most = 50;
/** Changes of one item within this are one read: an acceptance and its append are a few ms apart. */
const coalesceMs = 20;
/** States of a line that is out or on its way. */
const standing: readonly ItemState[] = ['queued', 'held', 'scheduled', 'published', 'withheld'];

/**
 * The newest lines of each edition, so that a POST reads nothing to find a near duplicate. An item that changed, in whatever
 * process, is read again: a new line is known everywhere, and nothing of a retracted one stays in memory. The lists of
 * src/api/stream would not do, because they exist only while a desk is open.
 */
export class NewestLines {
  readonly #deps: NewestLinesDeps;
  readonly #byEdition = new Map<string, Map<string, NewestLine>>();
  /** Ids that are read soon. */
  readonly #changed = new Set<string>();

  constructor(deps: NewestLinesDeps) {
    this.#deps = deps;
    deps.news.onNews((news) => {
      if (news.type === 'item' && deps.editions.includes(news.edition)) this.#change(news.edition, news.id);
    });
    // A retraction may be among the lost news.
    deps.news.onLost(() => this.#byEdition.clear());
  }

  of(edition: string): readonly KnownLine[] {
    return [...(this.#byEdition.get(edition)?.values() ?? [])];
  }

  /** A call with the same version or a later one replaces the earlier one. */
  see({ id, edition, version, state, body, publishedAt, updatedAt }: SeenItem): void {
    if (!this.#deps.editions.includes(edition) || !this.#deps.news.isFollowing()) return;
    const lines = this.#byEdition.get(edition) ?? new Map<string, NewestLine>();
    this.#byEdition.set(edition, lines);
    const known = lines.get(id);
    if (known && known.version > version) return;
    const { data } = words.safeParse(parseJson(body));
    if (!data || !standing.includes(state)) return void lines.delete(id);
    const at = publishedAt ?? updatedAt;
    if (known?.version === version) return void lines.set(id, { ...known, at });
    lines.set(id, { id, version, at, pairs: pairsOf(data.headline) });
    if (lines.size > most) lines.delete(oldestOf(lines));
  }

  /** The item is gone. */
  forget(edition: string, id: string): void {
    this.#byEdition.get(edition)?.delete(id);
  }

  #change(edition: string, id: string): void {
    if (this.#changed.has(id)) return;
    this.#changed.add(id);
    setTimeout(() => {
      this.#changed.delete(id);
      void this.#read(edition, id);
    }, coalesceMs).unref();
  }

  async #read(edition: string, id: string): Promise<void> {
    // An item that cannot be read may have been retracted.
    const item = await this.#deps.item(edition, id).catch(() => null);
    if (item) this.see(item);
    else this.forget(edition, id);
  }
}

function oldestOf(lines: ReadonlyMap<string, NewestLine>): string {
  return [...lines.values()].reduce((oldest, line) => (line.at < oldest.at ? line : oldest)).id;
}
