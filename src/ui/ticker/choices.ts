/** A reader's choices about one ticker. */
export interface Choices {
  /** Stored for good; the others last for the session. */
  readonly paused: boolean;
  readonly hidden: boolean;
  /** The lines that were dismissed (stage.ts). */
  readonly dismissed: Readonly<Record<string, string>>;
}

/** `ticker` tells the tickers of a site apart. Defaults when storage is full, forbidden or invalid. */
export function readChoices(ticker: string): Choices {
  const read = (kind: 'localStorage' | 'sessionStorage'): Partial<Choices> | null => {
    try {
      return JSON.parse(globalThis[kind].getItem(keyOf(ticker)) ?? '{}');
    } catch {
      return {};
    }
  };
  return { hidden: false, dismissed: {}, ...read('sessionStorage'), paused: read('localStorage')?.paused === true };
}

export function rememberChoices(ticker: string, choices: Choices): void {
  try {
    sessionStorage.setItem(keyOf(ticker), JSON.stringify(choices));
    localStorage.setItem(keyOf(ticker), JSON.stringify({ paused: choices.paused }));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

function keyOf(ticker: string): string {
  return `flashwire-ticker ${ticker}`;
}
