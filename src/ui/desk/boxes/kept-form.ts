import { useRef, useState } from 'preact/hooks';
import { isRecord } from '../../../protocol/item-parse.ts';
import type { FormName } from '../browser/form-store.ts';
import { shapedLike } from '../browser/shaped-like.ts';
import { useForms } from '../desk-context.ts';
import type { DeskItem } from '../remote/desk-item.ts';

/** The texts of a form in the list. This browser keeps them until they are sent or discarded. */
export interface KeptTexts<Texts> {
  readonly texts: Texts;
  /** The version that they were typed on. */
  readonly version: number;
  readonly isChanged: boolean;
  /** The texts now, for what runs later. */
  latest(): Texts;
  set(changed: Partial<Texts>, version?: number): void;
  sent(): void;
}

export function useKeptTexts<Texts extends object>(
  item: Pick<DeskItem, 'id' | 'version'>,
  form: FormName,
  initial: Texts,
): KeptTexts<Texts> {
  const forms = useForms();
  const [state, setState] = useState(() => {
    const kept = forms.get(item.id);
    return kept?.form === form && isRecord(kept.texts)
      ? { texts: shapedLike(initial, kept.texts), version: kept.version, isChanged: true }
      : { texts: initial, version: item.version, isChanged: false };
  });
  // An answer may come when the editor has typed more.
  const latest = useRef(state);
  return {
    ...state,
    latest: () => latest.current.texts,
    set: (changed, version = latest.current.version) => {
      latest.current = { texts: { ...latest.current.texts, ...changed }, version, isChanged: true };
      setState(latest.current);
      forms.keep(item.id, { form, version, isOpen: true, texts: latest.current.texts });
    },
    sent: () => forms.drop(item.id),
  };
}
