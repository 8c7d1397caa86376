import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import { newKey } from '../browser/idempotency-key.ts';
import { type Memory, openMemory } from '../browser/memory.ts';
import { openUnsentStore } from '../browser/unsent-store.ts';
import { useDesk, useEdition } from '../desk-context.ts';
import type { Problem } from '../remote/desk-api.ts';
import type { DeskItem, ItemFields } from '../remote/desk-item.ts';
import { keyLivesMs, type Sending } from '../remote/outbox.ts';
import { type Outbox, useOutbox } from '../remote/use-outbox.ts';
import { storageOf } from '../words/language.ts';
import { type DeskWords, useWords } from '../words/words.ts';
import {
  type ComposerFields,
  composerFieldsOf,
  emptyFields,
  fieldsOf,
  holdSeconds,
  unsentFieldsOf,
} from './composer-fields.ts';
import { urgencyKey } from './item-fields.tsx';
import type { RateFuse } from './rate-fuse.ts';
import { parseTypedLine } from './typed-line.ts';

export interface ComposerProps {
  readonly fuse: RateFuse;
  /** The retracted item that the next line stands in for. */
  readonly replaces: DeskItem | null;
  /** A line that was stopped and comes back into the box. */
  readonly restored: DeskItem | null;
  onTaken(): void;
  /** Escape in an empty box. */
  onEscape(): void;
  onDone(): void;
  /** A line has been accepted, with what it carried. */
  onAccepted(fields: ItemFields): void;
}

/** What the next Enter does. `fuse`: so many lines in a minute that a person is props. */
export type Step = { readonly type: 'typing' } | { readonly type: 'review' | 'fuse'; readonly since: number };

export interface Composing {
  readonly form: RefObject<HTMLFormElement | null>;
  readonly values: ComposerFields;
  readonly fields: ItemFields;
  readonly step: Step;
  readonly said: string;
  readonly problem: Problem | null;
  readonly memory: Memory;
  readonly outbox: Outbox;
  change(values: ComposerFields): void;
  back(): void;
  /** The press of Enter, or of the button that says the same. `isBoth`: with Ctrl, which shows and sends. */
  press(isBoth: boolean): void;
  saveDraft(): unknown;
  sendAgain(sending: Sending): void;
}

const typing: Step = { type: 'typing' };
const noAttempt = { text: '', key: '' };
/** Two presses closer together than this are one hand that slipped. */
const secondPressAfterMs = 400;

/** The state of the one box, and what its keys do. */
export function useComposer(props: ComposerProps): Composing {
  const { mayPublish } = useDesk();
  const edition = useEdition();
  const { replaces, restored } = props;
  const { words } = useWords();
  const { values, step, setStep, memory, outbox, isRestored, change, giveBack } = useBox();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [said, setSaid] = useState(isRestored ? words.box.restored : '');
  const attempt = useAttempt();
  const form = useRef<HTMLFormElement>(null);
  const fields: ItemFields = { ...fieldsOf(values, edition), ...(replaces && { replaces: replaces.id }) };
  useFocus(form, replaces?.id);
  useRestored(restored, props.onTaken, (item) => giveBack(composerFieldsOf(item, edition)));
  const giveBackFields = (unsent: ItemFields) => giveBack(unsentFieldsOf(unsent, edition));
  const deliver = useDeliver(outbox, {
    onDone: props.onDone,
    onAccepted: ({ key, fields }) => {
      props.onAccepted(fields);
      attempt.accepted(key);
    },
    setSaid,
    setProblem,
    giveBack: giveBackFields,
  });
  const submit = (asDraft: boolean) => {
    const sent = asDraft ? draftFields(fields) : heldFields(fields);
    const key = attempt.keyFor(JSON.stringify([sent, asDraft]));
    if (!asDraft) props.fuse.sent();
    memory.remember({ ...values, ...parseTypedLine(values.line) });
    setProblem(null);
    setSaid(words.said.sending);
    change({ ...emptyFields, ...memory.defaults });
    form.current?.querySelector('textarea')?.focus();
    void deliver({ key, fields: sent, asDraft, at: Date.now(), firstAt: Date.now() });
  };
  const isReady = () => values.line.trim() !== '' && form.current?.reportValidity() !== false;
  const press = (isBoth: boolean) => {
    if (!isReady()) return;
    if (!mayPublish) return submit(true);
    const next = nextStep(step, isBoth && values.urgency !== 'flash', props.fuse.blownAt !== null);
    if (next !== 'send') return next && setStep(next);
    if (step.type === 'fuse') props.fuse.mend();
    submit(false);
  };
  return {
    form,
    values,
    fields,
    step,
    said,
    problem,
    memory,
    outbox,
    change,
    back: () => setStep(typing),
    press,
    saveDraft: () => isReady() && submit(true),
    sendAgain: (sending) => sendAgain(sending, deliver, giveBackFields, outbox),
  };
}

/** The Idempotency-Key of what is sent: the same text has the same key until it is accepted. */
function useAttempt() {
  const attempt = useRef(noAttempt);
  return {
    keyFor: (text: string) => {
      if (attempt.current.text !== text) attempt.current = { text, key: newKey() };
      return attempt.current.key;
    },
    /** The same text sent again is another line. */
    accepted: (key: string) => {
      if (attempt.current.key === key) attempt.current = noAttempt;
    },
  };
}

/** Takes a line that was stopped, once. */
function useRestored(restored: DeskItem | null, onTaken: () => void, take: (item: DeskItem) => void): void {
  useEffect(() => {
    if (!restored) return;
    take(restored);
    onTaken();
  }, [restored]);
}

interface Delivering {
  onDone(): void;
  onAccepted(sending: Sending): void;
  setSaid(said: string): void;
  setProblem(problem: Problem): void;
  /** Back into the box it came from; false when somebody writes there already. */
  giveBack(fields: ItemFields): boolean;
}

/** Sends a line and says what became of it. */
function useDeliver(outbox: Outbox, { onDone, onAccepted, setSaid, setProblem, giveBack }: Delivering) {
  const { words, say } = useWords();
  return async (sending: Sending) => {
    const answer = await outbox.send(sending);
    onDone();
    if (answer === null) return setSaid('');
    if (answer.type === 'ok') {
      onAccepted(sending);
      setSaid(say(standingWords(words, answer.value.state), { line: lineOf(sending.fields) }));
      // What goes out in a moment is out by then, and the list says so.
      if (answer.value.state === 'held') setTimeout(() => setSaid(''), holdSeconds * 1_000);
      return;
    }
    setSaid('');
    if (giveBack(sending.fields)) setProblem(answer.problem);
    else outbox.keepRefused(sending, answer.problem);
  };
}

/** The keys of the box: Enter, Ctrl+Enter, Ctrl+S, Alt and a digit, Escape. */
export function onComposerKey(event: KeyboardEvent, box: Composing, onEscape: () => void): void {
  const urgency = urgencyKey(event);
  const isCommand = event.ctrlKey || event.metaKey;
  const isBox = event.target instanceof HTMLTextAreaElement;
  if (urgency) box.change({ ...box.values, urgency });
  else if (isCommand && event.code === 'KeyS') box.saveDraft();
  else if (event.key === 'Escape' && box.step.type !== 'typing') box.back();
  else if (event.key === 'Escape' && isBox && box.values.line === '' && !event.repeat) onEscape();
  else if (event.key === 'Enter' && (isBox || isCommand) && !event.isComposing) !event.repeat && box.press(isCommand);
  else return;
  event.preventDefault();
}

/** The fields in the box, the step they are at, and what this browser keeps of them. */
function useBox() {
  const { api } = useDesk();
  const edition = useEdition();
  const { isTest } = useWords();
  const store = useMemo(() => openUnsentStore(storageOf(window), edition.id, isTest), []);
  const memory = useMemo(() => openMemory(storageOf(window), edition.id), []);
  const [isRestored] = useState(store.box !== '');
  const [values, setValues] = useState<ComposerFields>({ ...emptyFields, ...memory.defaults, line: store.box });
  const [step, setStep] = useState<Step>(typing);
  const latest = useRef(values);
  latest.current = values;
  const change = (changed: ComposerFields) => {
    setValues(changed);
    store.keepBox(changed.line);
    setStep(typing);
  };
  return {
    values,
    step,
    setStep,
    memory,
    outbox: useOutbox(api, store),
    isRestored,
    change,
    /** Puts fields back into the box; false when it is not empty now, whatever it was when a request began. */
    giveBack: (fields: ComposerFields) => {
      if (latest.current.line !== '') return false;
      change(fields);
      return true;
    },
  };
}

/** Too old for its key, a line goes back into the box, for a person to compare with the list. */
function sendAgain(
  sending: Sending,
  deliver: (sending: Sending) => Promise<void>,
  giveBack: (fields: ItemFields) => boolean,
  outbox: Outbox,
): void {
  if (Date.now() - sending.firstAt < keyLivesMs) void deliver({ ...sending, at: Date.now() });
  else if (giveBack(sending.fields)) outbox.discard(sending);
}

/** Into the box when there is something to write: a line that stands in for another one. */
function useFocus(form: RefObject<HTMLFormElement | null>, replaces: string | undefined): void {
  useEffect(() => {
    if (replaces !== undefined) form.current?.querySelector('textarea')?.focus();
  }, [replaces]);
}

/** What a press leads to; null when it comes too soon. `isSeen`: nobody has to be shown the line first. */
function nextStep(step: Step, isSeen: boolean, isFuseBlown: boolean): Step | 'send' | null {
  const since = performance.now();
  if (step.type !== 'typing' && since - step.since < secondPressAfterMs) return null;
  if (step.type === 'typing' && !isSeen) return { type: 'review', since };
  if (isFuseBlown && step.type !== 'fuse') return { type: 'fuse', since };
  return 'send';
}

/** A new line waits three seconds in which anybody can stop it; one that has a time waits for that. */
function heldFields(fields: ItemFields): ItemFields {
  return fields.publishAt === undefined ? { ...fields, holdSeconds } : fields;
}

/** A draft waits for a person, not for a time. */
function draftFields({ publishAt: _, ...fields }: ItemFields): ItemFields {
  return fields;
}

/** Only what the API has said: accepted is not yet published. */
function standingWords({ said }: DeskWords, state: string): string {
  switch (state) {
    case 'published':
      return said.published;
    case 'draft':
      return said.draft;
    case 'held':
      return said.held;
    case 'scheduled':
      return said.scheduled;
    default:
      return said.queued;
  }
}
