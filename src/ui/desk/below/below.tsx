import { useEffect, useRef, useState } from 'preact/hooks';
import { useEdition } from '../desk-context.ts';
import { useWords } from '../words/words.ts';
import { type BelowFields, isEmpty } from './below-fields.ts';

interface BelowProps {
  readonly below: BelowFields;
  onChange(below: BelowFields): void;
}

/** What an item has below its line, folded away until there is some of it. */
export function Below({ below, onChange }: BelowProps) {
  const { words } = useWords();
  const details = useRef<HTMLDetailsElement>(null);
  const [isOpened, setOpened] = useState(false);
  const isNone = isEmpty(below);
  useEffect(() => {
    // After the line was sent, not while an editor deletes what is in a box.
    if (isNone && !details.current?.contains(document.activeElement)) setOpened(false);
  }, [isNone]);
  const isOpen = isOpened || !isNone;
  return (
    <details class="below" ref={details} open={isOpen} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>{words.below.title}</summary>
      {isOpen && <Boxes below={below} set={(changed) => onChange({ ...below, ...changed })} />}
    </details>
  );
}

function Boxes({ below, set }: PartProps) {
  const { words } = useWords();
  const { language: lang, dir } = useEdition();
  const text = { lang, dir };
  // The browser asks no address that is only half typed.
  const [sampled, setSampled] = useState(below.image);
  return (
    <>
      <label>
        {words.below.paragraphs}
        <textarea
          name="paragraphs"
          rows={4}
          data-lines
          {...text}
          value={below.paragraphs}
          onInput={(event) => set({ paragraphs: event.currentTarget.value })}
        />
      </label>
      <div class="row">
        <Field name="quote" label={words.below.quote} below={below} set={set} {...text} />
        <Field name="quoteBy" label={words.below.quoteBy} below={below} set={set} {...text} />
      </div>
      <div class="row">
        <Field
          name="image"
          label={words.below.image}
          below={below}
          set={set}
          dir="ltr"
          inputMode="url"
          onTyped={(url) => {
            setSampled(url);
            set({ width: '', height: '' });
          }}
        />
        <Field name="alt" label={words.below.alt} below={below} set={set} {...text} required={below.image !== ''} />
        <Field name="credit" label={words.below.credit} below={below} set={set} {...text} />
        <Field name="width" label={words.below.width} below={below} set={set} inputMode="numeric" />
        <Field name="height" label={words.below.height} below={below} set={set} inputMode="numeric" />
      </div>
      {below.image === sampled && <Sample below={below} set={set} />}
      <label>
        {words.below.links}
        <textarea
          name="links"
          rows={2}
          data-lines
          {...text}
          value={below.links}
          onInput={(event) => set({ links: event.currentTarget.value })}
        />
      </label>
      <p class="quiet">{words.below.hint}</p>
    </>
  );
}

interface PartProps {
  readonly below: BelowFields;
  set(changed: Partial<BelowFields>): void;
}

interface FieldProps extends PartProps {
  readonly name: Exclude<keyof BelowFields, 'paragraphs' | 'links'>;
  readonly label: string;
  readonly inputMode?: 'url' | 'numeric';
  readonly lang?: string;
  readonly dir?: 'ltr' | 'rtl';
  readonly required?: boolean;
  /** The editor has left the box with another text in it. */
  onTyped?(text: string): void;
}

function Field({ name, label, below, set, onTyped, ...rest }: FieldProps) {
  return (
    <label class={rest.inputMode === 'numeric' ? '' : 'grow'}>
      {label}
      <input
        name={name}
        {...rest}
        value={below[name]}
        onInput={(event) => set({ [name]: event.currentTarget.value })}
        onChange={onTyped && ((event) => onTyped(event.currentTarget.value))}
      />
    </label>
  );
}

/** The picture from its address. It says how large it is, unless that is known. */
function Sample({ below, set }: PartProps) {
  if (!below.image.startsWith('https://')) return null;
  return (
    <img
      class="sample"
      src={below.image}
      alt=""
      referrerpolicy="no-referrer"
      onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
        if (below.width === '' && below.height === '')
          set({ width: String(naturalWidth), height: String(naturalHeight) });
      }}
    />
  );
}
