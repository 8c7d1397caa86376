import { isRecord } from '../../../protocol/item-parse.ts';
import type { ItemFields } from '../remote/desk-item.ts';
import type { Unsent } from '../remote/outbox.ts';
import { read, write } from './memory.ts';

/** The lines that this browser keeps because no server has them: what is in the box, and lines that were not sent. */
export interface UnsentStore {
  /** As it was kept, by this version of the page or by another one. */
  readonly box: unknown;
  readonly unsent: readonly Unsent[];
  keepBox(fields: object): void;
  /** The window closes: the next one finds its line, also if another window has kept its own since. */
  leaveBox(): void;
  keep(unsent: Unsent): void;
  drop(key: string): void;
}

type Store = Pick<Storage, 'getItem' | 'setItem'> | null;

export interface Stores {
  /** Of all windows, and of those to come. */
  readonly shared: Store;
  /** Of this window, which keeps it over a reload. */
  readonly own: Store;
}

export interface StoreName {
  /** The key that has signed in. */
  readonly keyId: string;
  readonly edition: string;
  readonly isTest: boolean;
}

/**
 * One store for each key and edition, and one for the rehearsal: nobody sees or sends what another person has written, and the
 * server knows the Idempotency-Key of an unsent line with that person's key only. Unsent lines are read every time, since another
 * window may have changed them. A window finds its own box again; a new one finds the box that was changed or closed last.
 */
export function openUnsentStore({ shared, own }: Stores, { keyId, edition, isTest }: StoreName): UnsentStore {
  const key = `flashwire-desk-${isTest ? 'test' : 'live'}-${keyId}-${edition}`;
  const stored = () => read(shared, key);
  // Nothing in the shared one: somebody has cleared what the browser keeps.
  const boxIn = (all: Record<string, unknown>) => ('box' in all ? { ...all, ...read(own, key) }['box'] : undefined);
  const unsent = () =>
    Array.isArray(stored()['unsent']) ? (stored()['unsent'] as unknown[]).flatMap(parseUnsent) : [];
  return {
    get box() {
      return boxIn(stored());
    },
    get unsent() {
      return unsent();
    },
    keepBox: (box) => {
      write(own, key, { box });
      write(shared, key, { ...stored(), box });
    },
    leaveBox: () => {
      const box = boxIn(stored());
      if (isRecord(box) && box['line'] !== '') write(shared, key, { ...stored(), box });
    },
    keep: (one) =>
      write(shared, key, { ...stored(), unsent: [one, ...unsent().filter(({ key: known }) => known !== one.key)] }),
    drop: (dropped) =>
      write(shared, key, { ...stored(), unsent: unsent().filter(({ key: known }) => known !== dropped) }),
  };
}

function parseUnsent(value: unknown): readonly Unsent[] {
  if (!isRecord(value) || !isRecord(value['fields']) || typeof value['key'] !== 'string') return [];
  const { key, at, firstAt, gaveUpAt, asDraft, fields, stoppedBy } = value;
  if (
    typeof at !== 'number' ||
    typeof firstAt !== 'number' ||
    typeof gaveUpAt !== 'number' ||
    typeof fields['headline'] !== 'string'
  )
    return [];
  // A line stored by another version of this page could break the composer.
  if (![fields['sections'], fields['regions'], fields['topics']].every(Array.isArray)) return [];
  // This page wrote it, and the API validates it again.
  return [
    {
      key,
      at,
      firstAt,
      gaveUpAt,
      asDraft: asDraft === true,
      fields: fields as unknown as ItemFields,
      ...(typeof stoppedBy === 'string' && { stoppedBy }),
    },
  ];
}
