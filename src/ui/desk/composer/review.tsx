import { useDesk, useEdition } from '../desk-context.ts';
import type { DeskItem, ItemFields } from '../remote/desk-item.ts';
import { useTimes } from '../words/times.ts';
import { useWords } from '../words/words.ts';
import { Preview, type ShownFields } from './preview.tsx';
import type { Warning } from './warnings.ts';

interface ReviewProps {
  readonly fields: ShownFields & Pick<ItemFields, 'publishAt'>;
  readonly warnings?: readonly Warning[];
  /** The flash before, to compare a new one with; null: there is none. */
  readonly lastFlash?: DeskItem | null;
}

/**
 * The line as each surface will show it. A flash also shows how many connections it reaches and how it differs from the
 * flash before. It asks no question: the next Enter sends.
 */
export function Review({ fields, warnings = [], lastFlash }: ReviewProps) {
  const { readers } = useDesk();
  const edition = useEdition();
  const { moment } = useTimes();
  const audience = readers[edition.id] ?? null;
  const { words, say } = useWords();
  const isFlash = fields.urgency === 'flash';
  return (
    <section class="review" aria-label={words.review.title}>
      {isFlash && audience !== null && <p class="consequence">{say(words.review.flashTo, { count: audience })}</p>}
      <Preview fields={fields} />
      {isFlash && lastFlash !== undefined && <Difference fields={fields} lastFlash={lastFlash} />}
      <p class="quiet">
        {!isFlash &&
          (audience === null ? words.review.audienceUnknown : say(words.review.audience, { count: audience }))}
        {fields.publishAt !== undefined &&
          ` · ${say(words.review.goesOut, { time: moment(Date.parse(fields.publishAt)) })}`}
      </p>
      <Warnings warnings={warnings} />
    </section>
  );
}

/** Marks the words that the previous flash did not have: a template sent by mistake looks like the previous flash. */
function Difference({ fields, lastFlash }: { readonly fields: ShownFields; readonly lastFlash: DeskItem | null }) {
  const { words, say } = useWords();
  const { clock } = useTimes();
  if (!lastFlash) return <p class="quiet">{words.review.firstFlash}</p>;
  const { headline, language, dir } = lastFlash.body;
  const time = clock(lastFlash.publishedAt ?? lastFlash.updatedAt);
  const before = new Set(headline.toLocaleLowerCase().split(/\s+/));
  return (
    <div class="difference">
      <p class="quiet">{say(words.review.sinceLast, { time })}</p>
      <p class="before" lang={language} dir={dir}>
        <bdi>{headline}</bdi>
      </p>
      <p class="after" lang={language} dir={dir}>
        <bdi>
          {fields.headline
            .split(/(\s+)/)
            .map((word, at) =>
              before.has(word.toLocaleLowerCase()) || word.trim() === '' ? word : <mark key={at}>{word}</mark>,
            )}
        </bdi>
      </p>
    </div>
  );
}

/** Warnings about a line. They never block it. */
export function Warnings({ warnings }: { readonly warnings: readonly Warning[] }) {
  const { site } = useDesk();
  const { words, say } = useWords();
  const edition = useEdition();
  if (warnings.length === 0) return null;
  const textOf = (warning: Warning) => {
    switch (warning.type) {
      case 'duplicate':
        return say(words.warnings.duplicate, {
          edition: site.editions.find(({ id }) => id === warning.edition)?.name ?? warning.edition,
          minutes: warning.minutesAgo,
          line: warning.line,
        });
      case 'too long':
        return say(words.warnings['too long'], { count: warning.length });
      case 'unsourced':
        return words.warnings.unsourced;
      case 'wrong script':
        return say(words.warnings['wrong script'], { edition: edition.name });
      case 'test word':
        return say(words.warnings['test word'], { word: warning.word });
      case 'unfilled':
        return say(words.warnings.unfilled, { slot: warning.slot });
    }
  };
  return (
    <ul class="warnings">
      {warnings.map((warning) => (
        <li key={warning.type} class={warning.type.replace(' ', '-')}>
          {textOf(warning)}
        </li>
      ))}
    </ul>
  );
}
