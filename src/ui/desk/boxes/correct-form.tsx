import { useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import type { SiteEdition } from '../../../item/site.ts';
import { submitOnCommandEnter } from '../browser/submit-shortcut.ts';
import { type Draft, draftOf, fieldsOf, holdSeconds } from '../composer/draft.ts';
import { ItemFields } from '../composer/item-fields.tsx';
import { useDesk, useEdition } from '../desk-context.ts';
import { isOut } from '../list/item-actions.ts';
import type { Problem } from '../remote/desk-api.ts';
import type { DeskItem, ItemFields as Fields } from '../remote/desk-item.ts';
import { tested, useWords } from '../words/words.ts';
import { Conflict } from './conflict.tsx';
import { ProblemBox } from './problem-box.tsx';

type Kind = 'corrected' | 'refile' | 'attach';

interface CorrectFormProps {
  /** As it stood when the form was opened: its version is what If-Match names, so nobody's later change is lost. */
  readonly item: DeskItem;
  readonly first: Kind;
  onDone(): void;
  onClose(): void;
}

export function CorrectForm({ item: opened, first, onDone, onClose }: CorrectFormProps) {
  const { api } = useDesk();
  const edition = useEdition();
  const { words, verbs, isTest } = useWords();
  const [item, setItem] = useState(opened);
  const [draft, setDraft] = useState<Draft>(draftOf(item, edition));
  const [kind, setKind] = useState<Kind>(first);
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [theirs, setTheirs] = useState<DeskItem | null>(null);
  const [busy, setBusy] = useState(false);
  const isPublished = isOut(item.state);
  const send = async (base: DeskItem) => {
    setBusy(true);
    const fields = correctedFields(draft, base, edition, isOut(base.state) ? kind : 'attach', note.trim());
    const answer = await api.correct(base.id, base.version, isOut(base.state) ? { ...fields, holdSeconds } : fields);
    const newest = answer.type === 'problem' && answer.problem.status === 412 ? await api.item(base.id) : null;
    setBusy(false);
    onDone();
    if (newest?.type === 'ok' && newest.value) return setTheirs(newest.value);
    if (answer.type === 'problem') return setProblem(answer.problem);
    onClose();
  };
  if (theirs) {
    return (
      <Conflict
        theirs={theirs}
        mine={draft.line}
        onTakeTheirs={() => {
          setItem(theirs);
          setDraft(draftOf(theirs, edition));
          setTheirs(null);
        }}
        onSendMine={() => {
          setItem(theirs);
          setTheirs(null);
          void send(theirs);
        }}
      />
    );
  }
  return (
    <form
      class="inline"
      onKeyDown={submitOnCommandEnter}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void send(item);
      }}
    >
      <ItemFields
        draft={draft}
        label={isPublished ? words.correct.line : words.correct.lineNotOut}
        isNew={false}
        onChange={setDraft}
      />
      {isPublished && <KindAndNote kind={kind} note={note} onKind={setKind} onNote={setNote} />}
      <div class="row actions">
        <button type="submit" class="primary" disabled={busy}>
          {isPublished ? verbs.sendCorrection : verbs.save} <kbd>Ctrl+Enter</kbd>
        </button>
        <button type="button" onClick={onClose}>
          {tested(words.correct.close, isTest)}
        </button>
      </div>
      <ProblemBox problem={problem} />
    </form>
  );
}

interface KindAndNoteProps {
  readonly kind: Kind;
  readonly note: string;
  onKind(kind: Kind): void;
  onNote(note: string): void;
}

/** Whether readers are told that it was changed, and what. */
function KindAndNote({ kind, note, onKind, onNote }: KindAndNoteProps) {
  const edition = useEdition();
  const { words } = useWords();
  return (
    <div class="row">
      <label>
        {words.correct.kind}{' '}
        <select name="kind" value={kind} onChange={(event) => onKind(parseKind(event.currentTarget.value))}>
          <option value="corrected">{words.correct.corrected}</option>
          <option value="refile">{words.correct.refile}</option>
          <option value="attach">{words.correct.attach}</option>
        </select>
      </label>
      {kind !== 'attach' && (
        <label class="grow">
          {words.correct.note}{' '}
          <input
            name="note"
            value={note}
            lang={edition.language}
            dir={edition.dir}
            required={kind === 'corrected'}
            placeholder={words.correct.noteHint}
            onInput={(event) => onNote(event.currentTarget.value)}
          />
        </label>
      )}
    </div>
  );
}

/**
 * PUT is the whole item: what this form does not show is sent back as it was. A line left as it was keeps its own split, and a
 * time keeps what the box cannot say: its seconds, and which of two equal hours in autumn.
 */
function correctedFields(draft: Draft, item: DeskItem, edition: SiteEdition, kind: Kind, note: string): Fields {
  const { body } = item;
  const { publishAt: _, ...typed } = fieldsOf(draft, edition);
  const isTimeLeft = draft.until === draftOf(item, edition).until;
  const fields = {
    ...typed,
    language: body.language,
    dir: body.dir,
    ...(isTimeLeft && body.expiresAt && { expiresAt: body.expiresAt }),
    ...(body.replaces && { replaces: body.replaces }),
    ...(body.translationOf && { translationOf: body.translationOf }),
  };
  const correction = kind === 'attach' ? {} : { correction: { kind, ...(note !== '' && { note }) } };
  if (draft.line !== lineOf(body)) return { ...fields, ...correction };
  const { attribution: __, ...rest } = fields;
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
