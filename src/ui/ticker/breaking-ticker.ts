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
import { type EditionStyle, filterNames, labels, learnEdition, styleNames, withOwnWords } from './site-editions.ts';
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
  /** Null until it is known. */
  #edition: EditionStyle | null = null;
  #feed: Pick<FeedHandle, 'close'> | null = null;
  /** Null while the ticker is hidden, or its edition is not known. */
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
    if (/^(src|lang|edition)$/.test(name)) this.#edition = null;
    if (this.#stopWatching) this.#start();
  }

  #start(): void {
    this.#stop();
    checkAttributes(this);
    this.#stopWatching = watchPolicy(this.#server());
    if (this.getAttribute('variant') === 'list') void dressAsList(this.#root);
    // Tells this ticker from others of the site, for what is remembered.
    const feed = filterNames.map((name) => this.getAttribute(name));
    const name = [this.id, this.#server(), this.#editionId(), ...feed].join(' ');
    if (name !== this.#chosenFor) this.#choices = readChoices(name);
    this.#chosenFor = name;
    if (!this.#choices.hidden) this.#feed = followFromSnapshot(this.#feedOptions());
    if (this.#edition) this.#draw(this.#edition);
    else void this.#learnEdition();
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

  async #learnEdition(): Promise<void> {
    const start = this.#stopWatching;
    const edition = await learnEdition(this, this.#server(), this.#editionId());
    if (this.#stopWatching !== start) return;
    this.#edition = edition;
    this.#draw(edition);
  }

  #draw(edition: EditionStyle): void {
    const style = this.#style(edition);
    const flash = edition.colors?.flash;
    this.#box.style.cssText = flash ? `--site-flash:${flash.background};--site-on-flash:${flash.text}` : '';
    if (this.#choices.hidden) {
      this.#box.replaceChildren(showButton(style, () => this.#choose({ hidden: false })));
      return;
    }
    this.#show = this.#newShow(style, edition);
    this.#show.board.setState(this.#state);
    this.#present();
  }

  /** Until the first answer of the feed, the page's content of the tag stays where it is. */
  #present(): void {
    if (!this.#show || !this.#items) return;
    const { board } = this.#show;
    if (!board.root.isConnected) {
      const reader = this.#root.activeElement;
      this.#box.replaceChildren(board.root);
      // What the focus was on has left: the button that shows the ticker, or a line of before.
      if (reader) board.focus();
    }
    this.#show.setItems(this.#items);
  }

  #newShow(style: LineStyle, edition: EditionStyle): Show {
    return new Show({
      style,
      limits: this.#limits(edition),
      server: this.#server(),
      edition: this.#editionId(),
      choices: this.#choices,
      isOpen: this.hasAttribute('open') || this.getAttribute('variant') === 'list',
      choose: (change) => this.#choose(change),
      hide: (item) => {
        if (!item) this.#choose({ hidden: true });
        tell(this, 'flashwire:hide', { item });
      },
    });
  }

  #limits({ maxAgeHours = 6, flashMinutes = 10 }: EditionStyle): Limits {
    const limit = Number(this.getAttribute('limit'));
    return {
      limit: Math.min(limit >= 1 ? limit : usualLines, mostLines),
      maxAgeMs: Number(this.getAttribute('max-age-hours') ?? maxAgeHours) * hourMs,
      flashMs: Number(this.getAttribute('flash-minutes') ?? flashMinutes) * minuteMs,
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
        this.#present();
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
    rememberChoices(this.#chosenFor, this.#choices);
    if (change.hidden === undefined) return;
    this.#start();
    if (change.hidden) this.#root.querySelector('button')?.focus({ preventScroll: true });
  }

  /** Without a slash at its end. */
  #server(): string {
    const { href } = new URL(this.getAttribute('src') ?? new URL(import.meta.url).origin, location.href);
    return href.replace(/\/$/, '');
  }

  #editionId(): string {
    return this.getAttribute('edition') ?? 'en';
  }

  #style({ strings, timeZone, numerals, ...edition }: EditionStyle): LineStyle {
    const language = this.getAttribute('lang') ?? edition.language ?? this.#editionId();
    const time = {
      // With its region: months have other names in Beirut than in Cairo.
      language: language.startsWith(strings.language) ? language : strings.language,
      timeZone: this.getAttribute('time-zone') ?? timeZone,
      numerals: this.getAttribute('numerals') ?? numerals,
    };
    return { strings: withOwnWords(strings, this), time, now: null };
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
