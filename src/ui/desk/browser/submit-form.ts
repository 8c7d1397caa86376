/** Submits the form in which Ctrl+Enter or Cmd+Enter is pressed. */
export function submitOnCommandEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || event.isComposing || event.repeat || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  if (event.currentTarget instanceof HTMLFormElement) event.currentTarget.requestSubmit();
}
