import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import { isMostlyInOtherScript } from '../../../item/line/script.ts';
import { CorrectForm } from '../boxes/correct-form.tsx';
import { FlashForm } from '../boxes/flash-form.tsx';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { RetractForm } from '../boxes/retract-form.tsx';
import { TranslateForm } from '../boxes/translate-form.tsx';
import type { FormName } from '../browser/form-store.ts';
import { holdSeconds } from '../composer/composer-fields.ts';
import { openSlot } from '../composer/slots.ts';
import { useDesk, useEdition, useForms } from '../desk-context.ts';
import { type Answer, isFlashFuse, type Problem, type Standing } from '../remote/desk-api.ts';
import { type DeskItem, isUndoable } from '../remote/desk-item.ts';
import { KeyName } from '../words/key-name.tsx';
import { tested, useWords } from '../words/words.ts';
import { DeliveryClock } from './delivery-clock.tsx';
import { About } from './item-about.tsx';
import { type Action, actionsOf, actionWords, opensForm } from './item-actions.ts';
import type { LastHidden } from './last-hidden.ts';
import { ReachMark } from './reach-line.tsx';
import { Translations } from './translations.tsx';

interface ItemRowProps {
  readonly item: DeskItem;
  /** The item is not in the list any more. */
  readonly isGone: boolean;
  /** A click was ignored, because the row had just moved under the pointer. */
  readonly isMoved: boolean;
  readonly lastHidden: LastHidden;
  /** Stops a line that is held. */
  onUndo(item: DeskItem): void;
  onDone(): void;
  onReplace(item: DeskItem): void;
}

interface OpenForm {
  readonly form: FormName | 'show' | 'publish';
  readonly item: DeskItem;
  /** It was open when the page was left. */
  readonly isRestored: boolean;
}

/** Runs from the press until the version that the command created is proven. */
interface Stopwatch {
  readonly pressedAt: number;
  /** Null until the API has answered. */
  readonly version: number | null;
}

/** One item of the list: its line, its state, its delivery, and what can be done with it now. */
export function ItemRow(props: ItemRowProps) {
  const { item, isGone, isMoved, lastHidden, onUndo, onDone } = props;
  const { words, isTest } = useWords();
  const isUndoOffered = lastHidden.id === item.id && (isGone || item.state === 'withheld');
  const { open, show, close, keptForm } = useOpenForm(item);
  const row = useRef<HTMLLIElement>(null);
  const { run, problem, busy, stopwatch } = useCommand(onDone);
  const act = useActions({ item, run, lastHidden, onUndo, show });
  useKeptFocus(row);
  useInView(row, open);
  return (
    <li
      ref={row}
      class={`item ${item.state} ${isGone ? 'gone' : ''}`}
      data-id={item.id}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of the list act on the focused item
      tabIndex={0}
      aria-keyshortcuts="Enter F2 Delete"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.stopPropagation();
        close();
      }}
    >
      <About item={item} />
      <Line item={item} />
      <Translations item={item} />
      {!isTest && stopwatch && <DeliveryClock item={item} {...stopwatch} />}
      {!isTest && !stopwatch && <ReachMark reach={item.reach} since={item.updatedAt} />}
      {!open && <Actions item={item} isGone={isGone} isUndoOffered={isUndoOffered} busy={busy} act={act} />}
      {keptForm && (
        <p class="kept">
          {words.list.kept}{' '}
          <button type="button" class="reopen" onClick={() => show(keptForm)}>
            {tested(words.list.reopen, isTest)}
          </button>
        </p>
      )}
      {isGone && <p class="quiet">{words.list.gone}</p>}
      {isMoved && (
        <p class="moved" role="status">
          {words.list.moved}
        </p>
      )}
      {/* An open form asks. */}
      {!(open && isFlashFuse(problem)) && <ProblemBox problem={problem} />}
      {open && <Form {...props} open={open} busy={busy} run={run} onClose={close} />}
    </li>
  );
}

type Run = (ask: () => Promise<Answer<Standing>>, isTimed: boolean) => Promise<Answer<Standing>>;

/** Sends one command at a time, with the stopwatch running when readers notice the command. */
function useCommand(onDone: () => void) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [stopwatch, setStopwatch] = useState<Stopwatch | null>(null);
  const run: Run = async (ask, isTimed) => {
    setBusy(true);
    const pressedAt = performance.now();
    if (isTimed) setStopwatch({ pressedAt, version: null });
    const answer = await ask();
    setBusy(false);
    setProblem(answer.type === 'problem' ? answer.problem : null);
    if (isTimed) setStopwatch(answer.type === 'ok' ? { pressedAt, version: answer.value.version } : null);
    onDone();
    return answer;
  };
  return { run, problem, busy, stopwatch };
}

/** The open form of a row. A form that was open when the page was left is open again. */
function useOpenForm(item: DeskItem) {
  const forms = useForms();
  const [open, setOpen] = useState<OpenForm | null>(() => {
    const kept = forms.get(item.id);
    return kept?.isOpen ? { form: kept.form, item, isRestored: true } : null;
  });
  const show = (form: OpenForm['form']) => setOpen({ form, item, isRestored: false });
  const close = () => {
    const kept = forms.get(item.id);
    if (kept) forms.keep(item.id, { ...kept, isOpen: false });
    setOpen(null);
  };
  return { open, show, close, keptForm: open ? null : (forms.get(item.id)?.form ?? null) };
}

/** The row takes the focus when the focused part of it closes. */
function useKeptFocus(row: { readonly current: HTMLLIElement | null }): void {
  const hadFocus = row.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (hadFocus && document.activeElement === document.body) row.current?.focus({ preventScroll: true });
  });
}

/** A form that opens is in view, whole if there is room, whichever row it is in. */
function useInView(row: { readonly current: HTMLLIElement | null }, open: OpenForm | null): void {
  useEffect(() => {
    if (open && !open.isRestored) row.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
}

/** By the server's clock: an editor's may be another one. */
function useUndoable(item: DeskItem): boolean {
  const { feed, stopped } = useDesk();
  return isUndoable(item, Date.now() + feed.clockOffset, stopped !== null);
}

interface Acting {
  readonly item: DeskItem;
  readonly run: Run;
  readonly lastHidden: LastHidden;
  onUndo(item: DeskItem): void;
  show(form: OpenForm['form']): void;
}

function useActions({ item, run, lastHidden, show, onUndo }: Acting): Record<Action, () => void> {
  const { api } = useDesk();
  const { language, templates } = useEdition();
  const canBeUndone = useUndoable(item);
  const isAsked = isAskedAbout(item, language);
  const hasSlot = openSlot(item.body.headline, templates) !== null;
  const command = async (ask: () => Promise<Answer<Standing>>, isTimed: boolean) => {
    lastHidden.set(null);
    return run(ask, isTimed);
  };
  const hide = async () => {
    const answer = await command(() => api.act(item.id, 'withhold'), true);
    // A line that was never out has no Undo: to show it would publish it.
    if (answer.type === 'ok' && item.publishedVersion !== null) lastHidden.set(item.id);
  };
  return {
    correct: () => show('correct'),
    attach: () => show('attach'),
    retract: () => show('retract'),
    translate: () => show('translate'),
    hide: () => void hide(),
    show: () => (isAsked ? show('show') : void command(() => api.act(item.id, 'release'), true)),
    publish: () =>
      hasSlot
        ? show('correct')
        : isAsked
          ? show('publish')
          : void command(() => api.publishDraft(item.id, item.version, holdSeconds), false),
    cancel: () => void (canBeUndone ? onUndo(item) : command(() => api.cancel(item.id), false)),
  };
}

/** A flash is shown first, from wherever it goes out. A draft was kept without the question about its script. */
function isAskedAbout({ body, publishedVersion }: DeskItem, language: string): boolean {
  return body.urgency === 'flash' || (publishedVersion === null && isMostlyInOtherScript(body.headline, language));
}

interface FormProps extends ItemRowProps {
  readonly open: OpenForm;
  readonly busy: boolean;
  readonly run: Run;
  onClose(): void;
}

/** The open form, on the version that it was opened on. */
function Form({ open, run, busy, item, ...props }: FormProps) {
  const { api } = useDesk();
  switch (open.form) {
    case 'retract':
      return <RetractForm {...props} {...open} run={(ask) => run(ask, item.publishedAt !== null)} />;
    case 'translate':
      return <TranslateForm {...props} {...open} />;
    case 'attach':
      return <CorrectForm {...props} {...open} live={item} first="attach" />;
    case 'correct':
      return <CorrectForm {...props} {...open} live={item} first="corrected" />;
    case 'show':
    case 'publish': {
      const { id, version } = open.item;
      const act = (isFuseConfirmed: boolean) =>
        open.form === 'show'
          ? api.act(id, 'release', isFuseConfirmed)
          : api.publishDraft(id, version, holdSeconds, isFuseConfirmed);
      return (
        <FlashForm
          {...props}
          item={open.item}
          busy={busy}
          action={open.form}
          run={(isFuseConfirmed) => run(() => act(isFuseConfirmed), open.form === 'show')}
        />
      );
    }
  }
}

interface ActionsProps {
  readonly item: DeskItem;
  readonly isGone: boolean;
  readonly isUndoOffered: boolean;
  readonly busy: boolean;
  readonly act: Readonly<Record<Action, () => void>>;
}

/** The buttons of the row. A busy row ignores them and keeps the focus, which a disabled button would lose. */
function Actions({ item, isGone, isUndoOffered, busy, act }: ActionsProps) {
  const { mayPublish, who } = useDesk();
  const canBeUndone = useUndoable(item);
  const wording = useWords();
  const { words, verbs, say } = wording;
  const labelOf = (action: Action) =>
    actionWords(wording, action, item, { isOwn: item.byKeyId === who.keyId, canBeUndone });
  const line = lineOf(item.body);
  const possible = isGone ? [] : actionsOf(item, mayPublish, canBeUndone);
  const actions = possible.filter((action) => !(action === 'show' && isUndoOffered));
  return (
    <div class="row actions row-actions" role="toolbar" aria-label={say(words.list.actions, { line })}>
      {isUndoOffered && (
        <button type="button" class="undo-hide" aria-disabled={busy} onClick={() => !busy && act.show()}>
          {verbs.undoHide} <KeyName keys="Ctrl+Z" />
        </button>
      )}
      {actions.map((action) => (
        <button
          key={action}
          type="button"
          class={`${action} ${action === 'retract' ? 'danger-quiet' : ''}`}
          aria-label={`${labelOf(action)}: ${line}`}
          data-opens={opensForm(action) ? 'form' : undefined}
          aria-disabled={busy}
          onClick={() => !busy && act[action]()}
        >
          {labelOf(action)}
        </button>
      ))}
    </div>
  );
}

function Line({ item: { body } }: { readonly item: DeskItem }) {
  return (
    <p class="text" lang={body.language} dir={body.dir}>
      {body.attribution && <bdi class="attribution">{body.attribution}</bdi>}
      {body.attribution && <bdi dir={body.dir}>{': '}</bdi>}
      <bdi>{body.headline}</bdi>
    </p>
  );
}
