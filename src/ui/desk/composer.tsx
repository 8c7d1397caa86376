import { useRef, useState } from 'preact/hooks';
import type { SiteEdition } from '../../item/site.ts';
import type { DeskApi, Problem } from './desk-api.ts';
import type { ItemFields } from './desk-item.ts';
import type { DeskSite } from './desk-site.ts';
import { type Draft, emptyDraft, ItemFieldset } from './item-form.tsx';
import { ProblemBox } from './problem-box.tsx';
import { parseTypedLine } from './typed-line.ts';

interface ComposerProps {
  readonly api: DeskApi;
  readonly site: DeskSite;
  readonly edition: SiteEdition;
  readonly mayPublish: boolean;
  onDone(): void;
}

/** The one box. Ctrl+Enter sends; what was sent stays in the box until the API has accepted it. */
export function Composer({ api, site, edition, mayPublish, onDone }: ComposerProps) {
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const attempt = useRef({ text: '', key: '' });
  const form = useRef<HTMLFormElement>(null);

  const send = async (asDraft: boolean) => {
    if (busy || form.current?.reportValidity() === false) return;
    const fields = fieldsOf(draft, edition.id);
    const text = JSON.stringify([fields, asDraft]);
    if (attempt.current.text !== text) attempt.current = { text, key: crypto.randomUUID() };
    setBusy(true);
    const answer = await api.publish(fields, asDraft, attempt.current.key);
    setBusy(false);
    onDone();
    if (answer.type === 'problem') return setProblem(answer.problem);
    attempt.current = { text: '', key: '' };
    setProblem(null);
    setDraft({ ...emptyDraft, sections: draft.sections, regions: draft.regions });
    setSaid(`${standingWords(answer.value.state)}: ${draft.line.trim()}`);
    form.current?.querySelector('textarea')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    void send(!mayPublish);
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    void send(!mayPublish);
  };
  return (
    <form ref={form} class="composer card" onSubmit={onSubmit} onKeyDown={onKeyDown}>
      <ItemFieldset
        draft={draft}
        site={site}
        language={edition.language}
        dir={edition.dir}
        label={`New line, ${edition.name}`}
        onChange={setDraft}
      />
      <div class="row actions">
        {mayPublish && (
          <button type="submit" class="primary" disabled={busy}>
            Publish <kbd>Ctrl+Enter</kbd>
          </button>
        )}
        <button type="button" disabled={busy} onClick={() => send(true)}>
          Save as draft
        </button>
        <p role="status" class="said">
          {busy ? 'Sending…' : said}
        </p>
      </div>
      <ProblemBox problem={problem} />
    </form>
  );
}

/** The typed boxes as the fields of a new item. */
export function fieldsOf(draft: Draft, edition: string): ItemFields {
  const { line, urgency, sections, regions } = draft;
  const url = draft.url.trim();
  return { edition, ...parseTypedLine(line), urgency, sections, regions, topics: [], ...(url !== '' && { url }) };
}

/** Only what the API has said: accepted is not yet published. */
function standingWords(state: string): string {
  switch (state) {
    case 'published':
      return 'Published';
    case 'draft':
      return 'Saved as a draft';
    case 'queued':
      return 'Accepted, on its way out';
    default:
      return `Accepted (${state})`;
  }
}
