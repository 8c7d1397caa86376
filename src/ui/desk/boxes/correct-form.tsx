import { useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import type { SiteEdition } from '../../../item/site.ts';
import { focusBox } from '../browser/focus.ts';
import { sendOnSubmit } from '../browser/submit-form.ts';
import { type ComposerFields, composerFieldsOf, fieldsOf, holdSeconds } from '../composer/composer-fields.ts';
import { answerWords, Confirm } from '../composer/confirm.tsx';
import { ItemFields } from '../composer/item-fields.tsx';
import { Review } from '../composer/review.tsx';
import { backOnEscape, needsOf, useSteps } from '../composer/send-steps.ts';
import { useDesk, useEdition } from '../desk-context.ts';
import { isOut } from '../list/item-actions.ts';
import type { Problem } from '../remote/desk-api.ts';
import type { DeskItem, ItemFields as Fields } from '../remote/desk-item.ts';
import { useWords } from '../words/words.ts';
import { Conflict } from './conflict.tsx';
import { FormFooter } from './form-footer.tsx';

type Kind = 'corrected' | 'refile' | 'attach';

interface CorrectFormProps {
  /** As it stood when the form was opened: its version is what If-Match names, so a later change of another editor is not lost. */
  readonly item: DeskItem;
  readonly first: Kind;
  onDone(): void;
  onClose(): void;
}

export function CorrectForm(props: CorrectFormProps) {
  const wording = useWords();
  const { words, verbs } = wording;
  const form = useCorrection(props);
  const { item, theirs, steps, edition } = form;
  if (theirs) {
    return (
      <Conflict
        theirs={theirs}
        mine={form.values.line}
        onTakeTheirs={() => form.resolve(theirs, true)}
        onSendMine={() => form.resolve(theirs, false)}
      />
    );
  }
  const isPublished = isOut(item.state);
  return (
    <form
      class="inline"
      {...sendOnSubmit(form.busy, (how) => steps.press(how, form.needs, () => form.send(item)))}
      onKeyDownCapture={(event) => backOnEscape(event, steps)}
    >
      <ItemFields
        values={form.values}
        label={isPublished ? words.correct.line : words.correct.lineNotOut}
        isNew={false}
        onChange={form.setValues}
      >
        {isPublished && <KindAndNote {...form} />}
      </ItemFields>
      {steps.step !== 'typing' && <Review fields={fieldsOf(form.values, edition)} />}
      <Confirm step={steps.step} />
      <FormFooter
        label={answerWords(wording, steps.step, edition) ?? (isPublished ? verbs.sendCorrection : verbs.save)}
        busy={form.busy}
        problem={form.problem}
        onClose={props.onClose}
      />
    </form>
  );
}

/**
 * The state of the form, and the correction of the version that it was opened on. `theirs` is set when another editor was
 * faster.
 */
function useCorrection({ item: opened, first, onDone, onClose }: CorrectFormProps) {
  const { api } = useDesk();
  const edition = useEdition();
  const [item, setItem] = useState(opened);
  const [values, setValues] = useState(composerFieldsOf(item, edition));
  const [kind, setKind] = useState<Kind>(first);
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [theirs, setTheirs] = useState<DeskItem | null>(null);
  const [busy, setBusy] = useState(false);
  const steps = useSteps();
  // A line that stays as it is has been confirmed before.
  const { isFlash, steps: all } = needsOf(fieldsOf(values, edition), edition);
  const needs = { isFlash, steps: all.filter((step) => step !== 'script' || values.line !== lineOf(item.body)) };
  const change = (changed: ComposerFields) => {
    setValues(changed);
    steps.back();
  };
  const send = async (base: DeskItem) => {
    setBusy(true);
    focusBox({ preventScroll: true });
    const fields = correctedFields(values, base, edition, isOut(base.state) ? kind : 'attach', note.trim());
    const answer = await api.correct(base.id, base.version, isOut(base.state) ? { ...fields, holdSeconds } : fields);
    const newest = answer.type === 'problem' && answer.problem.status === 412 ? await api.item(base.id) : null;
    setBusy(false);
    onDone();
    if (newest?.type === 'ok' && newest.value) return setTheirs(newest.value);
    if (answer.type === 'problem') return setProblem(answer.problem);
    onClose();
  };
  const resolve = (newest: DeskItem, isTheirs: boolean) => {
    setItem(newest);
    setTheirs(null);
    if (isTheirs) setValues(composerFieldsOf(newest, edition));
    else void send(newest);
  };
  return {
    item,
    edition,
    values,
    setValues: change,
    steps,
    needs,
    kind,
    setKind,
    note,
    setNote,
    problem,
    theirs,
    busy,
    send,
    resolve,
  };
}

type KindAndNoteProps = Pick<ReturnType<typeof useCorrection>, 'kind' | 'setKind' | 'note' | 'setNote'>;

/** Whether readers see that the line was changed, and why. */
function KindAndNote({ kind, setKind, note, setNote }: KindAndNoteProps) {
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
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </label>
      )}
      <label>
        {words.correct.kind}{' '}
        <select name="kind" value={kind} onChange={(event) => setKind(parseKind(event.currentTarget.value))}>
          <option value="corrected">{words.correct.corrected}</option>
          <option value="refile">{words.correct.refile}</option>
          <option value="attach">{words.correct.attach}</option>
        </select>
      </label>
    </div>
  );
}

/**
 * PUT replaces the whole item, so fields that this form does not show are sent back unchanged. An unchanged line keeps its
 * attribution. An unchanged time keeps what the box cannot show: its seconds, and which of two equal hours in autumn.
 */
function correctedFields(
  values: ComposerFields,
  item: DeskItem,
  edition: SiteEdition,
  kind: Kind,
  note: string,
): Fields {
  const { body } = item;
  const { publishAt: _, ...typed } = fieldsOf(values, edition);
  const isTimeLeft = values.until === composerFieldsOf(item, edition).until;
  const fields = {
    ...typed,
    language: body.language,
    dir: body.dir,
    ...(isTimeLeft && body.expiresAt && { expiresAt: body.expiresAt }),
    ...(body.replaces && { replaces: body.replaces }),
    ...(body.translationOf && { translationOf: body.translationOf }),
  };
  const correction = kind === 'attach' ? {} : { correction: { kind, ...(note !== '' && { note }) } };
  if (values.line !== lineOf(body)) return { ...fields, ...correction };
  const { attribution: __, ...rest } = fields;
  return {
    ...rest,
    headline: body.headline,
    ...(body.attribution && { attribution: body.attribution }),
    ...correction,
  };
}

function parseKind(value: string): Kind {
  return value === 'refile' || value === 'attach' ? value : 'corrected';
}
