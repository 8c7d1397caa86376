import { useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import { useNow } from '../browser/live.ts';
import { useDesk } from '../desk-context.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { useWords } from '../words/words.ts';

interface HeldBarProps {
  readonly held: readonly DeskItem[];
  readonly clockOffset: number;
  /** Resolves to true when the line was stopped in time. */
  onUndo(item: DeskItem): Promise<boolean>;
}

/** The held lines of all editors in this edition, each with a button that stops it. */
export function HeldBar({ held, clockOffset, onUndo }: HeldBarProps) {
  const { mayPublish } = useDesk();
  const { words, verbs, say } = useWords();
  const now = useNow(100, held.length > 0) + clockOffset;
  const [result, setResult] = useState('');
  const undo = async (item: DeskItem) =>
    setResult((await onUndo(item)) ? say(words.held.undone, { line: lineOf(item.body) }) : words.held.tooLate);
  return (
    <section class="held" aria-label={words.held.title}>
      <p role="status" class="said">
        {result}
      </p>
      {held.length > 0 && (
        <ol>
          {held.map((item) => (
            <li key={item.id}>
              <span class="countdown">
                {say(words.held.goesOut, {
                  name: item.by,
                  seconds: Math.max(0, Math.ceil(((item.dueAt ?? 0) - now) / 1_000)),
                })}
              </span>
              <bdi class="text" lang={item.body.language} dir={item.body.dir}>
                {lineOf(item.body)}
              </bdi>
              {mayPublish && (
                <button type="button" class="undo" onClick={() => void undo(item)}>
                  {verbs.undo}
                </button>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
