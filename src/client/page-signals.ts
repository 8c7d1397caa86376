import type { Clock } from './clock.ts';

/** Events of the network and the page. `hidden`: the page has been hidden for a minute. */
export type PageEvent = 'online' | 'offline' | 'hidden' | 'visible';

/** Receives what is known about the network and the page. */
export interface SignalListener {
  onOnline(): void;
  onOffline(): void;
  /** The page is visible again, perhaps after the machine has slept. */
  onVisible(): void;
  onHidden(): void;
}

/** Reports what the page knows about the network and the reader. Returns a function that stops listening. */
export type Signals = (listener: SignalListener) => () => void;

/** The signals of a page. In Node, which has no document, there are none. */
export const pageSignals: Signals = (listener) => {
  const { window } = globalThis;
  const document = window?.document;
  if (!document) return () => {};
  const changed = () => {
    if (document.visibilityState === 'visible') listener.onVisible();
    else listener.onHidden();
  };
  const events = [
    [document, 'visibilitychange', changed],
    [window, 'online', () => listener.onOnline()],
    [window, 'offline', () => listener.onOffline()],
  ] as const;
  for (const [target, type, run] of events) target.addEventListener(type, run);
  return () => {
    for (const [target, type, run] of events) target.removeEventListener(type, run);
  };
};

/** A page that is hidden for so long needs no connection. */
const hiddenMs = 60_000;

/** Turns signals into events of a feed until the function that it returns is called. */
export function listen(signals: Signals, clock: Clock, on: (event: PageEvent) => void): () => void {
  let stopTimer: (() => void) | null = null;
  const stop = signals({
    onOnline: () => on('online'),
    onOffline: () => on('offline'),
    onVisible() {
      stopTimer?.();
      stopTimer = null;
      on('visible');
    },
    onHidden() {
      stopTimer ??= clock.after(hiddenMs, () => {
        stopTimer = null;
        on('hidden');
      });
    },
  });
  return () => {
    stop();
    stopTimer?.();
  };
}
