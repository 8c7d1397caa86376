import { useEffect, useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import { CorrectForm } from '../boxes/correct-form.tsx';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { RetractForm } from '../boxes/retract-form.tsx';
import { TranslateForm } from '../boxes/translate-form.tsx';
import { useDesk } from '../desk-context.ts';
import type { Shortcut } from '../page/shortcuts.ts';
import type { Answer, Problem, Standing } from '../remote/desk-api.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { useWords } from '../words/words.ts';
import { DeliveryClock } from './delivery-clock.tsx';
import { About } from './item-about.tsx';
import { type Action, actionsOf, actionWords, isFor } from './item-actions.ts';
import { ReachLine } from './reach-line.tsx';
import { Translations } from './translations.tsx';

interface ItemRowProps {
  readonly item: DeskItem;
  /** The shortcut that was pressed on this item. It is handled once. */
  readonly pressed: Shortcut | null;
  onAnswered(): void;
  onDone(): void;
  onReplace(item: DeskItem): void;
}

interface OpenForm {
  readonly form: 'correct' | 'attach' | 'retract' | 'translate';
  readonly item: DeskItem;
}

/** Runs from the press until the version that the command created is proven. */
interface Stopwatch {
  readonly pressedAt: number;
  /** Null until the API has answered. */
  readonly version: number | null;
}

/** One item of the list: its line, its state, its delivery, and what can be done with it now. */
export function ItemRow(props: ItemRowProps) {
  const { item, pressed, onAnswered, onDone } = props;
  const { mayPublish } = useDesk();
  const { isTest } = useWords();
  const [open, setOpen] = useState<OpenForm | null>(null);
  const { run, problem, busy, stopwatch } = useCommand(onDone);
  const act = useActions(item, run, (form) => setOpen({ form, item }));
  useEffect(() => {
    if (pressed === null) return;
    onAnswered();
    const action = actionsOf(item, mayPublish).find((one) => isFor(pressed, one));
    if (action && !busy && !open) act[action]();
  }, [pressed]);
  const close = () => {
    setOpen(null);
    document.querySelector<HTMLElement>(`[data-id="${item.id}"]`)?.focus();
  };
  return (
    <li
      class={`item ${item.state}`}
      data-id={item.id}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: letters act on the focused item
      tabIndex={0}
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
      {!isTest && !stopwatch && <ReachLine reach={item.reach} />}
      {!open && <Actions item={item} busy={busy} act={act} />}
      <ProblemBox problem={problem} />
      {open && <Form {...props} open={open} run={run} onClose={close} />}
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

function useActions(item: DeskItem, run: Run, show: (form: OpenForm['form']) => void): Record<Action, () => void> {
  const { api } = useDesk();
  return {
    correct: () => show('correct'),
    attach: () => show('attach'),
    retract: () => show('retract'),
    translate: () => show('translate'),
    hide: () => void run(() => api.act(item.id, 'withhold'), true),
    show: () => void run(() => api.act(item.id, 'release'), true),
    publish: () => void run(() => api.act(item.id, 'publish'), false),
    cancel: () => void run(() => api.cancel(item.id), false),
  };
}

interface FormProps extends ItemRowProps {
  readonly open: OpenForm;
  readonly run: Run;
  onClose(): void;
}

/** The open form, on the version that it was opened on. */
function Form({ open, run, item, ...props }: FormProps) {
  switch (open.form) {
    case 'retract':
      return <RetractForm {...props} item={open.item} run={(ask) => run(ask, item.publishedAt !== null)} />;
    case 'translate':
      return <TranslateForm {...props} item={open.item} />;
    case 'attach':
      return <CorrectForm {...props} item={open.item} first="attach" />;
    case 'correct':
      return <CorrectForm {...props} item={open.item} first="corrected" />;
  }
}

interface ActionsProps {
  readonly item: DeskItem;
  readonly busy: boolean;
  readonly act: Readonly<Record<Action, () => void>>;
}

function Actions({ item, busy, act }: ActionsProps) {
  const { mayPublish } = useDesk();
  const { verbs } = useWords();
  return (
    <p class="row actions">
      {actionsOf(item, mayPublish).map((action) => (
        <button
          key={action}
          type="button"
          class={`${action} ${action === 'retract' ? 'danger-quiet' : ''}`}
          aria-label={`${actionWords(verbs, action, item)}: ${lineOf(item.body)}`}
          disabled={busy}
          onClick={act[action]}
        >
          {actionWords(verbs, action, item)}
        </button>
      ))}
    </p>
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
