import { useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import { newKey } from '../browser/idempotency-key.ts';
import { submitOnCommandEnter } from '../browser/submit-shortcut.ts';
import { emptyDraft, fieldsOf, holdSeconds } from '../composer/draft.ts';
import { LineBox } from '../composer/line-box.tsx';
import { useDesk, useEdition } from '../desk-context.ts';
import type { Problem } from '../remote/desk-api.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { tested, useWords } from '../words/words.ts';
import { ProblemBox } from './problem-box.tsx';

interface TranslateFormProps {
  readonly item: DeskItem;
  onDone(): void;
  onClose(): void;
}

/** The same news in another edition, in one step: urgency and what it is filed under come along, and so does the version that was read. */
export function TranslateForm({ item, onDone, onClose }: TranslateFormProps) {
  const { api, editions } = useDesk();
  const edition = useEdition();
  const { words, verbs, isTest, say } = useWords();
  const others = editions.filter(({ id }) => id !== edition.id);
  const missing = others.find(({ id }) => !item.translations.some((one) => one.edition === id));
  const [target, setTarget] = useState(missing ?? others[0]);
  const [line, setLine] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [key] = useState(newKey);
  if (!target) return null;
  const send = async () => {
    setBusy(true);
    const { urgency, sections, regions, topics, url } = item.body;
    const draft = { ...emptyDraft, line, urgency, sections, regions, url: url ?? '' };
    const translationOf = { id: item.id, version: item.version };
    const fields = { ...fieldsOf(draft, target), topics, translationOf, holdSeconds };
    const answer = await api.publish(fields, false, `${key}-${target.id}`);
    setBusy(false);
    onDone();
    if (answer.type === 'problem') return setProblem(answer.problem);
    onClose();
  };
  return (
    <form
      class="inline translate"
      onKeyDown={submitOnCommandEnter}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void send();
      }}
    >
      <div class="row">
        {others.map((other) => (
          <label key={other.id}>
            <input
              type="radio"
              name={`into ${item.id}`}
              checked={other.id === target.id}
              onChange={() => setTarget(other)}
            />{' '}
            {say(words.translate.into, { edition: other.name })}
          </label>
        ))}
      </div>
      <p class="quiet" lang={item.body.language} dir={item.body.dir}>
        <bdi>{lineOf(item.body)}</bdi>
      </p>
      <LineBox
        key={target.id}
        line={line}
        language={target.language}
        dir={target.dir}
        label={say(words.box.translation, { edition: edition.name })}
        onChange={setLine}
      />
      <div class="row actions">
        <button type="submit" class="primary" disabled={busy}>
          {verbs.publish} <kbd>Ctrl+Enter</kbd>
        </button>
        <button type="button" onClick={onClose}>
          {tested(words.correct.close, isTest)}
        </button>
      </div>
      <ProblemBox problem={problem} />
    </form>
  );
}
