import { useEffect, useRef, useState } from 'preact/hooks';
import type { FeedState } from '../../client/index.ts';
import type { UsableItem } from '../../item/item.ts';
import { type Strings, stringsOf } from '../strings/strings.ts';
import type { EmbedEdition, EmbedModel } from './model.ts';
import { attributesOf, type EmbedOptions, looks } from './snippet.ts';

const minuteMs = 60_000;
const names = ['usual', 'flash', 'empty', 'offline'] as const;
type Name = (typeof names)[number];

interface PreviewsProps {
  readonly model: EmbedModel;
  readonly options: EmbedOptions;
}

/**
 * The ticker in one of four states, with invented lines: the real ticker with a feed that stands still, which remembers nothing
 * of what a reader chooses (scripts/build-browser.mjs).
 */
export function Previews({ model, options }: PreviewsProps) {
  const strings = stringsOf('embed', model.language);
  const [state, setState] = useState<Name>('usual');
  const edition = model.editions.find(({ id }) => id === options.edition);
  return (
    <section class="previews" aria-labelledby="preview">
      <h2 id="preview">{strings.preview}</h2>
      <div class="states" role="radiogroup" aria-labelledby="preview">
        {names.map((name) => (
          <label key={name} class="tick">
            <input type="radio" name="state" checked={name === state} onChange={() => setState(name)} />
            {strings.states[name]}
          </label>
        ))}
      </div>
      {edition && <Preview options={options} edition={edition} state={state} />}
      {state === 'empty' && (
        <p key={String(options.reserve)} class="hint">
          {options.reserve ? strings.reservedHint : strings.emptyHint}
        </p>
      )}
    </section>
  );
}

interface PreviewProps {
  readonly options: EmbedOptions;
  readonly edition: EmbedEdition;
  readonly state: Name;
}

/** Made again for every choice. */
function Preview({ options, edition, state }: PreviewProps) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const ticker = document.createElement('breaking-ticker');
    const now = Date.now();
    const shown: FeedState =
      state === 'offline' ? { type: 'offline', since: now - 2 * minuteMs, retrying: true } : { type: 'live' };
    const { language, timeZone, numerals } = edition;
    const own = {
      lang: language,
      'time-zone': timeZone,
      numerals,
      strings: JSON.stringify(stringsOf('ticker', language)),
      src: JSON.stringify({ items: itemsOf(state, edition, now).slice(0, Number(options.limit)), state: shown }),
    };
    for (const [name, value] of [...attributesOf(options), ...Object.entries(own)]) ticker.setAttribute(name, value);
    for (const [name, value] of Object.entries(looks[options.look])) ticker.style.setProperty(name, value);
    frame.current?.replaceChildren(ticker);
  }, [options, edition, state]);
  return <div class={`preview ${options.variant}`} ref={frame} />;
}

function itemsOf(state: Name, edition: EmbedEdition, now: number): readonly UsableItem[] {
  if (state === 'empty') return [];
  const samples: Strings<'samples'> = stringsOf('samples', edition.language);
  const urgencies = state === 'flash' ? (['flash', 'urgent', 'update'] as const) : (['update', 'urgent'] as const);
  return urgencies.map((urgency, index) => {
    const at = new Date(now - (index * 7 + 1) * minuteMs).toISOString();
    return {
      id: `SAMPLE-${urgency}`,
      version: 1,
      place: urgencies.length - index,
      status: 'usable',
      edition: edition.id,
      language: samples.language,
      dir: samples.dir,
      headline: samples[urgency],
      sections: [],
      regions: [],
      topics: [],
      urgency,
      publishedAt: at,
      updatedAt: at,
    };
  });
}
