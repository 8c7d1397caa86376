/**
 * Whether a key belongs to an input method. In Safari the Enter that takes a suggestion comes after the composition, and its code
 * alone tells it from one that sends.
 */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
