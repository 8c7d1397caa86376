import { useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import type { ItemState } from '../../../item/lifecycle.ts';
import { comparisonText } from '../../../item/line/comparison-text.ts';
import type { Items } from '../browser/live.ts';
import { areShortcutsOn, rememberShortcuts, type Shortcut, shortcutHelp, shortcutOf } from '../page/shortcuts.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { tested, useWords } from '../words/words.ts';
import { ItemRow } from './item-row.tsx';

export type Filter = 'all' | 'out' | 'waiting' | 'drafts' | 'hidden' | 'gone';

const filters: Readonly<Record<Filter, readonly ItemState[] | undefined>> = {
  all: undefined,
  out: ['published'],
  waiting: ['held', 'scheduled', 'queued'],
  drafts: ['draft'],
  hidden: ['withheld'],
  gone: ['retracted', 'expired', 'cancelled'],
};

/** The states to request from the API; undefined: all of them. */
export function statesOf(filter: Filter): readonly ItemState[] | undefined {
  return filters[filter];
}

interface ItemListProps {
  readonly list: Items;
  readonly filter: Filter;
  onFilter(filter: Filter): void;
  onReplace(item: DeskItem): void;
}

/** The items of all editors. Letters act on the focused item unless they are switched off; `?` lists the letters. */
export function ItemList({ list, filter, onFilter, onReplace }: ItemListProps) {
  const { words, isTest } = useWords();
  const [areOn, setOn] = useState(areShortcutsOn());
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [search, setSearch] = useState('');
  const [pressed, setPressed] = useState<{ readonly id: string; readonly shortcut: Shortcut } | null>(null);
  const wanted = comparisonText(search);
  const items = list.items.filter(({ body }) => comparisonText(lineOf(body)).includes(wanted));
  const onKeyDown = (event: KeyboardEvent) => {
    const row = event.target;
    if (!areOn || !(row instanceof HTMLLIElement)) return;
    const shortcut = shortcutOf(event);
    if (!shortcut) return;
    event.preventDefault();
    if (shortcut === 'help') setHelpOpen(!isHelpOpen);
    else if (shortcut === 'next') focusOn(row.nextElementSibling);
    else if (shortcut === 'previous') focusOn(row.previousElementSibling);
    else setPressed({ id: row.dataset['id'] ?? '', shortcut });
  };
  return (
    <section class="list" aria-label={words.list.title}>
      <ListTools filter={filter} onFilter={onFilter} search={search} onSearch={setSearch} />
      <ShortcutHelp isOpen={isHelpOpen} onOpen={setHelpOpen} areOn={areOn} onTurned={setOn} />
      <ol class="items" onKeyDown={onKeyDown}>
        {items.map((item) => (
          <ItemRow
            key={item.id}
            item={item}
            pressed={pressed?.id === item.id ? pressed.shortcut : null}
            onAnswered={() => setPressed(null)}
            onDone={list.refresh}
            onReplace={onReplace}
          />
        ))}
      </ol>
      {items.length === 0 && <p class="empty">{words.list.empty}</p>}
      {list.older && (
        <button type="button" class="older" onClick={list.older}>
          {tested(words.list.older, isTest)}
        </button>
      )}
    </section>
  );
}

interface ListToolsProps {
  readonly filter: Filter;
  readonly search: string;
  onFilter(filter: Filter): void;
  onSearch(search: string): void;
}

function ListTools({ filter, search, onFilter, onSearch }: ListToolsProps) {
  const { words } = useWords();
  return (
    <div class="row tools">
      <label>
        <span class="unseen">{words.list.title}</span>
        <select name="filter" value={filter} onChange={(event) => onFilter(filterOf(event.currentTarget.value))}>
          {Object.keys(filters).map((one) => (
            <option key={one} value={one}>
              {words.list.filters[filterOf(one)]}
            </option>
          ))}
        </select>
      </label>
      <label class="grow">
        <span class="unseen">{words.list.search}</span>
        <input
          name="search"
          type="search"
          placeholder={words.list.search}
          value={search}
          onInput={(event) => onSearch(event.currentTarget.value)}
        />
      </label>
    </div>
  );
}

interface ShortcutHelpProps {
  readonly isOpen: boolean;
  readonly areOn: boolean;
  onOpen(isOpen: boolean): void;
  onTurned(areOn: boolean): void;
}

/** What each letter does, and the switch that turns the letters off in this browser. */
function ShortcutHelp({ isOpen, areOn, onOpen, onTurned }: ShortcutHelpProps) {
  const { words } = useWords();
  const turn = (isOn: boolean) => {
    onTurned(isOn);
    rememberShortcuts(isOn);
  };
  return (
    <details class="shortcuts" open={isOpen} onToggle={(event) => onOpen(event.currentTarget.open)}>
      <summary>{words.list.keys}</summary>
      <label>
        <input type="checkbox" checked={areOn} onChange={(event) => turn(event.currentTarget.checked)} />{' '}
        {words.list.lettersOn}
      </label>
      <dl>
        {shortcutHelp.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd dir="ltr">{keys}</kbd>
            </dt>
            <dd>{words.keys[what]}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function filterOf(value: string): Filter {
  return value in filters ? (value as Filter) : 'all';
}

function focusOn(row: Element | null): void {
  if (row instanceof HTMLElement) row.focus();
}
