import { useEffect, useState } from 'preact/hooks';
import type { SiteEdition } from '../../item/site.ts';
import { CorrectForm } from './correct-form.tsx';
import type { Answer, DeskApi, Problem } from './desk-api.ts';
import type { DeskItem, DeskState } from './desk-item.ts';
import type { DeskSite } from './desk-site.ts';
import { ProblemBox } from './problem-box.tsx';
import { RetractForm } from './retract-form.tsx';
import type { Shortcut } from './shortcuts.ts';

type Action = 'correct' | 'hide' | 'show' | 'retract' | 'publish' | 'cancel';

interface ItemRowProps {
  readonly api: DeskApi;
  readonly site: DeskSite;
  readonly edition: SiteEdition;
  readonly item: DeskItem;
  readonly mayPublish: boolean;
  /** What a letter asks of this item; answered once. */
  readonly asked: Shortcut | null;
  onAnswered(): void;
  onDone(): void;
}

/** One item of the list: what it says, where it stands, who did it, and what can be done with it now. */
export function ItemRow({ api, site, edition, item, mayPublish, asked, onAnswered, onDone }: ItemRowProps) {
  const [open, setOpen] = useState<{ readonly form: 'correct' | 'retract'; readonly item: DeskItem } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (ask: () => Promise<Answer<unknown>>) => {
    setBusy(true);
    const answer = await ask();
    setBusy(false);
    setProblem(answer.type === 'problem' ? answer.problem : null);
    onDone();
  };
  const act: Record<Action, () => void> = {
    correct: () => setOpen({ form: 'correct', item }),
    retract: () => setOpen({ form: 'retract', item }),
    hide: () => void run(() => api.act(item.id, 'withhold')),
    show: () => void run(() => api.act(item.id, 'release')),
    publish: () => void run(() => api.act(item.id, 'publish')),
    cancel: () => void run(() => api.cancel(item.id)),
  };
  useEffect(() => {
    if (asked === null) return;
    onAnswered();
    const action = actionsOf(item.state, mayPublish).find((known) => isAsked(asked, known));
    if (action && !busy && !open) act[action]();
  }, [asked]);
  const forms = { api, edition, onDone, onClose: () => setOpen(null) };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: letters act on the item that has the focus
    <li class={`item ${item.state}`} data-id={item.id} tabIndex={0}>
      <About item={item} />
      <p class="text" lang={item.body.language} dir={item.body.dir}>
        {item.body.attribution && <bdi class="attribution">{item.body.attribution}</bdi>}
        {item.body.attribution && ': '}
        <bdi>{item.body.headline}</bdi>
      </p>
      {!open && (
        <p class="row actions">
          {actionsOf(item.state, mayPublish).map((action) => (
            <button
              key={action}
              type="button"
              class={action === 'retract' ? 'danger-quiet' : ''}
              disabled={busy}
              onClick={act[action]}
            >
              {action === 'correct' ? (isOut(item.state) ? 'Correct' : 'Edit') : words[action]}
            </button>
          ))}
        </p>
      )}
      <ProblemBox problem={problem} />
      {open?.form === 'correct' && <CorrectForm {...forms} site={site} item={open.item} />}
      {open?.form === 'retract' && <RetractForm {...forms} item={open.item} />}
    </li>
  );
}

function About({ item }: { readonly item: DeskItem }) {
  return (
    <p class="about">
      <span class={`badge ${item.state}`}>{item.state}</span>
      {item.body.urgency === 'flash' && <span class="flash">flash</span>}
      <time dateTime={new Date(item.updatedAt).toISOString()}>
        {new Date(item.updatedAt).toLocaleTimeString('en-GB')}
      </time>
      {item.dueAt !== null && (item.state === 'held' || item.state === 'scheduled') && (
        <span>goes out {new Date(item.dueAt).toLocaleString('en-GB')}</span>
      )}
      <span class="by">{item.by}</span>
      <span class="version">v{item.version}</span>
    </p>
  );
}

const words: Readonly<Record<Exclude<Action, 'correct'>, string>> = {
  hide: 'Hide',
  show: 'Show again',
  retract: 'Retract',
  publish: 'Publish',
  cancel: 'Cancel',
};

function isAsked(shortcut: Shortcut, action: Action): boolean {
  return action === shortcut || (shortcut === 'hide' && action === 'show');
}

function isOut(state: DeskState): boolean {
  return state === 'published' || state === 'withheld';
}

/** What the API takes in this state; a reporter writes and cancels drafts only. */
function actionsOf(state: DeskState, mayPublish: boolean): readonly Action[] {
  if (!mayPublish) return state === 'draft' ? ['correct', 'cancel'] : [];
  switch (state) {
    case 'published':
      return ['correct', 'hide', 'retract'];
    case 'withheld':
      return ['show', 'retract'];
    case 'draft':
      return ['publish', 'correct', 'cancel'];
    case 'held':
    case 'scheduled':
    case 'queued':
      return ['correct', 'cancel'];
    case 'expired':
      return ['retract'];
    case 'retracted':
    case 'cancelled':
      return [];
  }
}
