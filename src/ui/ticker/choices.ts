/** What a reader has decided about tickers; remembered for the site that the ticker stands on. */
export interface Choices {
  readonly paused: boolean;
  readonly hidden: boolean;
}

const key = 'flashwire-ticker';

/** Nothing is remembered where storage is full, forbidden or not a choice of ours. */
export function readChoices(): Choices {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    const known = (stored ?? {}) as Partial<Choices>;
    return { paused: known.paused === true, hidden: known.hidden === true };
  } catch {
    return { paused: false, hidden: false };
  }
}

export function rememberChoices(choices: Choices): void {
  try {
    localStorage.setItem(key, JSON.stringify(choices));
  } catch {
    // A reader who forbids storage chooses again on the next page.
  }
}
