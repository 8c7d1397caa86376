import type { ComponentChildren } from 'preact';
import { type Urgency, urgencies } from '../../../item/item.ts';
import { Below } from '../below/below.tsx';
import { useEdition } from '../desk-context.ts';
import type { Sources } from '../sources/use-sources.ts';
import { useWords } from '../words/words.ts';
import type { ComposerFields } from './composer-fields.ts';
import { FacetPicker } from './facet-picker.tsx';
import { LineBox } from './line-box.tsx';

interface ItemFieldsProps {
  readonly values: ComposerFields;
  readonly label: string;
  readonly sources: Sources;
  readonly attributions?: readonly string[];
  /** Whether a time to publish at can still be set. */
  readonly isNew: boolean;
  onChange(values: ComposerFields): void;
  /** False for a form that was open when the page was left: the focus is in the box. */
  readonly takesFocus?: boolean;
  /** What comes after the line. */
  readonly children?: ComponentChildren;
}

interface PartProps {
  readonly values: ComposerFields;
  set(changed: Partial<ComposerFields>): void;
}

/** The boxes that a new item, a correction and a translation share: the line, urgency, facets, and the rest folded away. */
export function ItemFields({
  values,
  label,
  sources,
  attributions,
  isNew,
  takesFocus = true,
  onChange,
  children,
}: ItemFieldsProps) {
  const edition = useEdition();
  const { words } = useWords();
  const set = (changed: Partial<ComposerFields>) => onChange({ ...values, ...changed });
  return (
    <>
      <LineBox
        line={values.line}
        language={edition.language}
        dir={edition.dir}
        label={label}
        sources={sources}
        {...(isNew && { example: words.box.example })}
        {...(attributions && { attributions })}
        takesFocus={takesFocus}
        onChange={(line) => set({ line })}
      />
      {children}
      <div class="row">
        <UrgencyChoice name={`urgency ${label}`} hasKeys={isNew} values={values} set={set} />
        <FacetPicker sections={values.sections} regions={values.regions} topics={values.topics} onChange={set} />
      </div>
      <Below below={values.below} onChange={(below) => set({ below })} />
      <ArticleAndTimes isNew={isNew} values={values} set={set} />
    </>
  );
}

interface UrgencyChoiceProps extends PartProps {
  readonly name: string;
  /** Alt and a digit choose. */
  readonly hasKeys: boolean;
}

function UrgencyChoice({ name, hasKeys, values, set }: UrgencyChoiceProps) {
  const { words } = useWords();
  return (
    <fieldset class="urgency">
      <legend>{words.box.urgency}</legend>
      {urgencies.map((urgency, at) => (
        <label key={urgency} class={urgency}>
          <input
            type="radio"
            name={name}
            value={urgency}
            checked={values.urgency === urgency}
            aria-keyshortcuts={hasKeys ? `Alt+${at + 1}` : undefined}
            onChange={() => set({ urgency })}
          />{' '}
          {words.box.urgencies[urgency]}
          {hasKeys && (
            <span class="key" dir="ltr" aria-hidden="true">
              Alt+{at + 1}
            </span>
          )}
        </label>
      ))}
    </fieldset>
  );
}

/** Without it the box takes a year of six digits, which is no time, and a line with no time goes out at once. */
const lastTime = '9999-12-31T23:59';

function ArticleAndTimes({ isNew, values, set }: PartProps & { readonly isNew: boolean }) {
  const { timeZone } = useEdition();
  const { words, say } = useWords();
  return (
    <details class="more" open={values.url !== '' || values.notBefore !== '' || values.until !== ''}>
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
            value={values.url}
            onInput={(event) => set({ url: event.currentTarget.value })}
          />
        </label>
        {isNew && (
          <label>
            {words.box.notBefore}
            <input
              name="notBefore"
              type="datetime-local"
              max={lastTime}
              value={values.notBefore}
              onInput={(event) => set({ notBefore: event.currentTarget.value })}
            />
          </label>
        )}
        <label>
          {words.box.until}
          <input
            name="until"
            type="datetime-local"
            max={lastTime}
            value={values.until}
            onInput={(event) => set({ until: event.currentTarget.value })}
          />
        </label>
      </div>
      <p class="quiet">{say(words.box.zone, { zone: timeZone })}</p>
    </details>
  );
}

/** The urgency that Alt and a digit chooses, by the position of the key: the same on every keyboard. */
export function urgencyKey(event: KeyboardEvent): Urgency | null {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return null;
  const at = ['Digit1', 'Digit2', 'Digit3'].indexOf(event.code);
  return urgencies[at] ?? null;
}
