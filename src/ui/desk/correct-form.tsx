import { useState } from 'preact/hooks';
import { lineOf } from '../../item/item.ts';
import type { SiteEdition } from '../../item/site.ts';
import { fieldsOf } from './composer.tsx';
import type { DeskApi, Problem } from './desk-api.ts';
import type { DeskItem, ItemFields } from './desk-item.ts';
import type { DeskSite } from './desk-site.ts';
import { type Draft, ItemFieldset } from './item-form.tsx';
import { ProblemBox } from './problem-box.tsx';

type Kind = 'corrected' | 'refile' | 'attach';

interface CorrectFormProps {
  readonly api: DeskApi;
  readonly site: DeskSite;
  readonly edition: SiteEdition;
  /** As it stood when the form was opened: its version is what If-Match names, so nobody's later change is lost. */
  readonly item: DeskItem;
  onDone(): void;
  onClose(): void;
}

export function CorrectForm({ api, site, edition, item, onDone, onClose }: CorrectFormProps) {
  const isOut = item.state === 'published' || item.state === 'withheld';
  const [draft, setDraft] = useState<Draft>(draftOf(item));
  const [kind, setKind] = useState<Kind>('corrected');
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const answer = await api.correct(
      item.id,
      item.version,
      correctedFields(draft, item, isOut ? kind : 'attach', note.trim()),
    );
    setBusy(false);
    onDone();
    if (answer.type === 'problem') return setProblem(answer.problem);
    onClose();
  };
  return (
    <form class="inline" onSubmit={submit}>
      <ItemFieldset
        draft={draft}
        site={site}
        language={edition.language}
        dir={edition.dir}
        label={isOut ? 'Corrected line' : 'Line'}
        onChange={setDraft}
      />
      {isOut && (
        <div class="row">
          <label>
            Kind{' '}
            <select name="kind" value={kind} onChange={(event) => setKind(parseKind(event.currentTarget.value))}>
              <option value="corrected">Correction, marked for readers</option>
              <option value="refile">Refile: a slip of the pen, not marked</option>
              <option value="attach">Same line: article or sections only</option>
            </select>
          </label>
          {kind !== 'attach' && (
            <label class="grow">
              Note{' '}
              <input
                name="note"
                value={note}
                lang={edition.language}
                dir={edition.dir}
                required={kind === 'corrected'}
                placeholder="What was wrong, what is right"
                onInput={(event) => setNote(event.currentTarget.value)}
              />
            </label>
          )}
        </div>
      )}
      <div class="row actions">
        <button type="submit" class="primary" disabled={busy}>
          {isOut ? 'Send correction' : 'Save'}
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      <ProblemBox problem={problem} />
    </form>
  );
}

function draftOf(item: DeskItem): Draft {
  const { urgency, url, sections, regions } = item.body;
  return { line: lineOf(item.body), urgency, url: url ?? '', sections, regions };
}

/** PUT is the whole item: what this form does not show is sent back as it was. A line left as it was keeps its own split. */
function correctedFields(draft: Draft, item: DeskItem, kind: Kind, note: string): ItemFields {
  const { body } = item;
  const fields = {
    ...fieldsOf(draft, item.edition),
    topics: body.topics,
    ...(body.expiresAt && { expiresAt: body.expiresAt }),
    ...(body.replaces && { replaces: body.replaces }),
  };
  const correction = kind === 'attach' ? {} : { correction: { kind, ...(note !== '' && { note }) } };
  if (draft.line !== lineOf(body)) return { ...fields, ...correction };
  const { attribution: _, ...rest } = fields;
  return {
    ...rest,
    headline: body.headline,
    ...(body.attribution && { attribution: body.attribution }),
    ...correction,
  };
}

function parseKind(value: string): Kind {
  return value === 'refile' || value === 'attach' ? value : 'corrected';
}
