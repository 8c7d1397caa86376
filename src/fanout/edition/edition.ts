import type { PublicItem } from '../../item/item.ts';
import type { Replica } from './replica.ts';

/** An edition as feeds and edges read it. Only its EditionSync changes it. */
export interface Edition {
  readonly id: string;
  /** Null until it has been loaded for the first time. */
  readonly replica: Replica | null;
  /** Rises when positions lose their meaning (another epoch, a lost tail): every reader needs a snapshot. */
  readonly generation: number;
  /** Rises with every change of what a reader can be told. */
  readonly revision: number;
  readonly headReads: HeadReads;
  /** The log cannot be heard: what is served may be behind. */
  readonly isStale: boolean;
}

/** Reads of the log's head, counted. */
export interface HeadReads {
  /** How many have begun. */
  readonly begun: number;
  /** The number of the newest one that found the replica at the head; 0: none has. */
  readonly confirmed: number;
}

/** JSON text of an item, made once however many feeds and snapshots carry it. */
export class ItemTexts {
  readonly #texts = new WeakMap<PublicItem, string>();

  of(item: PublicItem): string {
    let text = this.#texts.get(item);
    if (text === undefined) {
      text = JSON.stringify(item);
      this.#texts.set(item, text);
    }
    return text;
  }
}
