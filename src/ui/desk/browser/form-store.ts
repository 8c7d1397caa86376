import { isRecord } from '../../../protocol/item-parse.ts';
import { read, write } from './memory.ts';

export type FormName = 'correct' | 'attach' | 'retract' | 'translate';

/** The texts of a form that were neither sent nor discarded. */
export interface KeptForm {
  readonly form: FormName;
  /** The version of the item that the form was opened on. */
  readonly version: number;
  /** A closed form keeps its texts for the next time. */
  readonly isOpen: boolean;
  readonly texts: object;
}

/** What this browser keeps of the forms in the list, by item: it survives closing, reloading, signing out and a refusal. */
export interface FormStore {
  get(itemId: string): KeptForm | null;
  keep(itemId: string, kept: KeptForm): void;
  drop(itemId: string): void;
}

/** One store for each key and edition, and one for the rehearsal. Other tabs keep forms of other items there. */
export function openFormStore(
  storage: Pick<Storage, 'getItem' | 'setItem'> | null,
  { keyId, edition, isTest }: { readonly keyId: string; readonly edition: string; readonly isTest: boolean },
): FormStore {
  const key = `flashwire-desk-forms-${isTest ? 'test' : 'live'}-${keyId}-${edition}`;
  const forms = new Map(Object.entries(read(storage, key)).flatMap(([id, value]) => parseKept(id, value)));
  return {
    get: (itemId) => forms.get(itemId) ?? null,
    keep: (itemId, kept) => {
      forms.set(itemId, kept);
      write(storage, key, { ...read(storage, key), [itemId]: kept });
    },
    drop: (itemId) => {
      if (!forms.delete(itemId)) return;
      const { [itemId]: _, ...others } = read(storage, key);
      write(storage, key, others);
    },
  };
}

const names: readonly unknown[] = ['correct', 'attach', 'retract', 'translate'] satisfies readonly FormName[];

function parseKept(id: string, value: unknown): readonly (readonly [string, KeptForm])[] {
  if (!isRecord(value) || !names.includes(value['form']) || !isRecord(value['texts'])) return [];
  const { form, version, isOpen, texts } = value;
  if (typeof version !== 'number') return [];
  return [[id, { form: form as FormName, version, isOpen: isOpen === true, texts }]];
}
