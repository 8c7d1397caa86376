import type { PublicItem } from '../../item/item.ts';
import { type FieldSet, hasMore, withoutMore } from '../../item/more.ts';
import type { Replica } from './replica.ts';

/** An edition as feeds and endpoints read it. Only its EditionSync changes it. */
export interface Edition {
  readonly id: string;
  /** Null until the edition has loaded. */
  readonly replica: Replica | null;
  /** How often the epoch has changed. Positions of the epoch before are invalid: every reader needs a snapshot. */
  readonly epochChanges: number;
  /** Rises with every change that readers can see. */
  readonly revision: number;
  readonly headReads: HeadReads;
  /** The log is unreachable: the replica may be behind. */
  readonly isStale: boolean;
}

/** Counts reads of the log's head. */
export interface HeadReads {
  /** How many reads have begun. */
  readonly begun: number;
  /** The number of the newest read that found the replica at the head; 0 if none has. */
  readonly confirmed: number;
}

/** The JSON text of each item, encoded once for all feeds and snapshots. */
export class ItemTexts {
  readonly #texts = new WeakMap<PublicItem, string>();
  /** With what is below the line; only of items that have it. */
  readonly #full = new WeakMap<PublicItem, string>();

  of(item: PublicItem, fields: FieldSet = 'default'): string {
    const isFull = fields === 'full' && hasMore(item);
    const texts = isFull ? this.#full : this.#texts;
    let text = texts.get(item);
    if (text === undefined) {
      text = JSON.stringify(isFull ? item : withoutMore(item));
      texts.set(item, text);
    }
    return text;
  }
}
