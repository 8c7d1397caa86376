import type { SourceKind } from '../../../item/line/source.ts';
import { focusBox } from '../browser/focus.ts';
import type { Problem } from '../remote/desk-api.ts';
import { tested, useWords } from '../words/words.ts';
import type { Sources } from './use-sources.ts';

export interface SourceQuestionProps {
  /** Null when there is nothing to ask. */
  readonly name: string | null;
  readonly sources: Sources;
  /** The question has been answered. The problem: the server did not keep the answer. */
  onAnswered(problem: Problem | null): void;
}

/** Asks once what stands before a colon. Its buttons need Enter or a click, and typed text goes on in the box. */
export function SourceQuestion({ name, sources, onAnswered }: SourceQuestionProps) {
  const { words, isTest, say } = useWords();
  if (name === null) return null;
  const confirm = async (kind: SourceKind) => onAnswered(await sources.confirm(name, kind));
  const answer = (run: () => unknown) => (event: MouseEvent) => {
    const form = (event.currentTarget as HTMLElement).closest('form');
    const box = form?.querySelector('textarea');
    if (box) box.focus();
    else focusBox();
    run();
  };
  return (
    <div class="confirm source" role="alert">
      <p>{say(words.source.ask, { name })}</p>
      <span class="row actions">
        <button type="button" onClick={answer(() => confirm('organisation'))}>
          {tested(words.source.organisation, isTest)}
        </button>
        <button type="button" onClick={answer(() => confirm('person'))}>
          {tested(words.source.person, isTest)}
        </button>
        <button
          type="button"
          onClick={answer(() => {
            sources.refuse(name);
            onAnswered(null);
          })}
        >
          {tested(words.source.no, isTest)}
        </button>
      </span>
    </div>
  );
}
