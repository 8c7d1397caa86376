/** Hands over what code that is not ours to stop has thrown, as a browser does with the errors of event listeners; Node has no reportError. */
export function report(error: unknown): void {
  (globalThis.reportError ?? console.error)(error);
}
