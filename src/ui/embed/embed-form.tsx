import { useState } from 'preact/hooks';
import { stringsOf } from '../strings/strings.ts';
import { Choices } from './choices.tsx';
import type { EmbedModel } from './model.ts';
import { Previews } from './previews.tsx';
import { Recipes } from './recipes.tsx';
import type { EmbedOptions } from './snippet.ts';

const properties = [
  'paper',
  'ink',
  'quiet',
  'rule',
  'accent',
  'on-accent',
  'flash',
  'on-flash',
  'alert',
  'font',
  'size',
  'radius',
];
const parts =
  'ticker header title state dot stage lines entry flash urgent update withdrawn about urgency time corrected line attribution headline link note notice empty controls button waiting previous next pause list all hide dismiss show away';

/** Every option of the ticker, the lines for a page, and previews. */
export function EmbedForm({ model }: { readonly model: EmbedModel }) {
  const strings = stringsOf('embed', model.language);
  const [options, setOptions] = useState<EmbedOptions>({
    edition: model.edition,
    section: '',
    region: '',
    topic: '',
    limit: '10',
    variant: 'banner',
    theme: 'auto',
    look: 'plain',
    open: false,
    reserve: false,
    pinned: false,
  });
  return (
    <div class="embed">
      <h1>{strings.title}</h1>
      <p class="summary">{strings.summary}</p>
      <div class="generator">
        <Choices model={model} options={options} set={(change) => setOptions({ ...options, ...change })} />
        <div class="results">
          <Recipes model={model} options={options} />
          <Previews model={model} options={options} />
        </div>
      </div>
      <Styling model={model} />
    </div>
  );
}

/** The properties and parts that a page can style, and the content security policy that it needs. */
function Styling({ model }: { readonly model: EmbedModel }) {
  const strings = stringsOf('embed', model.language);
  const { origin } = model.site;
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
        {`script-src ${origin}; connect-src ${origin} ${origin.replace(/^http/, 'ws')}; require-trusted-types-for 'script'`}
      </pre>
      <p>{strings.framePolicyHint}</p>
      <pre lang="en" dir="ltr">{`frame-src ${origin}`}</pre>
    </section>
  );
}
