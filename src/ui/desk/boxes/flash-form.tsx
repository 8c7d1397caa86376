import { focusBox, focusOnOpen } from '../browser/focus.ts';
import { sendOnSubmit } from '../browser/submit-form.ts';
import { answerWords, Confirm } from '../composer/confirm.tsx';
import { Review } from '../composer/review.tsx';
import { type Needs, needsOf, useSteps } from '../composer/send-steps.ts';
import { useEdition } from '../desk-context.ts';
import type { Answer, Standing } from '../remote/desk-api.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { useWords } from '../words/words.ts';
import { FormFooter } from './form-footer.tsx';

interface FlashFormProps {
  readonly item: DeskItem;
  /** Publishes a draft, or shows a hidden line again. */
  readonly action: 'publish' | 'show';
  readonly busy: boolean;
  run(isFuseConfirmed: boolean): Promise<Answer<Standing>>;
  onClose(): void;
}

/** It was out before, so these are its readers. */
const shownAgain: Needs = { isFlash: true, steps: ['review'] };

/** Shows a flash, or a draft in another script than the edition's, before a button of its row lets it out. The row shows a refusal. */
export function FlashForm({ item, action, busy, run, onClose }: FlashFormProps) {
  const edition = useEdition();
  const wording = useWords();
  const { verbs, say } = wording;
  const needs = item.publishedVersion === null ? needsOf(item.body, edition, null) : shownAgain;
  const steps = useSteps(needs.steps.includes('script') ? 'script' : 'review');
  const send = async () => {
    focusBox({ preventScroll: true });
    const answer = await run(steps.step === 'fuse');
    if (answer.type === 'ok') onClose();
    else steps.asksAbout(answer.problem);
  };
  return (
    // The focus is on no button: a second Enter sends no flash that nobody has looked at.
    <form
      class="inline"
      tabIndex={-1}
      ref={focusOnOpen}
      {...sendOnSubmit(busy, (how) => steps.press(how, needs, send))}
    >
      <Review fields={item.body} />
      <Confirm step={steps.step} />
      <FormFooter
        label={
          answerWords(wording, steps.step, edition) ??
          (action === 'show'
            ? verbs.show
            : say(needs.isFlash ? verbs.sendFlash : verbs.send, { edition: edition.name }))
        }
        busy={busy}
        problem={null}
        onClose={onClose}
      />
    </form>
  );
}
