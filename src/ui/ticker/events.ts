import type { FeedState, PublicItem } from '../../client/index.ts';

/** What a ticker tells the page that it is on. Every event bubbles, also out of a shadow tree. */
export interface TickerEvents {
  /** A report that the newsroom has just published, or that was missed while the ticker was offline. */
  readonly 'flashwire:new': CustomEvent<{ readonly item: PublicItem }>;
  /** The state of the connection, first and after every change. */
  readonly 'flashwire:state': CustomEvent<FeedState>;
  /** A link is followed: that of a report, or one without (`item` is null). `preventDefault()` keeps the reader on the page. */
  readonly 'flashwire:click': CustomEvent<{ readonly item: PublicItem | null; readonly url: string }>;
  /** The reader has hidden a report, or the ticker (`item` is null). */
  readonly 'flashwire:hide': CustomEvent<{ readonly item: PublicItem | null }>;
}

/** False when the page has called `preventDefault()`. */
export function tell<Name extends keyof TickerEvents>(
  ticker: HTMLElement,
  name: Name,
  detail: TickerEvents[Name]['detail'],
): boolean {
  return ticker.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, cancelable: true, detail }));
}
