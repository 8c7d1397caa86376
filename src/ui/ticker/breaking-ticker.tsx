import { render } from 'preact';
import { systemClock } from '../../client/clock.ts';
import { connectFeed, type FeedHandle, type FeedOptions } from '../../client/index.ts';
import { stringsOf } from '../strings/language.ts';
import { Announcer } from './announcer.ts';
import styles from './ticker.css';
import { Ticker, type TickerView } from './ticker.tsx';
import type { TimeStyle } from './time-text.ts';

const mostLines = 20;
const usualLines = 10;

/**
 * `<breaking-ticker edition="en" section="politics economy" region topic limit="10" src="https://server">`: the newest
 * lines of an edition, live. `lang` sets the language of the interface (otherwise the edition's id, if it is one),
 * `time-zone` and `numerals` how times are written. Without `src` it asks the server that this script came from.
 */
export class BreakingTicker extends HTMLElement {
  static readonly observedAttributes = [
    'edition',
    'section',
    'region',
    'topic',
    'limit',
    'src',
    'lang',
    'time-zone',
    'numerals',
  ];

  readonly #root = this.attachShadow({ mode: 'open' });
  #feed: FeedHandle | null = null;
  #announcer: Announcer | null = null;
  #view: TickerView = emptyView;
  #drawing = false;

  connectedCallback(): void {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    this.#root.adoptedStyleSheets = [sheet];
    this.#start();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (this.#feed && before !== after) this.#start();
  }

  #start(): void {
    this.#stop();
    this.#view = emptyView;
    this.#announcer = new Announcer(systemClock, this.#strings(), (announcement) => this.#show({ announcement }));
    this.#feed = connectFeed(this.#feedOptions());
    this.#show({});
  }

  #stop(): void {
    this.#feed?.close();
    this.#feed = null;
    this.#announcer?.close();
  }

  #feedOptions(): FeedOptions {
    return {
      url: this.getAttribute('src') ?? new URL(import.meta.url).origin,
      edition: this.getAttribute('edition') ?? 'en',
      filter: { sections: this.#words('section'), regions: this.#words('region'), topics: this.#words('topic') },
      onItems: (items) => this.#show({ items }),
      onState: (state) => this.#show({ state }),
      onFrame: (frame) => this.#announcer?.hear(frame),
    };
  }

  /** Frames that come together are drawn together. */
  #show(change: Partial<TickerView>): void {
    this.#view = { ...this.#view, ...change };
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  #draw(): void {
    const limit = Number(this.getAttribute('limit') ?? usualLines);
    const lines = Number.isInteger(limit) && limit > 0 ? Math.min(limit, mostLines) : usualLines;
    render(<Ticker view={this.#view} strings={this.#strings()} style={this.#timeStyle()} limit={lines} />, this.#root);
  }

  #strings() {
    return stringsOf(this.getAttribute('lang') ?? this.getAttribute('edition') ?? 'en');
  }

  #timeStyle(): TimeStyle {
    const timeZone = this.getAttribute('time-zone');
    const numerals = this.getAttribute('numerals');
    return { language: this.#strings().language, ...(timeZone && { timeZone }), ...(numerals && { numerals }) };
  }

  #words(name: string): readonly string[] {
    return (this.getAttribute(name) ?? '').split(/[\s,]+/).filter((word) => word !== '');
  }
}

const emptyView: TickerView = { items: null, state: { type: 'connecting' }, announcement: '' };
