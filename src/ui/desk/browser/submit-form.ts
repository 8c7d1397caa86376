import { focusBox } from './focus.ts';

/**
 * The events of a form that sends once at a time: by its button, or by Ctrl+Enter or Cmd+Enter in a field. The focus is in the
 * box as soon as the form is sent, so that text typed before the answer is the next line.
 */
export function sendOnSubmit(busy: boolean, send: () => Promise<unknown>) {
  return {
    onKeyDown: submitOnCommandEnter,
    onSubmit: (event: Event) => {
      event.preventDefault();
      if (busy) return;
      focusBox({ preventScroll: true });
      void send();
    },
  };
}

/** Submits the form in which Ctrl+Enter or Cmd+Enter is pressed. Enter in a box submits nothing: it belongs to the text. */
function submitOnCommandEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || event.isComposing) return;
  const isCommand = event.ctrlKey || event.metaKey;
  const isBox = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
  if (!isCommand && !isBox) return;
  event.preventDefault();
  if (isCommand && !event.repeat && event.currentTarget instanceof HTMLFormElement) event.currentTarget.requestSubmit();
}
