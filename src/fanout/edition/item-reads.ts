import type { PublicItem } from '../../item/item.ts';
import { itemId } from '../../item/schema.ts';
import type { Site } from '../../item/site.ts';
import type { LogReader } from '../../log/entries/log-reader.ts';
import type { Clock } from '../scheduling/clock.ts';
import type { Edition } from './edition.ts';
import { LruMap } from './lru-map.ts';
import type { ReadBudget } from './read-budget.ts';

interface ItemReadsDeps {
  readonly site: Site;
  readonly log: LogReader;
  readonly budget: ReadBudget;
  readonly clock: Pick<Clock, 'now'>;
  edition(id: string): Edition | undefined;
}

interface Read {
  readonly at: number;
  readonly item: Promise<PublicItem | null>;
}

const keptMs = 1_000;
const readsKept = 2_048;

/**
 * Reads single items, for any client. An item in a replica costs nothing. For any other item it reads every edition at once,
 * within the budget that older items share. It caches the result, also a missing item, for a second or until the next entry.
 */
export class ItemReads {
  readonly #deps: ItemReadsDeps;
  readonly #reads = new LruMap<Read>(readsKept);

  constructor(deps: ItemReadsDeps) {
    this.#deps = deps;
  }

  /** The current version or the tombstone. Null if no public edition has had the item. Rejects while the log is unreachable. */
  async find(id: string, client: string, only: string | null = null): Promise<PublicItem | 'busy' | null> {
    const { site, edition } = this.#deps;
    const editions = site.editions.flatMap((home) =>
      home.access === 'public' && (only ?? home.id) === home.id ? home.id : [],
    );
    const held = editions.map((one) => edition(one)?.replica?.item(id)).find((item) => item !== undefined);
    if (held) return held;
    if (!itemId.safeParse(id).success) return null;
    // Reads again if text was hidden during the read.
    for (let attempt = 0; attempt < 3; attempt++) {
      const before = this.#textRevisionOf(editions);
      const items = await this.#read(id, editions, client);
      if (items === null) return 'busy';
      if (this.#textRevisionOf(editions) === before) return items.find((item) => item !== null) ?? null;
    }
    return 'busy';
  }

  /** Later requests read again. */
  forget(): void {
    this.#reads.clear();
  }

  #read(id: string, editions: readonly string[], client: string): Promise<readonly (PublicItem | null)[]> | null {
    const { budget, clock, log } = this.#deps;
    const now = clock.now();
    const keyOf = (edition: string) => `${edition} ${id}`;
    const isKept = (edition: string) => now - (this.#reads.get(keyOf(edition))?.at ?? -keptMs) < keptMs;
    const unknown = editions.filter((edition) => !isKept(edition));
    if (unknown.length > 0) {
      const read = budget.run(client, unknown.length, () =>
        Promise.all(unknown.map((edition) => log.item(edition, id))),
      );
      if (read === null) return null;
      for (const [index, edition] of unknown.entries()) {
        const item = read.then((items) => items[index] ?? null);
        this.#reads.set(keyOf(edition), { at: now, item });
        item.catch(() => this.#reads.delete(keyOf(edition)));
      }
    }
    return Promise.all(editions.map((edition) => this.#reads.get(keyOf(edition))?.item ?? null));
  }

  /** Changes whenever text was hidden. */
  #textRevisionOf(editions: readonly string[]): string {
    const replicas = editions.map((id) => this.#deps.edition(id)?.replica);
    return replicas.map((replica) => `${replica?.epoch} ${replica?.rewrites}`).join();
  }
}
