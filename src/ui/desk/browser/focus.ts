/** A ref for the first box of a form: an editor who opens a form wants to type. */
export function focusOnOpen(element: HTMLElement | null): void {
  element?.focus();
}

/** Focuses the box for the next line, with the cursor after its text. */
export function focusBox(options?: FocusOptions): void {
  const box = document.querySelector<HTMLTextAreaElement>('.composer textarea');
  box?.focus(options);
  box?.setSelectionRange(box.value.length, box.value.length);
}
