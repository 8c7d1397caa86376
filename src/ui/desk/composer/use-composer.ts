import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isComposing } from '../browser/composing.ts';
import { newKey } from '../browser/idempotency-key.ts';
import { takesLines } from '../browser/lines.ts';
import { type Memory, openMemory } from '../browser/memory.ts';
import { openUnsentStore } from '../browser/unsent-store.ts';
import { useDesk, useEdition } from '../desk-context.ts';
import type { Returned } from '../page/held-lines.ts';
import type { Problem, Standing } from '../remote/desk-api.ts';
import type { DeskItem, ItemFields } from '../remote/desk-item.ts';
import { keyLivesMs, type Sending } from '../remote/outbox.ts';
import { type Outbox, useOutbox } from '../remote/use-outbox.ts';
import type { SourceQuestionProps } from '../sources/source-question.tsx';
import { useEditionSources } from '../sources/use-sources.ts';
import { storageOf, storesOf } from '../words/language.ts';
import { useWords } from '../words/words.ts';
import {
  type ComposerFields,
  emptyFields,
  fieldsOf,
  holdSeconds,
  keptFieldsOf,
  unsentFieldsOf,
} from './composer-fields.ts';
import { urgencyKey } from './item-fields.tsx';
import type { RateFuse } from './rate-fuse.ts';
import { useReturned } from './returned-line.ts';
import { type Needs, needsOf, type Press, type Step, useSteps } from './send-steps.ts';
import { openSlot, selectSlot } from './slots.ts';
import { useDeliver, useResult } from './use-deliver.ts';

export interface ComposerProps {
  readonly fuse: RateFuse;
  /** The retracted item that the next line replaces. */
  readonly replaces: DeskItem | null;
  /** A line of this editor that was stopped. */
  readonly returned: Returned | null;
  onTaken(): void;
  /** The next line replaces nothing. */
  onUnlinked(): void;
  /** Escape was pressed in an empty box. */
  onEscape(): void;
  onDone(): void;
  /** The API has accepted a line with these fields. */
  onAccepted(fields: ItemFields, standing: Standing): void;
}

export interface Composing {
  readonly form: RefObject<HTMLFormElement | null>;
  readonly values: ComposerFields;
  readonly fields: ItemFields;
  readonly step: Step;
  readonly source: SourceQuestionProps;
  readonly result: string;
  readonly problem: Problem | null;
  readonly memory: Memory;
  readonly outbox: Outbox;
  change(values: ComposerFields): void;
  clear(): void;
  /** The line replaces and translates nothing. */
  unlink(): void;
  back(): void;
  press(how: Press): void;
  saveDraft(): unknown;
  sendAgain(sending: Sending): void;
  /** Returns a line that was stopped to the box. Text that is in the box stays. */
  takeBack(sending: Sending): void;
}

const noAttempt = { text: '', key: '' };

/** The state of the composer, and what its keys do. */
export function useComposer(props: ComposerProps): Composing {
  const { mayPublish } = useDesk();
  const edition = useEdition();
  const { words, say } = useWords();
  const { steps, isRestored, giveBack, ...box } = useBox();
  const { values, memory, outbox, clear } = box;
  const [problem, setProblem] = useState<Problem | null>(null);
  const { result, setResult, setHeldByStop } = useResult(isRestored ? words.box.restored : '');
  const attempt = useAttempt();
  const form = useRef<HTMLFormElement>(null);
  const { fields, source } = useLine(values, props.replaces, setProblem);
  useFocus(form, props.replaces?.id);
  const giveBackFields = (unsent: ItemFields) => giveBack(unsentFieldsOf(unsent, edition));
  const takeBack = useReturned({ ...props, outbox, giveBack: giveBackFields });
  const deliver = useDeliver(outbox, {
    setHeldByStop,
    onDone: props.onDone,
    onAccepted: ({ key, fields }, standing) => {
      props.onAccepted(fields, standing);
      attempt.accepted(key);
    },
    setResult,
    onReturned: (sending, refusal) => {
      attempt.again(sending);
      setProblem(steps.asksAbout(refusal) ? null : refusal);
    },
    giveBack: giveBackFields,
  });
  const submit = (asDraft: boolean, isFuseConfirmed = false) => {
    const sent = asDraft ? draftFields(fields) : heldFields(fields);
    const key = attempt.keyFor(JSON.stringify([sent, asDraft]));
    if (!asDraft) count(props.fuse, sent, isFuseConfirmed);
    memory.remember({ ...values, attribution: fields.attribution });
    setProblem(null);
    setResult(words.said.sending);
    clear();
    form.current?.querySelector('textarea')?.focus();
    void deliver({ key, fields: sent, asDraft, isFuseConfirmed, at: Date.now(), firstAt: Date.now() });
  };
  const isReady = () => values.line.trim() !== '' && form.current?.reportValidity() !== false;
  const press = (how: Press) => {
    if (!isReady()) return;
    if (!mayPublish) return submit(true);
    const slot = openSlot(values.line, edition.templates);
    if (slot !== null) {
      setResult(say(words.box.fillSlot, { slot: `{${slot}}` }));
      return selectSlot(form.current);
    }
    const isBlown = fields.urgency !== 'flash' && props.fuse.blownAt !== null;
    const needs = withBox(needsOf(fields, edition, source.name), how, isBlown);
    steps.press(how, needs, () => submit(false, steps.step === 'fuse'));
  };
  return {
    ...box,
    form,
    fields,
    step: steps.step,
    source,
    result,
    problem,
    back: steps.back,
    press,
    saveDraft: () => isReady() && submit(true),
    sendAgain: (sending) => sendAgain(sending, deliver, giveBackFields, outbox),
    takeBack,
  };
}

/** Counts a line. The server counts flashes. */
function count(fuse: RateFuse, { urgency }: ItemFields, isConfirmed: boolean): void {
  if (urgency === 'flash') return;
  if (isConfirmed) fuse.mend();
  fuse.sent();
}

/** In the box every line is shown, except after Ctrl+Enter, and many lines in a minute are a question. */
function withBox({ isFlash, steps }: Needs, how: Press, isBlown: boolean): Needs {
  return {
    isFlash,
    steps: [...(how === 'command' ? [] : (['review'] as const)), ...steps, ...(isBlown ? (['fuse'] as const) : [])],
  };
}

/** What is in the box as the fields of an item, and the question about what stands before its colon. */
function useLine(values: ComposerFields, replaces: DeskItem | null, onAnswered: SourceQuestionProps['onAnswered']) {
  const edition = useEdition();
  const sources = useEditionSources();
  const fields: ItemFields = {
    ...fieldsOf(values, edition, sources.known),
    ...(replaces && { replaces: replaces.id }),
  };
  const source: SourceQuestionProps = { name: sources.unknownIn(values.line), sources, onAnswered };
  return { fields, source };
}

/** The Idempotency-Key of a text: it stays the same until the text is accepted. */
function useAttempt() {
  const attempt = useRef(noAttempt);
  return {
    keyFor: (text: string) => {
      if (attempt.current.text !== text) attempt.current = { text, key: newKey() };
      return attempt.current.key;
    },
    /** A refused text is in the box again. */
    again: ({ key, fields, asDraft }: Sending) => {
      attempt.current = { text: JSON.stringify([fields, asDraft]), key };
    },
    /** After this, the same text is a new line. */
    accepted: (key: string) => {
      if (attempt.current.key === key) attempt.current = noAttempt;
    },
  };
}

/** The keys of the box: Enter, Ctrl+Enter, Ctrl+S, Alt and a digit, Escape. */
export function onComposerKey(event: KeyboardEvent, box: Composing, onEscape: () => void): void {
  const urgency = urgencyKey(event);
  const isCommand = event.ctrlKey || event.metaKey;
  const isBox = event.target instanceof HTMLTextAreaElement && !takesLines(event.target);
  if (urgency) box.change({ ...box.values, urgency });
  else if (isCommand && event.code === 'KeyS') box.saveDraft();
  else if (event.key === 'Escape' && box.step !== 'typing') box.back();
  else if (event.key === 'Escape' && isBox && box.values.line === '' && !event.repeat) onEscape();
  else if (event.key === 'Enter' && (isBox || isCommand) && !isComposing(event))
    !event.repeat && box.press(isCommand ? 'command' : 'enter');
  else if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
  event.preventDefault();
}

/** The fields in the box, their step, and what this browser stores of them. */
function useBox() {
  const { api, who } = useDesk();
  const edition = useEdition();
  const { isTest } = useWords();
  const store = useMemo(() => openUnsentStore(storesOf(window), { keyId: who.keyId, edition: edition.id, isTest }), []);
  const memory = useMemo(() => openMemory(storageOf(window), edition.id), []);
  const [kept] = useState(() => keptFieldsOf(store.box));
  const [values, setValues] = useState<ComposerFields>(kept ?? { ...emptyFields, ...memory.defaults });
  const steps = useSteps();
  const latest = useRef(values);
  latest.current = values;
  useEffect(() => {
    addEventListener('pagehide', store.leaveBox);
    return () => removeEventListener('pagehide', store.leaveBox);
  }, []);
  const change = ({ links, ...rest }: ComposerFields) => {
    // The text of an empty box is another line's.
    const changed = links && rest.line !== '' ? { ...rest, links } : rest;
    setValues(changed);
    store.keepBox(changed);
    steps.back();
  };
  return {
    values,
    steps,
    memory,
    outbox: useOutbox(api, store),
    isRestored: kept !== null,
    change,
    clear: () => change({ ...emptyFields, ...memory.defaults }),
    unlink: () => {
      const { links: _, ...own } = values;
      change(own);
    },
    /** Returns fields to the box; false when the box is no longer empty. */
    giveBack: (fields: ComposerFields) => {
      if (latest.current.line !== '') return false;
      change(fields);
      return true;
    },
  };
}

/**
 * Sends a line again. When the server may have forgotten its key, the line returns to the box, so that the editor can
 * compare it with the list.
 */
function sendAgain(
  sending: Sending,
  deliver: (sending: Sending) => Promise<void>,
  giveBack: (fields: ItemFields) => boolean,
  outbox: Outbox,
): void {
  if (Date.now() - sending.firstAt < keyLivesMs) void deliver({ ...sending, at: Date.now() });
  else if (giveBack(sending.fields)) outbox.discard(sending);
}

/** Focuses the box when a retracted item needs a replacement. */
function useFocus(form: RefObject<HTMLFormElement | null>, replaces: string | undefined): void {
  useEffect(() => {
    if (replaces !== undefined) form.current?.querySelector('textarea')?.focus();
  }, [replaces]);
}

/** A new line is held for three seconds, in which any editor can stop it. A scheduled line waits for its time. */
function heldFields(fields: ItemFields): ItemFields {
  return fields.publishAt === undefined ? { ...fields, holdSeconds } : fields;
}

/** A draft has no time to go out at. */
function draftFields({ publishAt: _, ...fields }: ItemFields): ItemFields {
  return fields;
}
