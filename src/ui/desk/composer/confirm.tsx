import { isMostlyInOtherScript } from '../../../item/line/script.ts';
import { type SiteEdition, usualFlashesPerMinute } from '../../../item/site.ts';
import { openUnsentStore } from '../browser/unsent-store.ts';
import { useDesk, useEdition } from '../desk-context.ts';
import { SourceQuestion, type SourceQuestionProps } from '../sources/source-question.tsx';
import { storesOf } from '../words/language.ts';
import { tested, useWords, type Wording } from '../words/words.ts';
import { type ComposerFields, fieldsOf, keptFieldsOf, unsentFieldsOf } from './composer-fields.ts';
import type { Step } from './send-steps.ts';

interface ConfirmProps {
  readonly step: Step;
  /** Lines of the last minute, for the fuse of the desk; null: the server asks about flashes. */
  readonly sent?: number | null;
  readonly source?: SourceQuestionProps;
}

/** The question of a step: the next press is its answer. */
export function Confirm({ step, sent = null, source }: ConfirmProps) {
  const edition = useEdition();
  const { words, say } = useWords();
  if (step === 'source' && source) return <SourceQuestion {...source} />;
  if (step !== 'script' && step !== 'fuse') return null;
  return (
    <p class={`confirm ${step}`} role="alert">
      {step === 'script' && say(words.script.ask, { edition: edition.name })}
      {step === 'fuse' &&
        (sent === null
          ? say(words.fuse.flashes, {
              edition: edition.name,
              count: edition.flashesPerMinute ?? usualFlashesPerMinute,
            })
          : say(words.fuse.ask, { count: sent }))}
    </p>
  );
}

/** The label of the button that answers a question; null where none is asked. */
export function answerWords({ words, isTest, say }: Wording, step: Step, edition: SiteEdition): string | null {
  if (step === 'script') return tested(say(words.script.goOn, { edition: edition.name }), isTest);
  return step === 'fuse' ? tested(words.fuse.goOn, isTest) : null;
}

interface MoveProps {
  readonly values: ComposerFields;
  onMoved(): void;
}

/** A button for each edition whose script the line is in and whose box is empty: it takes the line there, at the same time. */
export function MoveLine({ values, onMoved }: MoveProps) {
  const { editions, who, goTo } = useDesk();
  const here = useEdition();
  const { words, isTest, say } = useWords();
  const boxOf = ({ id }: SiteEdition) => openUnsentStore(storesOf(window), { keyId: who.keyId, edition: id, isTest });
  const fitting = editions.filter(
    (edition) =>
      edition.id !== here.id &&
      !isMostlyInOtherScript(values.line, edition.language) &&
      keptFieldsOf(boxOf(edition).box) === null,
  );
  return (
    <>
      {fitting.map((edition) => (
        <button
          key={edition.id}
          type="button"
          onClick={() => {
            boxOf(edition).keepBox(unsentFieldsOf(fieldsOf(values, here, []), edition));
            onMoved();
            goTo(edition.id);
          }}
        >
          {tested(say(words.script.move, { edition: edition.name }), isTest)}
        </button>
      ))}
    </>
  );
}
