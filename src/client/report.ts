/** Reports an error of the caller's code, as a browser reports those of event listeners. Node has no reportError. */
export function report(error: unknown): void {
  (globalThis.reportError ?? console.error)(error);
}
