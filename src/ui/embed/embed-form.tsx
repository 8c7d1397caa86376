import { useEffect, useRef, useState } from 'preact/hooks';
import type { Label } from '../pages/model.ts';
import { stringsOf } from '../strings/strings.ts';
import { attributesOf, type EmbedOptions, type EmbedSite, snippetOf, type ThemeName, themes } from './snippet.ts';

export interface EmbedModel {
  readonly language: string;
  readonly edition: string;
  readonly editions: readonly Label[];
  readonly sections: readonly Label[];
  readonly regions: readonly Label[];
  readonly site: EmbedSite;
}

const properties = ['paper', 'ink', 'quiet', 'rule', 'accent', 'on-accent', 'alert', 'font', 'size', 'radius'];
const parts =
  'ticker header title state dot stage lines entry flash urgent update withdrawn about urgency time corrected line attribution headline link note notice empty controls button pause list hide show away';

/** Every option of the ticker, the snippet for a page, and a preview. */
export function EmbedForm({ model }: { readonly model: EmbedModel }) {
  const strings = stringsOf('embed', model.language);
  const [options, setOptions] = useState<EmbedOptions>({
    edition: model.edition,
    section: '',
    region: '',
    topic: '',
    limit: '10',
    open: false,
    theme: 'plain',
    pinned: false,
  });
  const [isCopied, setCopied] = useState(false);
  const set = (change: Partial<EmbedOptions>) => {
    setOptions({ ...options, ...change });
    setCopied(false);
  };
  const snippet = snippetOf(options, model.site, stringsOf('ticker', options.edition).title);
  const shown = useRef<HTMLPreElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(snippet);
      setCopied(true);
    } catch {
      // Over plain HTTP there is no clipboard: the selected text can be copied by hand.
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
    }
  };
  return (
    <div class="embed">
      <h1>{strings.title}</h1>
      <p class="summary">{strings.summary}</p>
      <Options model={model} options={options} set={set} />
      <section aria-labelledby="snippet">
        <h2 id="snippet">{strings.snippet}</h2>
        <pre key={snippet} ref={shown} lang="en" dir="ltr">
          {snippet}
        </pre>
        <button type="button" onClick={() => void copy()}>
          <span key={String(isCopied)}>{isCopied ? strings.copied : strings.copy}</span>
        </button>
      </section>
      <section aria-labelledby="preview">
        <h2 id="preview">{strings.preview}</h2>
        <Preview options={options} />
      </section>
      <Styling model={model} />
    </div>
  );
}

/** The properties and parts that a page can style, and the content security policy that it needs. */
function Styling({ model }: { readonly model: EmbedModel }) {
  const strings = stringsOf('embed', model.language);
  return (
    <section aria-labelledby="styling">
      <h2 id="styling">{strings.styling}</h2>
      <p>{strings.stylingHint}</p>
      <pre lang="en" dir="ltr">
        {`${properties.map((name) => `--flashwire-${name}`).join('  ')}\n\n${parts}`}
      </pre>
      <h2>{strings.policy}</h2>
      <p>{strings.policyHint}</p>
      <pre lang="en" dir="ltr">
        {`script-src ${model.site.origin}; connect-src ${model.site.origin} ${model.site.origin.replace(/^http/, 'ws')}; require-trusted-types-for 'script'`}
      </pre>
    </section>
  );
}

interface OptionsProps {
  readonly model: EmbedModel;
  readonly options: EmbedOptions;
  set(change: Partial<EmbedOptions>): void;
}

function Options({ model, options, set }: OptionsProps) {
  const strings = stringsOf('embed', model.language);
  const any: Label = { id: '', label: strings.any };
  const limits = ['5', '10', '20'].map((id) => ({ id, label: id }));
  const looks = Object.entries(strings.themes).map(([id, label]) => ({ id, label }));
  return (
    <fieldset>
      <legend>{strings.options}</legend>
      <Choice label={strings.edition} value={options.edition} of={model.editions} on={(edition) => set({ edition })} />
      <Choice
        label={strings.section}
        value={options.section}
        of={[any, ...model.sections]}
        on={(section) => set({ section })}
      />
      <Choice
        label={strings.region}
        value={options.region}
        of={[any, ...model.regions]}
        on={(region) => set({ region })}
      />
      <label>
        {strings.topic}
        <input type="text" value={options.topic} onInput={(event) => set({ topic: event.currentTarget.value })} />
      </label>
      <Choice label={strings.limit} value={options.limit} of={limits} on={(limit) => set({ limit })} />
      <Choice
        label={strings.theme}
        value={options.theme}
        of={looks}
        on={(theme) => set({ theme: theme as ThemeName })}
      />
      <Tick label={strings.open} isOn={options.open} on={(open) => set({ open })} />
      <Tick label={strings.pinned} isOn={options.pinned} on={(pinned) => set({ pinned })} />
    </fieldset>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly of: readonly Label[];
  on(value: string): void;
}

function Choice({ label, value, of, on }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => on(event.currentTarget.value)}>
        {of.map((option) => (
          <option key={option.id} value={option.id} selected={option.id === value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

function Tick({ label, isOn, on }: { readonly label: string; readonly isOn: boolean; on(value: boolean): void }) {
  return (
    <label class="tick">
      <input type="checkbox" checked={isOn} onChange={(event) => on(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

/** The ticker, created again for every choice. */
function Preview({ options }: { readonly options: EmbedOptions }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const ticker = document.createElement('breaking-ticker');
    for (const [name, value] of attributesOf(options)) ticker.setAttribute(name, value);
    for (const [name, value] of Object.entries(themes[options.theme])) ticker.style.setProperty(name, value);
    frame.current?.replaceChildren(ticker);
  }, [options]);
  return <div class="preview" ref={frame} />;
}
