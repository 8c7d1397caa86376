import { isComposing } from './composing.ts';
import { takesLines } from './lines.ts';

/** The events of a form that sends once at a time: by its button, or by Ctrl+Enter or Cmd+Enter in a field. */
export function sendOnSubmit(busy: boolean, send: (how: 'command' | 'button') => unknown) {
  return {
    onKeyDown: submitOnCommandEnter,
    onSubmit: (event: SubmitEvent) => {
      event.preventDefault();
      // The key names no button.
      if (!busy) void send(event.submitter === null ? 'command' : 'button');
    },
  };
}

/** Submits the form in which Ctrl+Enter or Cmd+Enter is pressed. Enter in a box submits nothing: it belongs to the text. */
function submitOnCommandEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || isComposing(event)) return;
  const isCommand = event.ctrlKey || event.metaKey;
  const isBox = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
  if (!isCommand && (!isBox || takesLines(event.target))) return;
  event.preventDefault();
  if (isCommand && !event.repeat && event.currentTarget instanceof HTMLFormElement) event.currentTarget.requestSubmit();
}
