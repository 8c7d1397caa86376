import { useEffect } from 'preact/hooks';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { useDesk, useEdition } from '../desk-context.ts';
import { EditionMark } from '../page/edition-mark.tsx';
import type { DeskItem, ItemFields as Fields } from '../remote/desk-item.ts';
import { type DeskWords, tested, useWords, type Verbs } from '../words/words.ts';
import { ItemFields } from './item-fields.tsx';
import type { Step } from './next-step.ts';
import { OutgoingList } from './outgoing.tsx';
import { Review, Warnings } from './review.tsx';
import { parseTypedLine } from './typed-line.ts';
import { type ComposerProps, onComposerKey, useComposer } from './use-composer.ts';
import { warningsOf } from './warnings.ts';

interface Props extends ComposerProps {
  /** Connections of this edition; null: not known. */
  readonly audience: number | null;
  /** Items that a new line may duplicate. */
  readonly known: readonly DeskItem[];
}

/**
 * The composer. Enter shows the line, and Enter again sends it. A line that the server has not acknowledged stays in this
 * browser.
 */
export function Composer({ audience, known, ...props }: Props) {
  const { site } = useDesk();
  const edition = useEdition();
  const { replaces } = props;
  const { words, isTest, say } = useWords();
  const box = useComposer(props);
  const { values, fields, step } = box;
  const names = Object.fromEntries(site.editions.map(({ id, name }) => [id, name]));
  useEffect(() => {
    if (step.type !== 'typing') box.form.current?.querySelector('.review')?.scrollIntoView({ block: 'nearest' });
  }, [step.type]);
  const warnings = isTest
    ? []
    : warningsOf(parseTypedLine(values.line), {
        language: edition.language,
        known: doublesOf(known),
        now: Date.now(),
      });
  return (
    <>
      <form
        ref={box.form}
        class={`composer card at-${step.type}`}
        onKeyDown={(event) => onComposerKey(event, box, props.onEscape)}
        onSubmit={(event) => {
          event.preventDefault();
          box.press('button');
        }}
      >
        <p class="goes-to">
          {isTest && <strong class="test-mark">TEST</strong>}
          <EditionMark edition={edition} />
        </p>
        {replaces && <p class="replaces">{words.box.replacement}</p>}
        <ItemFields
          values={values}
          label={say(words.box.newLine, { edition: edition.name })}
          attributions={box.memory.attributions}
          isNew
          onChange={box.change}
        />
        {step.type === 'typing' ? (
          <Warnings warnings={warnings.filter(({ type }) => type !== 'unsourced')} names={names} />
        ) : (
          <Review
            fields={fields}
            warnings={warnings}
            audience={isTest ? null : audience}
            lastFlash={known.find((item) => item.edition === edition.id && isFlashOut(item)) ?? null}
            names={names}
          />
        )}
        {step.type === 'fuse' && (
          <p class="fuse" role="alert">
            {say(words.fuse.ask, { count: props.fuse.blownAt ?? 0 })}
          </p>
        )}
        <Buttons box={box} />
        <p role="status" class="said">
          {box.result}
        </p>
        <ProblemBox problem={box.problem} />
      </form>
      <OutgoingList
        outgoing={box.outbox.outgoing}
        onSend={box.sendAgain}
        onReturn={box.takeBack}
        onDiscard={box.outbox.discard}
      />
    </>
  );
}

function Buttons({ box }: { readonly box: ReturnType<typeof useComposer> }) {
  const { mayPublish } = useDesk();
  const edition = useEdition();
  const { words, verbs, isTest, say } = useWords();
  const { step, values, fields } = box;
  return (
    <div class="row actions">
      {mayPublish && (
        <button
          type="submit"
          class={`primary ${values.urgency}`}
          // A double click is one press.
          onClick={(event) => event.detail > 1 && event.preventDefault()}
        >
          {step.type === 'fuse'
            ? tested(words.fuse.goOn, isTest)
            : say(publishWords(verbs, fields), { edition: edition.name })}
        </button>
      )}
      {step.type !== 'typing' && (
        <button type="button" onClick={box.back}>
          {tested(words.review.back, isTest)}
        </button>
      )}
      <button type="button" class="save-draft" disabled={values.line.trim() === ''} onClick={box.saveDraft}>
        {verbs.saveDraft}
      </button>
      <p class="quiet hint">{hintOf(words, step.type, values.urgency)}</p>
    </div>
  );
}

function doublesOf(known: readonly DeskItem[]) {
  return known
    .filter(({ state }) => ['queued', 'held', 'scheduled', 'published', 'withheld'].includes(state))
    .map(({ id, edition, body, publishedAt, updatedAt }) => ({ id, edition, body, at: publishedAt ?? updatedAt }));
}

function isFlashOut({ body, publishedAt }: DeskItem): boolean {
  return body.urgency === 'flash' && publishedAt !== null;
}

/** The key that goes on. */
function hintOf(words: DeskWords, step: Step['type'], urgency: Fields['urgency']): string {
  if (step === 'typing') return words.box.review;
  return urgency === 'flash' || step === 'fuse' ? words.review.sendByCommand : words.review.send;
}

function publishWords(verbs: Verbs, { publishAt, urgency }: Fields): string {
  if (publishAt !== undefined) return verbs.schedule;
  return urgency === 'flash' ? verbs.sendFlash : verbs.send;
}
