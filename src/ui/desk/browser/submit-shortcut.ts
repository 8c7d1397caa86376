/** Ctrl or Cmd and Enter sends the form that the key was pressed in. */
export function submitOnCommandEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || event.isComposing || event.repeat || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  if (event.currentTarget instanceof HTMLFormElement) event.currentTarget.requestSubmit();
}
