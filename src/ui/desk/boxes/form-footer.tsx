import type { ComponentChildren } from 'preact';
import type { Problem } from '../remote/desk-api.ts';
import { tested, useWords } from '../words/words.ts';
import { ProblemBox } from './problem-box.tsx';

interface FormFooterProps {
  /** What the form does when it is submitted. */
  readonly label: string;
  readonly kind?: 'primary' | 'danger';
  readonly busy: boolean;
  readonly problem: Problem | null;
  onClose(): void;
  /** Buttons between submit and close. */
  readonly children?: ComponentChildren;
}

/** The buttons of a form inside the list, and why the API refused. */
export function FormFooter({ label, kind = 'primary', busy, problem, onClose, children }: FormFooterProps) {
  const { words, isTest } = useWords();
  return (
    <>
      <div class="row actions">
        <button type="submit" class={kind} disabled={busy}>
          {label} <kbd>Ctrl+Enter</kbd>
        </button>
        {children}
        <button type="button" onClick={onClose}>
          {tested(words.correct.close, isTest)}
        </button>
      </div>
      <ProblemBox problem={problem} />
    </>
  );
}
