import { useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import type { SiteEdition } from '../../../item/site.ts';
import { focusBox } from '../browser/focus.ts';
import { newKey } from '../browser/idempotency-key.ts';
import { sendOnSubmit } from '../browser/submit-form.ts';
import { emptyFields, fieldsOf, holdSeconds } from '../composer/composer-fields.ts';
import { answerWords, Confirm } from '../composer/confirm.tsx';
import { LineBox } from '../composer/line-box.tsx';
import { Review } from '../composer/review.tsx';
import { backOnEscape, isShown, needsOf, useSteps } from '../composer/send-steps.ts';
import { EditionContext, useDesk, useEdition } from '../desk-context.ts';
import { EditionMark } from '../page/edition-mark.tsx';
import type { Problem } from '../remote/desk-api.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { useSources } from '../sources/use-sources.ts';
import { useWords } from '../words/words.ts';
import { FormFooter } from './form-footer.tsx';
import { useKeptTexts } from './kept-form.ts';

interface TranslateFormProps {
  readonly item: DeskItem;
  readonly isRestored: boolean;
  onDone(): void;
  onClose(): void;
}

/** The same item in another edition, in one step. Urgency and facets come along, and so does the version that was translated. */
export function TranslateForm({ item, isRestored, onDone, onClose }: TranslateFormProps) {
  const { api, editions } = useDesk();
  const edition = useEdition();
  const wording = useWords();
  const { words, verbs, say } = wording;
  const others = editions.filter(({ id }) => id !== edition.id);
  const missing = others.find(({ id }) => !item.translations.some((one) => one.edition === id));
  const [newlyMade] = useState(newKey);
  // The key is kept too: a translation that was sent before a reload is one item still.
  const kept = useKeptTexts(item, 'translate', {
    line: '',
    into: (missing ?? others[0])?.id ?? '',
    key: newlyMade,
  });
  const { line, into, key } = kept.texts;
  const target = others.find(({ id }) => id === into);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const steps = useSteps();
  const sources = useSources(target?.id ?? '');
  if (!target) return null;
  const { urgency, sections, regions, topics, url } = item.body;
  const values = { ...emptyFields, line, urgency, sections, regions, url: url ?? '' };
  const translationOf = { id: item.id, version: kept.version };
  const fields = { ...fieldsOf(values, target, sources.known), topics, translationOf, holdSeconds };
  const source = { name: sources.unknownIn(line), sources, onAnswered: setProblem };
  const change: typeof kept.set = (changed) => {
    kept.set(changed);
    steps.back();
  };
  const discard = () => {
    kept.sent();
    onClose();
  };
  const send = async () => {
    setBusy(true);
    focusBox({ preventScroll: true });
    const answer = await api.publish(fields, false, `${key}-${target.id}`, steps.step === 'fuse');
    setBusy(false);
    onDone();
    if (answer.type === 'problem') return setProblem(steps.asksAbout(answer.problem) ? null : answer.problem);
    discard();
  };
  return (
    <form
      class="inline translate"
      {...sendOnSubmit(busy, (how) => steps.press(how, needsOf(fields, target, source.name), send))}
      onKeyDownCapture={(event) => backOnEscape(event, steps)}
    >
      <Targets name={`into ${item.id}`} editions={others} target={target} onTarget={({ id }) => change({ into: id })} />
      <p class="quiet" lang={item.body.language} dir={item.body.dir}>
        <bdi>{lineOf(item.body)}</bdi>
      </p>
      <p class="goes-to">
        <EditionMark edition={target} />
      </p>
      <LineBox
        key={target.id}
        line={line}
        sources={sources}
        language={target.language}
        dir={target.dir}
        label={say(words.box.translation, { edition: edition.name })}
        takesFocus={!isRestored}
        onChange={(changed) => change({ line: changed })}
      />
      <EditionContext.Provider value={target}>
        {isShown(steps.step) && <Review fields={fields} />}
        <Confirm step={steps.step} source={source} />
      </EditionContext.Provider>
      <FormFooter
        label={
          answerWords(wording, steps.step, target) ??
          say(urgency === 'flash' ? verbs.sendFlash : verbs.send, { edition: target.name })
        }
        busy={busy}
        problem={problem}
        onClose={onClose}
        onDiscard={kept.isChanged ? discard : null}
      />
    </form>
  );
}

interface TargetsProps {
  readonly name: string;
  readonly editions: readonly SiteEdition[];
  readonly target: SiteEdition;
  onTarget(edition: SiteEdition): void;
}

/** The edition that the translation goes to. */
function Targets({ name, editions, target, onTarget }: TargetsProps) {
  const { words, say } = useWords();
  return (
    <div class="row">
      {editions.map((edition) => (
        <label key={edition.id}>
          <input type="radio" name={name} checked={edition.id === target.id} onChange={() => onTarget(edition)} />{' '}
          {say(words.translate.into, { edition: edition.name })}
        </label>
      ))}
    </div>
  );
}
