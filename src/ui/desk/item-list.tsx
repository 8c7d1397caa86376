import { useState } from 'preact/hooks';
import type { SiteEdition } from '../../item/site.ts';
import type { DeskApi } from './desk-api.ts';
import type { DeskItem } from './desk-item.ts';
import type { DeskSite } from './desk-site.ts';
import { ItemRow } from './item-row.tsx';
import { areShortcutsOn, rememberShortcuts, type Shortcut, shortcutHelp, shortcutOf } from './shortcuts.ts';

interface ItemListProps {
  readonly api: DeskApi;
  readonly site: DeskSite;
  readonly edition: SiteEdition;
  readonly items: readonly DeskItem[];
  readonly mayPublish: boolean;
  onDone(): void;
}

/** Everyone's items. On the one that has the focus letters act, unless they are switched off; `?` lists them. */
export function ItemList({ items, ...shared }: ItemListProps) {
  const [areOn, setOn] = useState(areShortcutsOn());
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [asked, setAsked] = useState<{ readonly id: string; readonly shortcut: Shortcut } | null>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const row = event.target;
    if (!areOn || !(row instanceof HTMLLIElement)) return;
    const shortcut = shortcutOf(event);
    if (!shortcut) return;
    event.preventDefault();
    if (shortcut === 'help') setHelpOpen(!isHelpOpen);
    else if (shortcut === 'next') focusOn(row.nextElementSibling);
    else if (shortcut === 'previous') focusOn(row.previousElementSibling);
    else setAsked({ id: row.dataset['id'] ?? '', shortcut });
  };
  const toggle = (isOn: boolean) => {
    setOn(isOn);
    rememberShortcuts(isOn);
  };
  return (
    <>
      <details class="shortcuts" open={isHelpOpen} onToggle={(event) => setHelpOpen(event.currentTarget.open)}>
        <summary>Keys</summary>
        <label>
          <input type="checkbox" checked={areOn} onChange={(event) => toggle(event.currentTarget.checked)} /> Letters
          act on the item that has the focus
        </label>
        <dl>
          {shortcutHelp.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </details>
      <ol class="items" onKeyDown={onKeyDown}>
        {items.map((item) => (
          <ItemRow
            key={item.id}
            {...shared}
            item={item}
            asked={asked?.id === item.id ? asked.shortcut : null}
            onAnswered={() => setAsked(null)}
          />
        ))}
      </ol>
    </>
  );
}

function focusOn(row: Element | null): void {
  if (row instanceof HTMLElement) row.focus();
}
