import { useRef } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import { useNow } from '../browser/live.ts';
import { useDesk } from '../desk-context.ts';
import { useInside } from '../list/still-rows.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { KeyName } from '../words/key-name.tsx';
import { useWords } from '../words/words.ts';
import { newestOwn } from './held-lines.ts';

/** The bar covers the list. Under STOP, the list of what will go out has the rest. */
const mostShown = 3;

interface HeldBarProps {
  readonly held: readonly DeskItem[];
  readonly clockOffset: number;
  /** What happened to a held line last. */
  readonly said: string;
  onUndo(item: DeskItem): void;
}

/**
 * The held lines of all editors in this edition. A button undoes an own line; a colleague's has one that names the colleague.
 * While the pointer is in the bar, a line that has left keeps its place, so that no button comes under the pointer.
 */
export function HeldBar({ held, clockOffset, said, onUndo }: HeldBarProps) {
  const { stopped, who } = useDesk();
  const { words } = useWords();
  const now = useNow(100, held.length > 0) + clockOffset;
  const bar = useRef<HTMLElement>(null);
  const rows = useKept(held, useInside(bar));
  return (
    <section ref={bar} class={stopped ? 'held stopped' : 'held'} aria-label={words.held.title}>
      <p role="status" class="said">
        {said}
      </p>
      {rows.length > 0 && (
        <ol>
          {rows.slice(0, mostShown).map((item) => (
            <HeldLine
              key={item.id}
              item={item}
              isOver={!held.some(({ id }) => id === item.id)}
              hasKey={newestOwn(held, who.keyId)?.id === item.id}
              now={now}
              onUndo={onUndo}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

interface HeldLineProps {
  readonly item: DeskItem;
  readonly isOver: boolean;
  /** Escape in an empty box stops it. */
  readonly hasKey: boolean;
  readonly now: number;
  onUndo(item: DeskItem): void;
}

function HeldLine({ item, isOver, hasKey, now, onUndo }: HeldLineProps) {
  const { mayPublish, who, stopped } = useDesk();
  const { words, verbs, say } = useWords();
  const isOwn = item.byKeyId === who.keyId;
  const seconds = Math.max(0, Math.ceil(((item.dueAt ?? 0) - now) / 1_000));
  const waits = say(stopped ? words.held.stopped : words.held.goesOut, { name: item.by, seconds });
  return (
    <li>
      <span class="countdown">{isOver ? words.held.over : waits}</span>
      <bdi class="text" lang={item.body.language} dir={item.body.dir}>
        {lineOf(item.body)}
      </bdi>
      {mayPublish && !isOver && (
        <button type="button" class={isOwn ? 'undo' : 'stop-other'} onClick={() => onUndo(item)}>
          {isOwn ? verbs.undo : say(verbs.stopOf, { name: item.by })}
          {hasKey && ' '}
          {hasKey && <KeyName keys="Esc" />}
        </button>
      )}
    </li>
  );
}

/**
 * The held lines, the newest on top: the bar stands on the lower edge of the window, so those below stay where they are. While
 * `isInside`, those that have left keep their place, and a new one waits if the bar is full: it would push one out and another
 * one under the pointer.
 */
function useKept(held: readonly DeskItem[], isInside: boolean): readonly DeskItem[] {
  const kept = useRef<readonly DeskItem[]>([]);
  const newest = new Map(held.map((item) => [item.id, item]));
  const stay = kept.current.filter(({ id }) => isInside || newest.has(id)).map((item) => newest.get(item.id) ?? item);
  const others = held.filter(({ id }) => !stay.some((one) => one.id === id));
  const room = isInside ? Math.max(0, mostShown - stay.length) : others.length;
  kept.current = [...others.slice(0, room), ...stay];
  return kept.current;
}
