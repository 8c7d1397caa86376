import { useEffect } from 'preact/hooks';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { focusBox } from '../browser/focus.ts';
import { useDesk, useEdition } from '../desk-context.ts';
import { EditionMark } from '../page/edition-mark.tsx';
import type { DeskItem, ItemFields as Fields } from '../remote/desk-item.ts';
import { type DeskWords, tested, useWords, type Verbs } from '../words/words.ts';
import { answerWords, Confirm, MoveLine } from './confirm.tsx';
import { ItemFields } from './item-fields.tsx';
import { OutgoingList } from './outgoing.tsx';
import { Review, Warnings } from './review.tsx';
import { isShown, type Step } from './send-steps.ts';
import { TemplateChoice } from './template-choice.tsx';
import { type ComposerProps, onComposerKey, useComposer } from './use-composer.ts';
import { warningsOf } from './warnings.ts';

interface Props extends ComposerProps {
  /** Items that a new line may duplicate. */
  readonly known: readonly DeskItem[];
}

/**
 * The composer. Enter shows the line, and Enter again sends it. A line that the server has not acknowledged stays in this
 * browser.
 */
export function Composer({ known, ...props }: Props) {
  const { feed } = useDesk();
  const edition = useEdition();
  const { words, isTest, say } = useWords();
  const box = useComposer(props);
  const { values, fields, step } = box;
  useEffect(() => {
    if (step === 'typing') return;
    for (const shown of ['.review, .confirm', '.actions'])
      box.form.current?.querySelector(shown)?.scrollIntoView({ block: 'nearest' });
  }, [step]);
  const warnings = isTest
    ? []
    : warningsOf(fields, {
        language: edition.language,
        known: doublesOf(known),
        now: Date.now() + feed.clockOffset,
      });
  return (
    <>
      <form
        ref={box.form}
        class={`composer card at-${step}`}
        onKeyDown={(event) => onComposerKey(event, box, props.onEscape)}
        onSubmit={(event) => {
          event.preventDefault();
          box.press('button');
        }}
      >
        <p class="goes-to">
          {isTest && <strong class="test-mark">TEST</strong>}
          <EditionMark edition={edition} />
          <TemplateChoice values={values} onChosen={box.change} />
        </p>
        <Links
          fields={fields}
          onUnlinked={() => {
            box.unlink();
            props.onUnlinked();
            focusBox();
          }}
        />
        <ItemFields
          values={values}
          label={say(words.box.newLine, { edition: edition.name })}
          sources={box.source.sources}
          attributions={box.memory.attributions}
          isNew
          onChange={box.change}
        />
        {!isShown(step) ? (
          <Warnings warnings={warnings.filter(({ type }) => type !== 'unsourced')} />
        ) : (
          <Review
            fields={fields}
            warnings={warnings}
            lastFlash={known.find((item) => item.edition === edition.id && isFlashOut(item)) ?? null}
          />
        )}
        <Confirm step={step} sent={fields.urgency === 'flash' ? null : (props.fuse.blownAt ?? 0)} source={box.source} />
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

interface LinksProps {
  readonly fields: Fields;
  onUnlinked(): void;
}

/** What the line replaces or translates. Other news may come first, and must not be linked. */
function Links({ fields, onUnlinked }: LinksProps) {
  const { words, isTest } = useWords();
  if (fields.replaces === undefined && fields.translationOf === undefined) return null;
  return (
    <>
      {fields.replaces !== undefined && <p class="replaces">{words.box.replacement}</p>}
      {fields.translationOf !== undefined && <p class="replaces">{words.box.translates}</p>}
      <p>
        <button type="button" class="unlink" onClick={onUnlinked}>
          {tested(words.box.unlink, isTest)}
        </button>
      </p>
    </>
  );
}

function Buttons({ box }: { readonly box: ReturnType<typeof useComposer> }) {
  const { mayPublish } = useDesk();
  const edition = useEdition();
  const wording = useWords();
  const { words, verbs, isTest, say } = wording;
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
          {answerWords(wording, step, edition) ?? say(publishWords(verbs, fields), { edition: edition.name })}
        </button>
      )}
      {step !== 'typing' && (
        <button type="button" onClick={box.back}>
          {tested(words.review.back, isTest)}
        </button>
      )}
      {step === 'script' && <MoveLine values={values} onMoved={box.clear} />}
      <button type="button" class="save-draft" disabled={values.line.trim() === ''} onClick={box.saveDraft}>
        {verbs.saveDraft}
      </button>
      <p class="quiet hint">{hintOf(words, step, values.urgency)}</p>
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
function hintOf(words: DeskWords, step: Step, urgency: Fields['urgency']): string {
  if (step === 'typing') return words.box.review;
  return urgency === 'flash' || step !== 'review' ? words.review.sendByCommand : words.review.send;
}

function publishWords(verbs: Verbs, { publishAt, urgency }: Fields): string {
  if (publishAt !== undefined) return verbs.schedule;
  return urgency === 'flash' ? verbs.sendFlash : verbs.send;
}
