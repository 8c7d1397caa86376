export interface SignalListener {
  onOnline(): void;
  onOffline(): void;
  /** The page can be seen again, perhaps after the machine has slept. */
  onVisible(): void;
  onHidden(): void;
}

/** What the surroundings know about the network and the reader; returns a function that stops listening. */
export type Signals = (listener: SignalListener) => () => void;

/** The signals of a page; in Node, where there is no document, none. */
export const pageSignals: Signals = (listener) => {
  if (typeof document === 'undefined' || typeof window === 'undefined') return () => {};
  const visible = () => {
    if (document.visibilityState === 'visible') listener.onVisible();
    else listener.onHidden();
  };
  const online = () => listener.onOnline();
  const offline = () => listener.onOffline();
  document.addEventListener('visibilitychange', visible);
  window.addEventListener('online', online);
  window.addEventListener('offline', offline);
  return () => {
    document.removeEventListener('visibilitychange', visible);
    window.removeEventListener('online', online);
    window.removeEventListener('offline', offline);
  };
};
