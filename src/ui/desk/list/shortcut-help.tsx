import { useEffect, useRef } from 'preact/hooks';
import { rememberShortcuts, shortcutHelp } from '../page/shortcuts.ts';
import { KeyName } from '../words/key-name.tsx';
import { useWords } from '../words/words.ts';

interface ShortcutHelpProps {
  readonly isOpen: boolean;
  readonly areOn: boolean;
  onOpen(isOpen: boolean): void;
  onTurned(areOn: boolean): void;
}

/** What each key does, and the switch that turns the letters off in this browser. */
export function ShortcutHelp({ isOpen, areOn, onOpen, onTurned }: ShortcutHelpProps) {
  const { words } = useWords();
  const summary = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isOpen) summary.current?.scrollIntoView({ block: 'nearest' });
  }, [isOpen]);
  const turn = (isOn: boolean) => {
    onTurned(isOn);
    rememberShortcuts(isOn);
  };
  return (
    <details class="shortcuts" open={isOpen} onToggle={(event) => onOpen(event.currentTarget.open)}>
      <summary ref={summary}>
        {words.list.keys} {areOn && <KeyName keys="?" />}
      </summary>
      <label>
        <input type="checkbox" checked={areOn} onChange={(event) => turn(event.currentTarget.checked)} />{' '}
        {words.list.lettersOn}
      </label>
      <dl>
        {shortcutHelp.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <KeyName keys={keys} />
            </dt>
            <dd>{words.keys[what]}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** The keys that an editor needs most, where they act. All of them are in the help. */
export function KeyHints() {
  const { words, verbs } = useWords();
  const hints = [
    ['F6', words.list.pane],
    ['F2', verbs.correct],
    ['Delete', verbs.hide],
    ['Enter', words.menu],
  ] as const;
  return (
    <p class="key-hints">
      {hints.map(([key, what]) => (
        <span key={key}>
          <KeyName keys={key} /> {what}
        </span>
      ))}
    </p>
  );
}
