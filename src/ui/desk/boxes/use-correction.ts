import { useEffect, useRef, useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import type { SiteEdition } from '../../../item/site.ts';
import { focusBox } from '../browser/focus.ts';
import {
  type ComposerFields,
  composerFieldsOf,
  fieldsOf,
  holdSeconds,
  sourcesOf,
} from '../composer/composer-fields.ts';
import { type Needs, needsOf, type Steps, useSteps } from '../composer/send-steps.ts';
import { useDesk, useEdition } from '../desk-context.ts';
import { isOut } from '../list/item-actions.ts';
import type { Problem } from '../remote/desk-api.ts';
import type { DeskItem, ItemFields as Fields } from '../remote/desk-item.ts';
import type { SourceQuestionProps } from '../sources/source-question.tsx';
import { type Sources, useEditionSources } from '../sources/use-sources.ts';
import { type KeptTexts, useKeptTexts } from './kept-form.ts';

export type Kind = 'corrected' | 'refile' | 'attach';

export interface CorrectFormProps {
  /** As it stood when the form was opened: its version is what If-Match names, so a later change of another editor is not lost. */
  readonly item: DeskItem;
  /** As it stands now. */
  readonly live: DeskItem;
  readonly first: Kind;
  /** The form was open when the page was left. */
  readonly isRestored: boolean;
  onDone(): void;
  onClose(): void;
}

interface Texts {
  readonly values: ComposerFields;
  readonly kind: Kind;
  readonly note: string;
  /** This form has taken the item off its clock, so it publishes it. */
  readonly isStopped: boolean;
}

export interface CorrectionForm extends KeptTexts<Texts> {
  /** The version that is changed. */
  readonly item: DeskItem;
  readonly edition: SiteEdition;
  readonly steps: Steps;
  /** What the line needs before it is sent. */
  readonly needs: Needs;
  readonly source: SourceQuestionProps;
  /** What readers will see. */
  readonly shown: Fields;
  readonly problem: Problem | null;
  /** The item as another editor has changed it meanwhile. */
  readonly theirs: DeskItem | null;
  /** The item went out while it was edited, so the form is a correction now. */
  readonly hasGoneOut: boolean;
  readonly busy: boolean;
  send(asDraft: boolean, isFuseConfirmed?: boolean): Promise<void>;
  resolve(newest: DeskItem, isTheirs: boolean): void;
}

/**
 * The state of the form that edits an item which is not out, or corrects one that is. Editing a held item stops its clock: it
 * becomes a draft, which this form publishes. If it was out already, the form becomes a correction and keeps its text.
 */
export function useCorrection(props: CorrectFormProps): CorrectionForm {
  const { live, first, onDone, onClose } = props;
  const { api } = useDesk();
  const edition = useEdition();
  const form = useKeptTexts<Texts>(props.item, first === 'attach' ? 'attach' : 'correct', {
    values: composerFieldsOf(props.item, edition),
    kind: first,
    note: '',
    isStopped: false,
  });
  const changing = useLatestItem({ ...props.item, version: form.version });
  const { item, latest, setItem } = changing;
  const sendTexts = useSendTexts(form, changing);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [theirs, setTheirs] = useState<DeskItem | null>(null);
  const [hasGoneOut, setGoneOut] = useState(false);
  const [busy, setBusy] = useState(false);
  const steps = useSteps();
  const set: typeof form.set = (changed) => {
    form.set(changed);
    if (changed.values) steps.back();
  };
  /** Text that was typed on another version is compared with that one: the API answers 412. */
  const nowCorrects = (newest: DeskItem) => {
    setItem({ ...newest, version: latest.current.version });
    setGoneOut(true);
    setProblem(null);
    steps.back();
  };
  const settle = async (refusal: Problem, from: DeskItem) => {
    if (steps.asksAbout(refusal)) return setProblem(null);
    const read = [409, 412, 422].includes(refusal.status) ? await api.item(from.id) : null;
    const newest = read?.type === 'ok' ? read.value : null;
    if (newest && !isOut(from.state) && isOut(newest.state)) nowCorrects(newest);
    else if (newest && refusal.status === 412) setTheirs(newest);
    else setProblem(refusal);
  };
  const clock = useClockStop(props, async () => {
    const answer = await api.correct(item.id, item.version, { ...unchanged(item, edition), state: 'draft' });
    onDone();
    if (answer.type === 'problem') return settle(answer.problem, item);
    const version = answer.value.version ?? item.version + 1;
    setItem({ ...item, version, state: 'draft', dueAt: null });
    form.set({ isStopped: true }, version);
  });
  useEffect(() => {
    if (!isOut(latest.current.state) && isOut(live.state)) nowCorrects(live);
  }, [live.state]);
  const send = async (asDraft: boolean, isFuseConfirmed = false) => {
    const wasOut = isOut(latest.current.state);
    setBusy(true);
    focusBox({ preventScroll: true });
    await clock.current;
    // It has gone out since the press: a correction is another decision.
    const answer = isOut(latest.current.state) === wasOut ? await sendTexts(asDraft, isFuseConfirmed) : null;
    setBusy(false);
    if (answer === null) return;
    onDone();
    if (answer.type === 'problem') return settle(answer.problem, latest.current);
    form.sent();
    onClose();
  };
  const resolve = (newest: DeskItem, isTheirs: boolean) => {
    setItem(newest);
    setTheirs(null);
    form.set(isTheirs ? { values: composerFieldsOf(newest, edition) } : {}, newest.version);
    steps.back();
    // A flash is shown again before it goes.
    if (!isTheirs && form.latest().values.urgency !== 'flash') void send(false);
  };
  const press = usePress(form.texts, item, setProblem);
  return { ...form, ...press, set, item, edition, steps, problem, theirs, hasGoneOut, busy, send, resolve };
}

/** What is asked and shown before the texts are sent. A line that stays as it is has been confirmed before. */
function usePress(texts: Texts, item: DeskItem, onAnswered: (problem: Problem | null) => void) {
  const edition = useEdition();
  const known = useEditionSources();
  const { line } = texts.values;
  const isUnchanged = line === lineOf(item.body);
  const sources = [...sourcesOf(item), ...known.known];
  const typed = fieldsOf(texts.values, edition, sources);
  const name = isUnchanged || typed.attribution !== undefined ? null : known.unknownIn(line);
  const { isFlash, steps } = needsOf(typed, edition, name);
  return {
    source: { name, sources: { ...known, known: sources }, onAnswered },
    needs: { isFlash, steps: steps.filter((step) => step !== 'script' || !isUnchanged) },
    shown: { ...typed, ...correctionOf(texts, item) },
  };
}

/** Sends the texts on the version that is changed. A line that was stopped goes out again, unless it stays a draft. */
function useSendTexts(form: KeptTexts<Texts>, { latest, setItem }: ReturnType<typeof useLatestItem>) {
  const { api } = useDesk();
  const edition = useEdition();
  const known = useEditionSources();
  return async (asDraft: boolean, isFuseConfirmed: boolean) => {
    const from = latest.current;
    const texts = form.latest();
    const isCorrection = isOut(from.state);
    const fields = correctedFields(texts, from, edition, [...sourcesOf(from), ...known.known]);
    const sent = isCorrection ? { ...fields, holdSeconds } : fields;
    const saved = await api.correct(from.id, from.version, sent, isFuseConfirmed);
    if (saved.type === 'problem' || isCorrection || !texts.isStopped || asDraft) return saved;
    const version = saved.value.version ?? from.version + 1;
    setItem({ ...from, version });
    form.set({}, version);
    return api.publishDraft(from.id, version, holdSeconds, isFuseConfirmed);
  };
}

/** The version that is changed. An answer may come when it is another one already. */
function useLatestItem(first: DeskItem) {
  const [item, set] = useState(first);
  const latest = useRef(item);
  const setItem = (changed: DeskItem) => {
    latest.current = changed;
    set(changed);
  };
  return { item, latest, setItem };
}

/** Stops the clock of a held item when its form is opened. What is sent waits for the answer. */
function useClockStop({ item, isRestored }: CorrectFormProps, stop: () => Promise<void>) {
  const clock = useRef<Promise<void> | null>(null);
  useEffect(() => {
    if (item.state === 'held' && !isRestored) clock.current = stop();
  }, []);
  return clock;
}

function unchanged(item: DeskItem, edition: SiteEdition): Fields {
  return correctedFields({ values: composerFieldsOf(item, edition), kind: 'attach', note: '' }, item, edition, []);
}

/**
 * PUT replaces the whole item, so fields that this form does not show are sent back unchanged. An unchanged line keeps its
 * attribution. An unchanged time keeps what the box cannot show: its seconds, and which of two equal hours in autumn.
 */
function correctedFields(
  texts: Omit<Texts, 'isStopped'>,
  item: DeskItem,
  edition: SiteEdition,
  sources: Sources['known'],
): Fields {
  const { values } = texts;
  const { body } = item;
  const { publishAt: _, ...typed } = fieldsOf(values, edition, sources);
  const isTimeLeft = values.until === composerFieldsOf(item, edition).until;
  const fields = {
    ...typed,
    language: body.language,
    dir: body.dir,
    ...(isTimeLeft && body.expiresAt && { expiresAt: body.expiresAt }),
    ...(body.replaces && { replaces: body.replaces }),
    ...(body.translationOf && { translationOf: body.translationOf }),
  };
  const correction = correctionOf(texts, item);
  if (values.line !== lineOf(body)) return { ...fields, ...correction };
  const { attribution: __, ...rest } = fields;
  return {
    ...rest,
    headline: body.headline,
    ...(body.attribution && { attribution: body.attribution }),
    ...correction,
  };
}

/** What readers are told of the change: nothing of an item that is not out. */
function correctionOf({ kind, note }: Pick<Texts, 'kind' | 'note'>, { state }: DeskItem): Pick<Fields, 'correction'> {
  if (kind === 'attach' || !isOut(state)) return {};
  return { correction: { kind, ...(note.trim() !== '' && { note: note.trim() }) } };
}
