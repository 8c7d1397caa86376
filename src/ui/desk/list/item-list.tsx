import { useRef, useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import type { ItemState } from '../../../item/lifecycle.ts';
import { comparisonText } from '../../../item/line/comparison-text.ts';
import type { Items } from '../browser/live.ts';
import { useTypedKeys } from '../browser/typed-keys.ts';
import { areShortcutsOn } from '../page/shortcuts.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { tested, useWords } from '../words/words.ts';
import { ItemRow } from './item-row.tsx';
import type { LastHidden } from './last-hidden.ts';
import { move, onListKey } from './list-keys.ts';
import { useMovedRows } from './moved-rows.ts';
import { KeyHints, ShortcutHelp } from './shortcut-help.tsx';
import { useInside, useStillRows } from './still-rows.ts';

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
  readonly lastHidden: LastHidden;
  onFilter(filter: Filter): void;
  onUndo(item: DeskItem): void;
  onReplace(item: DeskItem): void;
}

/**
 * The items of all editors. No letter acts on one of them; `?` lists the keys that do. The list holds still while the
 * pointer, a finger or the focus is in it.
 */
export function ItemList({ list, filter, lastHidden, onFilter, onUndo, onReplace }: ItemListProps) {
  const { words, isTest, say } = useWords();
  const [areOn, setOn] = useState(areShortcutsOn());
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [search, setSearch] = useState('');
  const wanted = comparisonText(search);
  const items = list.items.filter(({ body }) => comparisonText(lineOf(body)).includes(wanted));
  useTypedKeys({
    areShortcutsOn: areOn,
    onShortcut: (shortcut) => (shortcut === 'help' ? setHelpOpen(!isHelpOpen) : move(shortcut)),
    onUndo: () => document.querySelector<HTMLElement>('.edition-desk:not([hidden]) .undo-hide')?.click(),
  });
  const region = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLOListElement>(null);
  const still = useStillRows(items, useInside(region), `${filter} ${wanted}`);
  const { movedId, onClick } = useMovedClicks(rows);
  const hidden = still.rows.find(({ item }) => item.id === lastHidden.id)?.item;
  return (
    <section class="list" aria-label={words.list.title}>
      <ListTools filter={filter} onFilter={onFilter} search={search} onSearch={setSearch} />
      <ShortcutHelp isOpen={isHelpOpen} onOpen={setHelpOpen} areOn={areOn} onTurned={setOn} />
      <p role="status" class="unseen">
        {hidden && say(words.list.hidden, { line: lineOf(hidden.body) })}
      </p>
      <div ref={region} class="held-still">
        <Waiting count={still.waiting} onShow={still.show} />
        <ol ref={rows} class="items" onKeyDown={onListKey} onClickCapture={onClick}>
          {still.rows.map(({ item, isGone }) => (
            <ItemRow
              key={item.id}
              item={item}
              isGone={isGone}
              isMoved={item.id === movedId}
              lastHidden={lastHidden}
              onUndo={onUndo}
              onDone={list.refresh}
              onReplace={onReplace}
            />
          ))}
        </ol>
      </div>
      {still.rows.length === 0 && <p class="empty">{words.list.empty}</p>}
      {list.older && (
        <button type="button" class="older" onClick={list.older}>
          {tested(words.list.older, isTest)}
        </button>
      )}
    </section>
  );
}

/**
 * Ignores a click in a row that has just moved under the pointer; its row says so. The second click of a double click is ignored
 * without a word: the first one has put another button under the pointer.
 */
function useMovedClicks(rows: { readonly current: HTMLOListElement | null }) {
  const isMoved = useMovedRows(rows);
  const [movedId, setMovedId] = useState<string | null>(null);
  const onClick = (event: MouseEvent) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    const row = button?.closest<HTMLElement>('.items > li');
    // A button that is pressed with a key was chosen by its focus, which moves along.
    const isSlip = row instanceof HTMLElement && event.detail > 0 && isMoved(row);
    setMovedId(isSlip ? (row.dataset['id'] ?? null) : null);
    if (!isSlip && (!row || event.detail < 2)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { movedId, onClick };
}

/** How many new lines wait above. It takes no room: the rows stay where they are. */
function Waiting({ count, onShow }: { readonly count: number; onShow(): void }) {
  const { words, isTest, say } = useWords();
  if (count === 0) return null;
  const show = () => {
    onShow();
    requestAnimationFrame(() => move('list'));
  };
  return (
    <div class="waiting">
      <button type="button" onClick={show}>
        {tested(say(words.list.waiting, { count }), isTest)}
      </button>
    </div>
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
      <KeyHints />
    </div>
  );
}

function filterOf(value: string): Filter {
  return value in filters ? (value as Filter) : 'all';
}
