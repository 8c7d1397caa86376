/** A ref for the box that a form opens for: whoever opened it wants to type. */
export function focusOnOpen(element: HTMLElement | null): void {
  element?.focus();
}
