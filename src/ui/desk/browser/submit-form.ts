/** The events of a form that sends once at a time: by its button, or by Ctrl+Enter or Cmd+Enter in a field. */
export function sendOnSubmit(busy: boolean, send: () => Promise<unknown>) {
  return {
    onKeyDown: submitOnCommandEnter,
    onSubmit: (event: Event) => {
      event.preventDefault();
      if (!busy) void send();
    },
  };
}

/** Submits the form in which Ctrl+Enter or Cmd+Enter is pressed. */
function submitOnCommandEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || event.isComposing || event.repeat || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  if (event.currentTarget instanceof HTMLFormElement) event.currentTarget.requestSubmit();
}
