import { sendOnSubmit } from '../browser/submit-form.ts';
import { answerWords, Confirm } from '../composer/confirm.tsx';
import { ItemFields } from '../composer/item-fields.tsx';
import { Review } from '../composer/review.tsx';
import { backOnEscape, isShown } from '../composer/send-steps.ts';
import { useEdition } from '../desk-context.ts';
import { isOut } from '../list/item-actions.ts';
import { useWords } from '../words/words.ts';
import { Conflict } from './conflict.tsx';
import { FormFooter } from './form-footer.tsx';
import { type CorrectFormProps, type CorrectionForm, type Kind, useCorrection } from './use-correction.ts';

export function CorrectForm(props: CorrectFormProps) {
  const wording = useWords();
  const { words, verbs, say } = wording;
  const form = useCorrection(props);
  const { item, texts, theirs, steps, edition } = form;
  if (theirs) {
    return (
      <Conflict
        theirs={theirs}
        mine={texts.values.line}
        onTakeTheirs={() => form.resolve(theirs, true)}
        onSendMine={() => form.resolve(theirs, false)}
      />
    );
  }
  const discard = () => {
    form.sent();
    props.onClose();
  };
  const isPublished = isOut(item.state);
  const isStopped = texts.isStopped && !isPublished;
  const publishWords = say(texts.values.urgency === 'flash' ? verbs.sendFlash : verbs.send, { edition: edition.name });
  const sendWords = isPublished ? verbs.sendCorrection : isStopped ? publishWords : verbs.save;
  return (
    <form
      class="inline"
      {...sendOnSubmit(form.busy, (how) => steps.press(how, form.needs, () => form.send(false, steps.step === 'fuse')))}
      onKeyDownCapture={(event) => backOnEscape(event, steps)}
    >
      {form.hasGoneOut && (
        <p class="warning" role="alert">
          {words.correct.hasGoneOut}
        </p>
      )}
      {isStopped && (
        <p class="quiet" role="status">
          {words.correct.stopped}
        </p>
      )}
      <ItemFields
        values={texts.values}
        label={isPublished ? words.correct.line : words.correct.lineNotOut}
        sources={form.source.sources}
        isNew={false}
        takesFocus={!props.isRestored}
        onChange={(values) => form.set({ values })}
      >
        {isPublished && <KindAndNote {...form} />}
      </ItemFields>
      {isShown(steps.step) && <Review fields={form.shown} />}
      <Confirm step={steps.step} source={form.source} />
      <FormFooter
        label={answerWords(wording, steps.step, edition) ?? sendWords}
        busy={form.busy}
        problem={form.problem}
        onClose={props.onClose}
        onDiscard={form.isChanged ? discard : null}
      >
        {isStopped && (
          <button type="button" onClick={() => !form.busy && void form.send(true)}>
            {verbs.saveDraft}
          </button>
        )}
      </FormFooter>
    </form>
  );
}

/** Whether readers see that the line was changed, and why. */
function KindAndNote({ texts: { kind, note }, set }: Pick<CorrectionForm, 'texts' | 'set'>) {
  const edition = useEdition();
  const { words } = useWords();
  return (
    <div class="row">
      {kind !== 'attach' && (
        <label class="grow">
          {words.correct.note}{' '}
          <input
            name="note"
            value={note}
            lang={edition.language}
            dir={edition.dir}
            required={kind === 'corrected'}
            placeholder={words.correct.noteHint}
            onInput={(event) => set({ note: event.currentTarget.value })}
          />
        </label>
      )}
      <label>
        {words.correct.kind}{' '}
        <select name="kind" value={kind} onChange={(event) => set({ kind: parseKind(event.currentTarget.value) })}>
          <option value="corrected">{words.correct.corrected}</option>
          <option value="refile">{words.correct.refile}</option>
          <option value="attach">{words.correct.attach}</option>
        </select>
      </label>
    </div>
  );
}

function parseKind(value: string): Kind {
  return value === 'refile' || value === 'attach' ? value : 'corrected';
}
