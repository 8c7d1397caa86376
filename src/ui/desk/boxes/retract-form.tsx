import { useState } from 'preact/hooks';
import { defaultNotice } from '../../../item/notice.ts';
import type { SiteEdition } from '../../../item/site.ts';
import { noticeIn } from '../../strings/strings.ts';
import { focusBox, focusOnOpen } from '../browser/focus.ts';
import { sendOnSubmit } from '../browser/submit-form.ts';
import { useDesk, useEdition } from '../desk-context.ts';
import type { Answer, Problem, Standing } from '../remote/desk-api.ts';
import type { DeskItem, Translation } from '../remote/desk-item.ts';
import { useWords } from '../words/words.ts';
import { FormFooter } from './form-footer.tsx';
import { useKeptTexts } from './kept-form.ts';

interface RetractFormProps {
  readonly item: DeskItem;
  readonly isRestored: boolean;
  /** Sends the retraction, with the stopwatch running. */
  run(ask: () => Promise<Answer<Standing>>): Promise<Answer<Standing>>;
  onClose(): void;
  onReplace(item: DeskItem): void;
}

/** Retracts an item permanently, and its translations unless the editor unchecks them. The press asks no second question. */
export function RetractForm(props: RetractFormProps) {
  const edition = useEdition();
  const { words, verbs, say } = useWords();
  const form = useRetraction(props);
  return (
    <form class="inline" {...sendOnSubmit(form.busy, () => form.retract(false))}>
      <label>
        {words.retract.reason}
        <input
          name="reason"
          value={form.texts.reason}
          required
          ref={props.isRestored ? null : focusOnOpen}
          onInput={(event) => form.set({ reason: event.currentTarget.value })}
        />
      </label>
      <label>
        {words.retract.notice}
        <input
          name="notice"
          value={form.texts.notice}
          lang={edition.language}
          dir={edition.dir}
          onInput={(event) => form.set({ notice: event.currentTarget.value })}
        />
      </label>
      <p class="quiet">{say(words.box.zone, { zone: edition.timeZone })}</p>
      <Translations {...form} />
      <FormFooter
        label={verbs.retractPermanently}
        kind="danger"
        busy={form.busy}
        problem={form.problem}
        onClose={props.onClose}
        onDiscard={form.isChanged ? form.discard : null}
      >
        <button
          type="button"
          disabled={form.busy}
          onClick={(event) => {
            if (event.currentTarget.form?.reportValidity()) void form.retract(true);
          }}
        >
          {verbs.retractAndReplace}
        </button>
      </FormFooter>
    </form>
  );
}

/** The state of the form, and the retraction of the item with its translations. */
function useRetraction({ item, run, onClose, onReplace }: RetractFormProps) {
  const { api, editions } = useDesk();
  const edition = useEdition();
  const kept = useKeptTexts(item, 'retract', {
    reason: '',
    notice: item.publishedAt === null ? '' : defaultNotice(edition, item.publishedAt, noticeIn),
  });
  const { reason, notice } = kept.texts;
  const translations = item.translations.filter(
    ({ state, edition: id }) => state !== 'retracted' && state !== 'cancelled' && editions.some((one) => one.id === id),
  );
  const [unchecked, setUnchecked] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const retract = async (isReplaced: boolean) => {
    setBusy(true);
    focusBox({ preventScroll: true });
    // The translations are retracted at the same time: every second counts.
    const others = translations
      .filter(({ id }) => !unchecked.includes(id))
      .map((one) => api.retract(one.id, reason.trim(), noticeFor(one, editions, item)));
    const answer = await run(() => api.retract(item.id, reason.trim(), notice.trim()));
    const failed = (await Promise.all(others)).find((other) => other.type === 'problem');
    setBusy(false);
    setProblem(failed?.type === 'problem' ? failed.problem : null);
    if (answer.type === 'problem' || failed) return;
    kept.sent();
    onClose();
    if (isReplaced) onReplace(item);
  };
  const check = (id: string, isChecked: boolean) =>
    setUnchecked(isChecked ? unchecked.filter((one) => one !== id) : [...unchecked, id]);
  const discard = () => {
    kept.sent();
    onClose();
  };
  return { ...kept, discard, translations, unchecked, check, busy, problem, retract };
}

type TranslationsProps = Pick<ReturnType<typeof useRetraction>, 'translations' | 'unchecked' | 'check'>;

/** The translations that are retracted too. */
function Translations({ translations, unchecked, check }: TranslationsProps) {
  const { words, say } = useWords();
  return (
    <>
      {translations.map(({ id, edition }) => (
        <label key={id} class="also">
          <input
            type="checkbox"
            checked={!unchecked.includes(id)}
            onChange={(event) => check(id, event.currentTarget.checked)}
          />{' '}
          {say(words.retract.also, { edition })}
        </label>
      ))}
    </>
  );
}

/** The default notice of a translation, in the language of its readers. */
function noticeFor({ edition }: Translation, editions: readonly SiteEdition[], item: DeskItem): string {
  const home = editions.find(({ id }) => id === edition);
  return home && item.publishedAt !== null ? defaultNotice(home, item.publishedAt, noticeIn) : '';
}
