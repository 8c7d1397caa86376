import type { Urgency } from '../../../item/item.ts';
import { useEdition } from '../desk-context.ts';
import { useWords } from '../words/words.ts';
import type { Draft } from './draft.ts';
import { FacetPicker } from './facet-picker.tsx';
import { LineBox } from './line-box.tsx';

interface FieldsProps {
  readonly draft: Draft;
  readonly label: string;
  readonly attributions?: readonly string[];
  /** Whether it can still be told when to go out. */
  readonly isNew: boolean;
  onChange(draft: Draft): void;
}

const urgencies = ['flash', 'urgent', 'update'] as const;

/** The boxes that a new item, a correction and a translation share: the line, urgency, what it is filed under, and the rest folded away. */
export function ItemFields({ draft, label, attributions, isNew, onChange }: FieldsProps) {
  const edition = useEdition();
  const { words, say } = useWords();
  const set = (changed: Partial<Draft>) => onChange({ ...draft, ...changed });
  return (
    <>
      <LineBox
        line={draft.line}
        language={edition.language}
        dir={edition.dir}
        label={label}
        {...(attributions && { attributions })}
        onChange={(line) => set({ line })}
      />
      <div class="row">
        <fieldset class="urgency">
          <legend>{words.box.urgency}</legend>
          {urgencies.map((urgency) => (
            <label key={urgency} class={urgency}>
              <input
                type="radio"
                name={`urgency ${label}`}
                value={urgency}
                checked={draft.urgency === urgency}
                onChange={() => set({ urgency })}
              />{' '}
              {words.box.urgencies[urgency]}
            </label>
          ))}
        </fieldset>
        <FacetPicker
          sections={draft.sections}
          regions={draft.regions}
          topics={draft.topics}
          onChange={(chosen) => set(chosen)}
        />
      </div>
      <details class="more" open={draft.url !== '' || draft.notBefore !== '' || draft.until !== ''}>
        <summary>
          {words.box.article} · {words.box.more}
        </summary>
        <div class="row">
          <label class="grow">
            {words.box.article}
            <input
              name="url"
              type="url"
              dir="ltr"
              placeholder={words.box.articleHint}
              value={draft.url}
              onInput={(event) => set({ url: event.currentTarget.value })}
            />
          </label>
          {isNew && (
            <label>
              {words.box.notBefore}
              <input
                name="notBefore"
                type="datetime-local"
                value={draft.notBefore}
                onInput={(event) => set({ notBefore: event.currentTarget.value })}
              />
            </label>
          )}
          <label>
            {words.box.until}
            <input
              name="until"
              type="datetime-local"
              value={draft.until}
              onInput={(event) => set({ until: event.currentTarget.value })}
            />
          </label>
        </div>
        <p class="quiet">{say(words.box.zone, { zone: edition.timeZone })}</p>
      </details>
    </>
  );
}

/** Alt and a digit, by the place of the key: the same on every keyboard. */
export function urgencyKey(event: KeyboardEvent): Urgency | null {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return null;
  const at = ['Digit1', 'Digit2', 'Digit3'].indexOf(event.code);
  return urgencies[at] ?? null;
}
