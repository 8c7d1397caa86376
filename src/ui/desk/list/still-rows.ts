import { useEffect, useRef, useState } from 'preact/hooks';
import type { DeskItem } from '../remote/desk-item.ts';

export interface StillRow {
  readonly item: DeskItem;
  /** The item is not in the list any more. Its row keeps its place until the list moves again. */
  readonly isGone: boolean;
}

export interface StillRows {
  readonly rows: readonly StillRow[];
  /** New items that wait above the rows. */
  readonly waiting: number;
}

/**
 * The rows of a list that must not move: those it had, in their order, with the newest state of each. A new item above one of
 * them waits. Older items, which the editor has asked for, follow at the end.
 */
export function stillRows(before: readonly DeskItem[], items: readonly DeskItem[]): StillRows {
  const newest = new Map(items.map((item) => [item.id, item]));
  const known = new Set(before.map(({ id }) => id));
  const lastKnown = items.findLastIndex(({ id }) => known.has(id));
  const isNew = ({ id }: DeskItem) => !known.has(id);
  return {
    rows: [
      ...before.map((item) => ({ item: newest.get(item.id) ?? item, isGone: !newest.has(item.id) })),
      ...(lastKnown === -1 ? [] : items.slice(lastKnown + 1)).map((item) => ({ item, isGone: false })),
    ],
    waiting: (lastKnown === -1 ? items : items.slice(0, lastKnown)).filter(isNew).length,
  };
}

/**
 * Holds a list still while the pointer, a finger or the focus is in it. `key` changes where the editor has asked for another
 * list. `show` lets the new rows in.
 */
export function useStillRows(items: readonly DeskItem[], isInside: boolean, key: string): StillRows & { show(): void } {
  const kept = useRef<{ key: string; items: readonly DeskItem[] }>({ key, items });
  const [, update] = useState(0);
  if (!isInside || kept.current.key !== key || kept.current.items.length === 0) kept.current = { key, items };
  const still = stillRows(kept.current.items, items);
  kept.current.items = still.rows.map(({ item }) => item);
  return {
    ...still,
    show: () => {
      kept.current.items = items;
      update((times) => times + 1);
    },
  };
}

/** Whether the pointer, a finger or the focus is in an element. */
export function useInside(element: { readonly current: HTMLElement | null }): boolean {
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const controller = new AbortController();
    const on = <Name extends keyof HTMLElementEventMap>(
      name: Name,
      listener: (event: HTMLElementEventMap[Name]) => void,
    ) => current.addEventListener(name, listener, { signal: controller.signal });
    on('pointerenter', () => setPointed(true));
    on('pointerleave', () => setPointed(false));
    on('pointercancel', () => setPointed(false));
    on('focusin', () => setFocused(true));
    on('focusout', ({ relatedTarget }) => setFocused(relatedTarget instanceof Node && current.contains(relatedTarget)));
    return () => controller.abort();
  }, []);
  // An element that is removed takes the focus along, and says so in some browsers only.
  return isPointed || (isFocused && (element.current?.contains(document.activeElement) ?? false));
}
