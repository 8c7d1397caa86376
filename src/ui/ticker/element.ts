import type { TickerEvents } from './events.ts';

/** The attributes of `<breaking-ticker>`. docs/embed.md says what each does. */
export interface TickerAttributes {
  readonly edition?: string;
  readonly section?: string;
  readonly region?: string;
  readonly topic?: string;
  readonly urgency?: string;
  readonly limit?: number | `${number}`;
  readonly open?: boolean | '';
  readonly src?: string;
  readonly lang?: string;
  readonly 'time-zone'?: string;
  readonly numerals?: string;
  readonly 'max-age-hours'?: number | `${number}`;
  readonly 'flash-minutes'?: number | `${number}`;
  readonly variant?: 'banner' | 'card' | 'list';
  readonly theme?: 'auto' | 'light' | 'dark';
  readonly reserve?: boolean | '';
  readonly 'label-title'?: string;
  readonly 'label-empty'?: string;
  readonly 'label-all'?: string;
}

/** `<breaking-ticker>` in a program. */
export interface BreakingTickerElement extends HTMLElement {}

/** The ticker's events as properties of JSX, as React 19 and Preact take them: `{...{ 'onflashwire:new': onNew }}`. */
export type TickerListeners = {
  readonly [Name in keyof TickerEvents as `on${Name}`]?: (event: TickerEvents[Name]) => void;
};

declare global {
  interface HTMLElementTagNameMap {
    'breaking-ticker': BreakingTickerElement;
  }
  interface HTMLElementEventMap extends TickerEvents {}
  interface DocumentEventMap extends TickerEvents {}
}
