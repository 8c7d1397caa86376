import { useEffect, useRef, useState } from 'preact/hooks';
import type { Items } from '../browser/live.ts';

/** The address of a line in the list. */
export function lineHash(edition: string, itemId: string): string {
  return `#line?edition=${encodeURIComponent(edition)}&id=${encodeURIComponent(itemId)}`;
}

/** Pages of older lines that one link may load. */
const mostPages = 20;

/** Focuses the line that the address names, page after page into the past. True if it is not in the newest thousand lines. */
export function useLinkedLine({ items, older }: Pick<Items, 'items' | 'older'>, id: string | null): boolean {
  const [isMissing, setMissing] = useState(false);
  const pages = useRef(0);
  const found = useRef<string | null>(null);
  useEffect(() => {
    pages.current = 0;
    found.current = null;
    setMissing(false);
  }, [id]);
  useEffect(() => {
    if (id === null || items.length === 0 || found.current === id) return;
    const row = document.querySelector<HTMLElement>(`.items > [data-id="${CSS.escape(id)}"]`);
    if (row) {
      found.current = id;
      row.focus();
    } else if (older && pages.current < mostPages) {
      pages.current += 1;
      older();
    } else setMissing(true);
  }, [id, items.length]);
  return isMissing;
}
