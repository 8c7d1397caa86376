import type { Choices } from '../../ticker/choices.ts';

/** The preview shows the ticker even if this editor, as a reader, has hidden or paused it. */
export function readChoices(): Choices {
  return { paused: false, hidden: false, dismissed: {} };
}

/** Nothing in a preview can be pressed. */
export function rememberChoices(): void {}
