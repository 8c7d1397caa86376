/** Why the lines do not turn; one reason is enough. */
export type HoldReason = 'pointer' | 'touch' | 'focus' | 'paused' | 'motion' | 'list' | 'page';

type Hold = (reason: HoldReason, isHeld: boolean) => void;

/** For each reason the events that begin and end it. A finger that scrolls has no pointer, but it touches until it is lifted. */
const events = {
  pointer: 'pointerenter pointerleave',
  focus: 'focusin focusout',
  touch: 'touchstart touchend touchcancel',
};

/** Holds the lines while the pointer, a finger or the focus is on them, and while the page is hidden. */
export function watchReader(root: HTMLElement, hold: Hold): () => void {
  for (const [reason, names] of Object.entries(events))
    for (const [index, name] of names.split(' ').entries())
      root.addEventListener(
        name,
        // From one button to another the focus stays.
        (event) =>
          hold(reason as HoldReason, index === 0 || root.contains((event as FocusEvent).relatedTarget as Node)),
        { passive: true },
      );
  const page = () => hold('page', document.hidden);
  document.addEventListener('visibilitychange', page);
  return () => document.removeEventListener('visibilitychange', page);
}
