import type { ComponentChildren } from 'preact';
import type { Problem } from '../remote/desk-api.ts';
import { KeyName } from '../words/key-name.tsx';
import { tested, useWords } from '../words/words.ts';
import { ProblemBox } from './problem-box.tsx';

interface FormFooterProps {
  /** What the form does when it is submitted. */
  readonly label: string;
  readonly kind?: 'primary' | 'danger';
  readonly busy: boolean;
  readonly problem: Problem | null;
  /** Closes the form. This browser keeps its text. */
  onClose(): void;
  /** Null: there is nothing to discard. */
  readonly onDiscard?: (() => void) | null;
  /** Buttons between submit and close. */
  readonly children?: ComponentChildren;
}

/** The buttons of a form inside the list, and why the API refused. */
export function FormFooter(props: FormFooterProps) {
  const { label, kind = 'primary', busy, problem, onClose, onDiscard, children } = props;
  const { words, isTest } = useWords();
  return (
    <>
      <div class="row actions">
        <button
          type="submit"
          class={kind}
          disabled={busy}
          // A double click is one press.
          onClick={(event) => event.detail > 1 && event.preventDefault()}
        >
          {label} <KeyName keys="Ctrl+Enter" />
        </button>
        {children}
        <button type="button" onClick={onClose}>
          {tested(words.correct.close, isTest)}
        </button>
        {onDiscard && (
          <button type="button" onClick={onDiscard}>
            {tested(words.said.discard, isTest)}
          </button>
        )}
      </div>
      <ProblemBox problem={problem} />
    </>
  );
}
