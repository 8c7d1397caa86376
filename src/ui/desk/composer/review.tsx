import type { SiteEdition } from '../../../item/site.ts';
import { stringsOf } from '../../strings/language.ts';
import { numberText } from '../page/status-bar.tsx';
import type { DeskItem, ItemFields } from '../remote/desk-item.ts';
import { useWords } from '../words/language.ts';
import { graphemes } from './typed-line.ts';
import { cutAt, type Warning } from './warnings.ts';

interface ReviewProps {
  readonly fields: ItemFields;
  readonly edition: SiteEdition;
  readonly warnings: readonly Warning[];
  /** Connections open now; null: not known. */
  readonly audience: number | null;
  readonly lastFlash: DeskItem | null;
  /** A name for each edition. */
  readonly names: Names;
}

/** Names of editions by their ids. */
export type Names = Readonly<Record<string, string>>;

/** The line as each surface will show it, and for a flash whom it reaches and how it differs from the one before. Asks nothing: the next Enter sends. */
export function Review({ fields, edition, warnings, audience, lastFlash, names }: ReviewProps) {
  const { words } = useWords();
  const isFlash = fields.urgency === 'flash';
  const count =
    audience === null
      ? null
      : ([numberText(audience, words.language), new Intl.PluralRules(words.language).select(audience)] as const);
  return (
    <section class="review" aria-label={words.review.title}>
      {isFlash && count !== null && <p class="consequence">{words.review.flashTo(...count)}</p>}
      <Surface name={words.review.ticker} kind="ticker" fields={fields} edition={edition} />
      <Surface name={words.review.livePage} kind="page" fields={fields} edition={edition} />
      {graphemes(fields.headline).length > cutAt && <p class="quiet">{words.review.cut}</p>}
      {isFlash && <Difference fields={fields} lastFlash={lastFlash} />}
      <p class="quiet">
        {!isFlash && (count === null ? words.review.audienceUnknown : words.review.audience(...count))}
        {fields.publishAt !== undefined && ` · ${words.review.goesOut(timeIn(edition, Date.parse(fields.publishAt)))}`}
      </p>
      <Warnings warnings={warnings} names={names} />
    </section>
  );
}

interface SurfaceProps {
  readonly name: string;
  readonly kind: 'ticker' | 'page';
  readonly fields: ItemFields;
  readonly edition: SiteEdition;
}

function Surface({ name, kind, fields, edition }: SurfaceProps) {
  const { language, dir } = edition;
  const letters = graphemes(fields.headline);
  return (
    <figure class={`surface ${kind} ${fields.urgency}`}>
      <figcaption>{name}</figcaption>
      <p class="reads" lang={language} dir={dir}>
        <span class="urgency">{stringsOf(language).urgency[fields.urgency]}</span>{' '}
        {fields.attribution && <bdi class="attribution">{fields.attribution}</bdi>}
        {fields.attribution && <bdi dir={dir}>{': '}</bdi>}
        <bdi>
          {letters.slice(0, cutAt).join('')}
          {letters.length > cutAt && <span class="cut">{letters.slice(cutAt).join('')}</span>}
        </bdi>
      </p>
    </figure>
  );
}

/** What a flash says that the one before did not: a template that was sent by mistake looks like the last one. */
function Difference({ fields, lastFlash }: { readonly fields: ItemFields; readonly lastFlash: DeskItem | null }) {
  const { words } = useWords();
  if (!lastFlash) return <p class="quiet">{words.review.firstFlash}</p>;
  const { headline, language, dir } = lastFlash.body;
  const time = new Date(lastFlash.publishedAt ?? lastFlash.updatedAt).toLocaleTimeString('en-GB');
  const said = new Set(headline.toLocaleLowerCase().split(/\s+/));
  return (
    <div class="difference">
      <p class="quiet">{words.review.sinceLast(time)}</p>
      <p class="before" lang={language} dir={dir}>
        <bdi>{headline}</bdi>
      </p>
      <p class="after" lang={language} dir={dir}>
        <bdi>
          {fields.headline
            .split(/(\s+)/)
            .map((word, at) =>
              said.has(word.toLocaleLowerCase()) || word.trim() === '' ? word : <mark key={at}>{word}</mark>,
            )}
        </bdi>
      </p>
    </div>
  );
}

interface WarningsProps {
  readonly warnings: readonly Warning[];
  readonly names: Names;
}

/** What a second pair of eyes would say. Nothing waits for an answer to it. */
export function Warnings({ warnings, names }: WarningsProps) {
  const { words } = useWords();
  if (warnings.length === 0) return null;
  const say = (warning: Warning) => {
    switch (warning.type) {
      case 'duplicate':
        return words.warnings.duplicate(names[warning.edition] ?? warning.edition, warning.minutesAgo, warning.line);
      case 'too long':
        return words.warnings['too long'](warning.length, warning.cutAt);
      case 'unsourced':
        return words.warnings.unsourced;
      case 'test word':
        return words.warnings['test word'](warning.word);
      case 'unfilled':
        return words.warnings.unfilled(warning.slot);
    }
  };
  return (
    <ul class="warnings">
      {warnings.map((warning) => (
        <li key={warning.type} class={warning.type.replace(' ', '-')}>
          {say(warning)}
        </li>
      ))}
    </ul>
  );
}

/** Date and time on the wall of an edition; in UTC, and so marked, where the browser does not know its zone. */
export function timeIn({ timeZone }: Pick<SiteEdition, 'timeZone'>, ms: number): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(ms);
  } catch {
    return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  }
}
