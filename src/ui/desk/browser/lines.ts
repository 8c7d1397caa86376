/** Whether Enter belongs to the text of a box: it has several lines. */
export function takesLines(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement && target.dataset['lines'] !== undefined;
}
