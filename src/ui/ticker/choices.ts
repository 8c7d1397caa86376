/** A reader's choices about tickers, stored for the site that embeds them. */
export interface Choices {
  readonly paused: boolean;
  readonly hidden: boolean;
}

const key = 'flashwire-ticker';

/** Defaults when storage is full, forbidden or invalid. */
export function readChoices(): Choices {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    const choices = (stored ?? {}) as Partial<Choices>;
    return { paused: choices.paused === true, hidden: choices.hidden === true };
  } catch {
    return { paused: false, hidden: false };
  }
}

export function rememberChoices(choices: Choices): void {
  try {
    localStorage.setItem(key, JSON.stringify(choices));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}
