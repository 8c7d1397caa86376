import { useState } from 'preact/hooks';
import { defaultNotice } from '../../item/notice.ts';
import type { SiteEdition } from '../../item/site.ts';
import type { DeskApi, Problem } from './desk-api.ts';
import type { DeskItem } from './desk-item.ts';
import { focusOnOpen } from './focus.ts';
import { ProblemBox } from './problem-box.tsx';

interface RetractFormProps {
  readonly api: DeskApi;
  readonly edition: SiteEdition;
  readonly item: DeskItem;
  onDone(): void;
  onClose(): void;
}

/** Takes an item back for ever. No second question stands in front of it. */
export function RetractForm({ api, edition, item, onDone, onClose }: RetractFormProps) {
  const [reason, setReason] = useState('');
  const [notice, setNotice] = useState(item.publishedAt === null ? '' : defaultNotice(edition, item.publishedAt));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const answer = await api.retract(item.id, reason.trim(), notice.trim());
    setBusy(false);
    onDone();
    if (answer.type === 'problem') return setProblem(answer.problem);
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.isComposing || event.repeat || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    (event.currentTarget as HTMLFormElement).requestSubmit();
  };
  return (
    <form class="inline" onSubmit={submit} onKeyDown={onKeyDown}>
      <label>
        Reason, for the desk
        <input
          name="reason"
          value={reason}
          required
          ref={focusOnOpen}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <label>
        Notice to readers (subject and time; never the claim itself)
        <input
          name="notice"
          value={notice}
          lang={edition.language}
          dir={edition.dir}
          onInput={(event) => setNotice(event.currentTarget.value)}
        />
      </label>
      <div class="row actions">
        <button type="submit" class="danger" disabled={busy}>
          Retract for ever <kbd>Ctrl+Enter</kbd>
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      <ProblemBox problem={problem} />
    </form>
  );
}
