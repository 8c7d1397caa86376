import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

interface Place {
  /** On the screen, px. */
  readonly top: number;
  /** As if nothing had been scrolled, px. */
  readonly unscrolled: number;
  /** `performance.now()`; when the row moved last, unless by scrolling. */
  readonly movedAt: number;
}

const slipMs = 500;

/**
 * Knows which rows have just moved on the screen without having been scrolled: a click on such a row may have been meant for
 * the one before. The browser's scroll anchoring moves a row in its page and not on the screen, which is no movement.
 */
export function useMovedRows(list: { readonly current: HTMLElement | null }): (row: Element) => boolean {
  const places = useRef(new Map<Element, Place>());
  const look = () => {
    if (list.current) places.current = placesOf(list.current, places.current, performance.now());
  };
  useLayoutEffect(look);
  useEffect(() => {
    const controller = new AbortController();
    const observer = new ResizeObserver(look);
    for (const element of [document.body, list.current]) if (element) observer.observe(element);
    document.addEventListener('scroll', look, { capture: true, passive: true, signal: controller.signal });
    return () => {
      observer.disconnect();
      controller.abort();
    };
  }, []);
  return (row) => {
    look();
    return performance.now() - (places.current.get(row)?.movedAt ?? Number.NEGATIVE_INFINITY) < slipMs;
  };
}

function placesOf(list: HTMLElement, before: ReadonlyMap<Element, Place>, now: number): Map<Element, Place> {
  const scrolled = scrolledBy(list);
  return new Map(
    Array.from(list.children, (row) => {
      const { top } = row.getBoundingClientRect();
      const unscrolled = top + scrolled;
      const known = before.get(row);
      const isMoved = known && Math.abs(known.top - top) > 1 && Math.abs(known.unscrolled - unscrolled) > 1;
      return [row, { top, unscrolled, movedAt: isMoved ? now : (known?.movedAt ?? Number.NEGATIVE_INFINITY) }] as const;
    }),
  );
}

function scrolledBy(element: HTMLElement): number {
  let sum = 0;
  for (let at: HTMLElement | null = element; at; at = at.parentElement) sum += at.scrollTop;
  return sum;
}
