/** A ref for the first box of a form: an editor who opens a form wants to type. */
export function focusOnOpen(element: HTMLElement | null): void {
  element?.focus();
}
