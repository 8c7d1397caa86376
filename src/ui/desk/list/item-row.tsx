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
import { Family } from './family.tsx';
import { About } from './item-about.tsx';
import { type Action, actionsOf, actionWords, isAsked } from './item-actions.ts';
import { ReachLine } from './reach-line.tsx';

interface ItemRowProps {
  readonly item: DeskItem;
  /** What a letter asks of this item; answered once. */
  readonly asked: Shortcut | null;
  onAnswered(): void;
  onDone(): void;
  onReplace(item: DeskItem): void;
}

interface Open {
  readonly form: 'correct' | 'attach' | 'retract' | 'translate';
  readonly item: DeskItem;
}

/** What was asked, and the version that it made: the clock runs until that is proven. */
interface Clock {
  readonly pressedAt: number;
  readonly version: number | null;
}

/** One item of the list: what it says, where it stands, whom it has reached, and what can be done with it now. */
export function ItemRow(props: ItemRowProps) {
  const { item, asked, onAnswered, onDone } = props;
  const { api, mayPublish } = useDesk();
  const { isTest } = useWords();
  const [open, setOpen] = useState<Open | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [clock, setClock] = useState<Clock | null>(null);
  const run = async (ask: () => Promise<Answer<Standing>>, isTimed: boolean) => {
    setBusy(true);
    const pressedAt = performance.now();
    if (isTimed) setClock({ pressedAt, version: null });
    const answer = await ask();
    setBusy(false);
    setProblem(answer.type === 'problem' ? answer.problem : null);
    if (isTimed) setClock(answer.type === 'ok' ? { pressedAt, version: answer.value.version } : null);
    onDone();
    return answer;
  };
  const show = (form: Open['form']) => () => setOpen({ form, item });
  const act: Record<Action, () => void> = {
    correct: show('correct'),
    attach: show('attach'),
    retract: show('retract'),
    translate: show('translate'),
    hide: () => void run(() => api.act(item.id, 'withhold'), true),
    show: () => void run(() => api.act(item.id, 'release'), true),
    publish: () => void run(() => api.act(item.id, 'publish'), false),
    cancel: () => void run(() => api.cancel(item.id), false),
  };
  useEffect(() => {
    if (asked === null) return;
    onAnswered();
    const action = actionsOf(item, mayPublish).find((known) => isAsked(asked, known));
    if (action && !busy && !open) act[action]();
  }, [asked]);
  const close = () => {
    setOpen(null);
    document.querySelector<HTMLElement>(`[data-id="${item.id}"]`)?.focus();
  };
  const forms = { ...props, onClose: close };
  return (
    <li
      class={`item ${item.state}`}
      data-id={item.id}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: letters act on the item that has the focus
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.stopPropagation();
        close();
      }}
    >
      <About item={item} />
      <Line item={item} />
      <Family item={item} />
      {!isTest && clock && <DeliveryClock item={item} pressedAt={clock.pressedAt} version={clock.version} />}
      {!isTest && !clock && <ReachLine reach={item.reach} />}
      {!open && <Actions item={item} busy={busy} act={act} />}
      <ProblemBox problem={problem} />
      {(open?.form === 'correct' || open?.form === 'attach') && (
        <CorrectForm {...forms} item={open.item} first={open.form === 'attach' ? 'attach' : 'corrected'} />
      )}
      {open?.form === 'retract' && (
        <RetractForm {...forms} item={open.item} run={(ask) => run(ask, item.publishedAt !== null)} />
      )}
      {open?.form === 'translate' && <TranslateForm {...forms} item={open.item} />}
    </li>
  );
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
