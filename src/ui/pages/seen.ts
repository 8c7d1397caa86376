import type { NewsStore } from './news-store.ts';

/** A report in view for this long is no longer new. */
const seenMs = 2_000;

/** Takes the mark off a new report once it was in view of a visible tab. A browser that cannot tell keeps the marks. */
export function watchSeen(root: HTMLElement, store: NewsStore): void {
  if (!globalThis.IntersectionObserver) return;
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const forget = (id: string) => {
    clearTimeout(timers.get(id));
    timers.delete(id);
  };
  const observer = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      forget(target.id);
      if (isIntersecting)
        timers.set(
          target.id,
          setTimeout(() => store.setSeen(target.id), seenMs),
        );
    }
  });
  const observe = () => {
    observer.disconnect();
    for (const id of timers.keys()) forget(id);
    // Each observed element is reported once at the start, so that a timer runs for what is in view.
    if (!document.hidden) for (const entry of root.querySelectorAll('.entry.new')) observer.observe(entry);
  };
  let marked = '';
  store.subscribe(({ fresh, waiting }) => {
    const now = `${waiting} ${[...fresh]}`;
    if (now === marked) return;
    marked = now;
    setTimeout(observe); // once they are drawn
  });
  document.addEventListener('visibilitychange', observe);
}

/** The number of reports that the reader has not seen, before the title of the tab. */
export function countInTitle(store: NewsStore): void {
  const { title } = document;
  store.subscribe(({ fresh }) => {
    document.title = fresh.size > 0 ? `(${fresh.size}) ${title}` : title;
  });
}
