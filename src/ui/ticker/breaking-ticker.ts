import { followFromSnapshot } from '../../client/feed.ts';
import type { FeedHandle, FeedOptions, FeedState, PublicItem } from '../../client/index.ts';
import type { LineStyle } from '../news/line.tsx';
import { samplePaint } from '../news/painted.ts';
import { frame, showButton } from './board.tsx';
import { type Choices, readChoices, rememberChoices } from './choices.ts';
import { tell } from './events.ts';
import { dressAsList } from './list/list-sheet.ts';
import { checkAttributes, watchPolicy } from './mistakes.ts';
import { type Limits, Show } from './show.ts';
import {
  type EditionStyle,
  english,
  fetchEdition,
  filterNames,
  labels,
  ownWords,
  styleNames,
  type TickerStrings,
} from './site-editions.ts';
import styles from './ticker.css';

const mostLines = 20;
const usualLines = 10;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** More than are shown, so that a line which is held does not leave because others wait. */
const mostWaiting = 40;

/**
 * `<breaking-ticker edition="en" section="politics economy" region topic urgency limit="10" open src="https://server">`:
 * the lines of an edition, live, one at a time; `open` starts with the list. `lang`, `time-zone` and `numerals` default to
 * the edition's, and so do `max-age-hours` (when a line leaves) and `flash-minutes` (how long the newest flash stays on top).
 * `variant` is `banner`, `card` or `list`. With `reserve` the ticker keeps its height. `src` defaults to the server of this script.
 * `strings` is the ticker's texts in `lang`, as JSON: pages of the same server have it.
 */
export class BreakingTicker extends HTMLElement {
  static readonly observedAttributes = [
    ...filterNames,
    ...styleNames,
    'edition',
    'limit',
    'open',
    'src',
    'max-age-hours',
    'flash-minutes',
    'variant',
    ...labels.map((name) => `label-${name}`),
  ];

  readonly #root = this.attachShadow({ mode: 'open' });
  readonly #box = boxIn(this.#root, (event) => this.#click(event));
  #chosenFor = '';
  #choices: Choices = { paused: false, hidden: false, dismissed: {} };
  /** Undefined until the server has answered; null if it has no such edition. */
  #edition: EditionStyle | null | undefined;
  #feed: Pick<FeedHandle, 'close'> | null = null;
  /** Null while the ticker is hidden, or has no texts. */
  #show: Show | null = null;
  #items: readonly PublicItem[] | null = null;
  #state: FeedState = { type: 'connecting' };
  /** Of this start: another one when an attribute changes, null when the ticker leaves the page. */
  #stopWatching: (() => void) | null = null;

  connectedCallback(): void {
    this.#start();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (/^(src|lang|edition)$/.test(name)) this.#edition = undefined;
    if (this.#stopWatching) this.#start();
  }

  #start(): void {
    this.#stop();
    checkAttributes(this);
    this.#stopWatching = watchPolicy(this.#server());
    if (this.getAttribute('variant') === 'list') void dressAsList(this.#root);
    const name = this.#name();
    if (name !== this.#chosenFor) this.#choices = readChoices(name);
    this.#chosenFor = name;
    this.#draw();
    if (!this.#choices.hidden) this.#feed = followFromSnapshot(this.#feedOptions());
    const isStyled = styleNames.every((name) => this.hasAttribute(name));
    if (!this.#edition && !(isStyled && this.#strings())) void this.#learnEdition();
  }

  #stop(): void {
    this.#stopWatching?.();
    this.#stopWatching = null;
    this.#feed?.close();
    this.#feed = null;
    this.#items = null;
    this.#show?.close();
    this.#show = null;
  }

  /** Draws the items and the style received so far. Until its texts are there, the page's content of the tag stays. */
  #draw(): void {
    const isOpen = this.#show?.isOpen() ?? (this.hasAttribute('open') || this.getAttribute('variant') === 'list');
    this.#show?.close();
    this.#show = null;
    const strings = this.#strings();
    if (!strings) this.#box.replaceChildren(document.createElement('slot'));
    else if (this.#choices.hidden) this.#drawAway(strings);
    else {
      this.#show = this.#newShow(strings, isOpen);
      this.#show.board.setState(this.#state);
      if (this.#items) this.#show.setItems(this.#items);
      this.#box.replaceChildren(this.#show.board.root);
    }
  }

  /** Applies the edition's style, which arrives late. The board stays as it is unless its texts change. */
  async #learnEdition(): Promise<void> {
    const start = this.#stopWatching;
    const edition = await fetchEdition(this.#server(), this.#editionId(), this.getAttribute('lang'));
    if (this.#stopWatching !== start) return;
    this.#edition = edition;
    const { background = null, text = null } = edition?.colors?.flash ?? {};
    this.#box.style.setProperty('--site-flash', background);
    this.#box.style.setProperty('--site-on-flash', text);
    const strings = this.#strings();
    const style = strings && this.#style(strings);
    if (!style || JSON.stringify(style.strings) !== JSON.stringify(this.#show?.board.style.strings)) this.#draw();
    else {
      this.#show?.restyle(style, this.#limits());
      this.#show?.board.setState(this.#state);
    }
  }

  #drawAway(strings: TickerStrings): void {
    const away = showButton(this.#style(strings), () => {
      this.#choose({ hidden: false });
      this.#show?.board.focus();
    });
    this.#box.replaceChildren(away);
  }

  #newShow(strings: TickerStrings, isOpen: boolean): Show {
    return new Show({
      style: this.#style(strings),
      limits: this.#limits(),
      server: this.#server(),
      edition: this.#editionId(),
      choices: this.#choices,
      isOpen,
      choose: (change) => this.#choose(change),
      hide: (item) => {
        if (!item) this.#choose({ hidden: true });
        tell(this, 'flashwire:hide', { item });
      },
    });
  }

  #limits(): Limits {
    const limit = Number(this.getAttribute('limit'));
    const hours = this.getAttribute('max-age-hours') ?? this.#edition?.maxAgeHours ?? 6;
    const minutes = this.getAttribute('flash-minutes') ?? this.#edition?.flashMinutes ?? 10;
    return {
      limit: Math.min(limit >= 1 ? limit : usualLines, mostLines),
      maxAgeMs: Number(hours) * hourMs,
      flashMs: Number(minutes) * minuteMs,
    };
  }

  #feedOptions(): FeedOptions {
    return {
      url: this.getAttribute('src') ?? this.#server(), // a preview has its items there
      edition: this.#editionId(),
      filter: {
        sections: this.#words('section'),
        regions: this.#words('region'),
        topics: this.#words('topic'),
        urgencies: this.#words('urgency'),
      },
      keep: mostWaiting,
      onItems: (items) => {
        this.#items = items;
        this.#show?.setItems(items);
      },
      onState: (state) => {
        this.#state = state;
        tell(this, 'flashwire:state', state);
        this.#show?.board.setState(state);
      },
      onFrame: (frame) => {
        this.#show?.hear(frame);
        if (frame.type === 'item' && frame.change === 'new') tell(this, 'flashwire:new', { item: frame.item });
        samplePaint(this.#server(), this.#editionId(), frame);
      },
    };
  }

  /** Tells of a link that is followed, in the lines or in the page's own content. */
  #click(event: Event): void {
    const link = (event.target as Element).closest('a');
    const id = link?.closest('li')?.dataset['id'];
    const item = this.#items?.find((known) => known.id === id) ?? null;
    if (link && !tell(this, 'flashwire:click', { item, url: link.href })) event.preventDefault();
  }

  #choose(change: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...change };
    rememberChoices(this.#name(), this.#choices);
    if (change.hidden === undefined) return;
    this.#start();
    if (change.hidden) this.#root.querySelector('button')?.focus({ preventScroll: true });
  }

  /** Tells this ticker from others of the site, for what is remembered. */
  #name(): string {
    const feed = filterNames.map((name) => this.getAttribute(name));
    return [this.id, this.#server(), this.#editionId(), ...feed].join(' ');
  }

  /** Without a slash at its end. */
  #server(): string {
    const { href } = new URL(this.getAttribute('src') ?? new URL(import.meta.url).origin, location.href);
    return href.replace(/\/$/, '');
  }

  #editionId(): string {
    return this.getAttribute('edition') ?? 'en';
  }

  #language(): string {
    return this.getAttribute('lang') ?? this.#edition?.language ?? this.#editionId();
  }

  /** English, unless it is another language, whose texts come from the page or from the server; null until they are there. */
  #strings(): TickerStrings | null {
    const given = this.getAttribute('strings');
    const strings = given ? JSON.parse(given) : this.#edition?.strings;
    const isEnglish = this.#edition !== undefined || /^en\b/i.test(this.#language());
    // A server of an earlier release does not have all of them.
    return strings ? { ...english, ...strings } : isEnglish ? english : null;
  }

  #style(strings: TickerStrings): LineStyle {
    const edition = this.#edition;
    const language = this.#language();
    const time = {
      // With its region: months have other names in Beirut than in Cairo.
      language: language.startsWith(strings.language) ? language : strings.language,
      timeZone: this.getAttribute('time-zone') ?? edition?.timeZone,
      numerals: this.getAttribute('numerals') ?? edition?.numerals,
    };
    return { strings: { ...strings, ...ownWords(this) }, time, now: null };
  }

  #words(name: string): readonly string[] {
    return this.getAttribute(name)?.match(/[^\s,]+/g) ?? [];
  }
}

/**
 * Adds the style sheet to a root, and the box of all content in the frame that keeps the page's styles out. A browser without
 * constructable sheets (Safari before 16.4) needs an element. Under a strict policy of the page the lines are then readable but
 * without style.
 */
function boxIn(root: ShadowRoot, onClick: (event: Event) => void): HTMLElement {
  const outer = frame();
  outer.addEventListener('click', onClick);
  root.append(outer);
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]; // throws where the property is unknown
  } catch {
    const style = document.createElement('style');
    style.textContent = styles;
    root.append(style);
  }
  return outer.firstElementChild as HTMLElement;
}
