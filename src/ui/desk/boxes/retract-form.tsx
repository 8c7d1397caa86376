import { useState } from 'preact/hooks';
import { defaultNotice } from '../../../item/notice.ts';
import type { SiteEdition } from '../../../item/site.ts';
import { noticeIn } from '../../strings/strings.ts';
import { focusOnOpen } from '../browser/focus.ts';
import { submitOnCommandEnter } from '../browser/submit-shortcut.ts';
import { useDesk, useEdition } from '../desk-context.ts';
import type { Answer, Problem, Standing } from '../remote/desk-api.ts';
import type { DeskItem, Relative } from '../remote/desk-item.ts';
import { tested, useWords } from '../words/words.ts';
import { ProblemBox } from './problem-box.tsx';

interface RetractFormProps {
  readonly item: DeskItem;
  /** Does it, with the clock running. */
  run(ask: () => Promise<Answer<Standing>>): Promise<Answer<Standing>>;
  onClose(): void;
  onReplace(item: DeskItem): void;
}

/** Takes an item back for ever, and its translations with it unless somebody says otherwise. No second question stands in front of it. */
export function RetractForm({ item, run, onClose, onReplace }: RetractFormProps) {
  const { api, editions } = useDesk();
  const edition = useEdition();
  const { words, verbs, isTest, say } = useWords();
  const [reason, setReason] = useState('');
  const [notice, setNotice] = useState(
    item.publishedAt === null ? '' : defaultNotice(edition, item.publishedAt, noticeIn),
  );
  const translations = item.translations.filter(
    ({ state, edition: id }) =>
      state !== 'retracted' && state !== 'cancelled' && editions.some((known) => known.id === id),
  );
  const [kept, setKept] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const retract = async (isReplaced: boolean) => {
    setBusy(true);
    // The others at the same time: each second counts for each of them.
    const others = translations
      .filter(({ id }) => !kept.includes(id))
      .map((one) => api.retract(one.id, reason.trim(), noticeFor(one, editions, item)));
    const answer = await run(() => api.retract(item.id, reason.trim(), notice.trim()));
    const failed = (await Promise.all(others)).find((other) => other.type === 'problem');
    setBusy(false);
    setProblem(failed?.type === 'problem' ? failed.problem : null);
    if (answer.type === 'problem' || failed) return;
    onClose();
    if (isReplaced) onReplace(item);
  };
  return (
    <form
      class="inline"
      onKeyDown={submitOnCommandEnter}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void retract(false);
      }}
    >
      <label>
        {words.retract.reason}
        <input
          name="reason"
          value={reason}
          required
          ref={focusOnOpen}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <label>
        {words.retract.notice}
        <input
          name="notice"
          value={notice}
          lang={edition.language}
          dir={edition.dir}
          onInput={(event) => setNotice(event.currentTarget.value)}
        />
      </label>
      {translations.map((one) => (
        <label key={one.id} class="also">
          <input
            type="checkbox"
            checked={!kept.includes(one.id)}
            onChange={(event) =>
              setKept(event.currentTarget.checked ? kept.filter((id) => id !== one.id) : [...kept, one.id])
            }
          />{' '}
          {say(words.retract.also, { edition: one.edition })}
        </label>
      ))}
      <div class="row actions">
        <button type="submit" class="danger" disabled={busy}>
          {verbs.retractPermanently} <kbd>Ctrl+Enter</kbd>
        </button>
        <button
          type="button"
          disabled={busy}
          onClick={(event) => {
            if (event.currentTarget.form?.reportValidity()) void retract(true);
          }}
        >
          {verbs.retractAndReplace}
        </button>
        <button type="button" onClick={onClose}>
          {tested(words.correct.close, isTest)}
        </button>
      </div>
      <ProblemBox problem={problem} />
    </form>
  );
}

/** In the language of its own readers. */
function noticeFor({ edition }: Relative, editions: readonly SiteEdition[], item: DeskItem): string {
  const home = editions.find(({ id }) => id === edition);
  return home && item.publishedAt !== null ? defaultNotice(home, item.publishedAt, noticeIn) : '';
}
