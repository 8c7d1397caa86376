import type { PublicItem } from '../../item/item.ts';
import { itemId } from '../../item/schema.ts';
import type { Site } from '../../item/site.ts';
import type { LogReader } from '../../log/entries/entry.ts';
import type { Clock } from '../scheduling/clock.ts';
import type { Edition } from './edition.ts';
import type { ReadBudget } from './read-budget.ts';
import { Recent } from './recent.ts';

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
 * Single items, for whoever asks. What a replica holds costs nothing. Anything else is one read in each edition, all at once,
 * within the budget that older items have; what was found, or not, is remembered for a second or until the next entry.
 */
export class ItemReads {
  readonly #deps: ItemReadsDeps;
  readonly #reads = new Recent<Read>(readsKept);

  constructor(deps: ItemReadsDeps) {
    this.#deps = deps;
  }

  /** As it stands, or what is left of it; null where no public edition has had it. Rejects while the log is away. */
  async find(id: string, client: string, only: string | null = null): Promise<PublicItem | 'busy' | null> {
    const { site, edition } = this.#deps;
    const editions = site.editions.flatMap((home) =>
      home.access === 'public' && (only ?? home.id) === home.id ? home.id : [],
    );
    const held = editions.map((known) => edition(known)?.replica?.item(id)).find((item) => item !== undefined);
    if (held) return held;
    if (!itemId.safeParse(id).success) return null;
    // Text may have been taken back while it was read: it is read again then.
    for (let attempt = 0; attempt < 3; attempt++) {
      const before = this.#textsOf(editions);
      const items = await this.#read(id, editions, client);
      if (items === null) return 'busy';
      if (this.#textsOf(editions) === before) return items.find((item) => item !== null) ?? null;
    }
    return 'busy';
  }

  /** Nobody who asks from now on gets what was read before. */
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

  /** Changes whenever text was taken back. */
  #textsOf(editions: readonly string[]): string {
    const replicas = editions.map((id) => this.#deps.edition(id)?.replica);
    return replicas.map((replica) => `${replica?.epoch} ${replica?.rewrites}`).join();
  }
}
