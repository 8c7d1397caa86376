import { systemClock } from '../../client/clock.ts';
import { followFromSnapshot } from '../../client/feed.ts';
import type { FeedHandle, FeedOptions, FeedState, PublicItem } from '../../client/index.ts';
import { Announcer } from '../news/announcer.ts';
import type { LineStyle } from '../news/line.tsx';
import { samplePaint } from '../news/painted.ts';
import { Board, frame, showButton } from './board.tsx';
import { readChoices, rememberChoices } from './choices.ts';
import { tell } from './events.ts';
import { dressAsList } from './list/list-sheet.ts';
import { checkAttributes, watchPolicy } from './mistakes.ts';
import { Rotation } from './rotation.ts';
import { type EditionStyle, english, fetchEdition, labels, ownWords, type TickerStrings } from './site-editions.ts';
import styles from './ticker.css';

const mostLines = 20;
const usualLines = 10;
const tickMs = 30_000;

/** The content of the element: the ticker, or the button that shows it again. */
interface Face {
  readonly board?: Board;
  readonly rotation?: Rotation;
  readonly announcer?: Announcer;
  close(): void;
}

/**
 * `<breaking-ticker edition="en" section="politics economy" region topic urgency limit="10" open src="https://server">`:
 * the lines of an edition, live, one at a time; `open` starts with the list. `lang`, `time-zone` and `numerals` default to
 * the edition's. `src` defaults to the server of this script. `strings` is the ticker's texts in `lang`, as JSON: pages of the
 * same server have it.
 */
export class BreakingTicker extends HTMLElement {
  static readonly observedAttributes = [
    'edition',
    'section',
    'region',
    'topic',
    'urgency',
    'limit',
    'open',
    'src',
    'lang',
    'time-zone',
    'numerals',
    'variant',
    ...labels.map((name) => `label-${name}`),
  ];

  readonly #root = this.attachShadow({ mode: 'open' });
  readonly #box = boxIn(this.#root, (event) => this.#click(event));
  #choices = readChoices();
  /** Undefined until the server has answered; null if it has no such edition. */
  #edition: EditionStyle | null | undefined;
  #asked: Promise<EditionStyle | null> | null = null;
  #feed: Pick<FeedHandle, 'close'> | null = null;
  #face: Face | null = null;
  #items: readonly PublicItem[] | null = null;
  #state: FeedState = { type: 'connecting' };
  #isOpen = false;
  #stopWatchingPolicy = () => {};

  connectedCallback(): void {
    this.#start();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (/^(src|lang|edition)$/.test(name)) this.#edition = undefined;
    if (this.#feed || this.#face || this.#asked) this.#start();
  }

  #start(): void {
    this.#stop();
    checkAttributes(this);
    this.#stopWatchingPolicy = watchPolicy(this.#server());
    const isList = this.getAttribute('variant') === 'list';
    if (isList) void dressAsList(this.#root);
    this.#isOpen = isList || this.hasAttribute('open');
    this.#draw();
    if (!this.#choices.hidden) this.#feed = followFromSnapshot(this.#feedOptions());
    const isStyled = ['lang', 'time-zone', 'numerals'].every((name) => this.hasAttribute(name));
    if (!this.#edition && !(isStyled && this.#strings())) void this.#learnEdition();
  }

  #stop(): void {
    this.#stopWatchingPolicy();
    this.#feed?.close();
    this.#feed = null;
    this.#items = null;
    this.#face?.close();
    this.#face = null;
    this.#asked = null;
  }

  /** Draws the items and the style received so far. Until its texts are there, the page's content of the tag stays. */
  #draw(): void {
    this.#face?.close();
    const strings = this.#strings();
    this.#face = !strings ? null : this.#choices.hidden ? this.#awayFace(strings) : this.#boardFace(strings);
    if (!strings) this.#box.replaceChildren(document.createElement('slot'));
  }

  /** Applies the edition's style, which arrives late. The board stays as it is unless its texts change. */
  async #learnEdition(): Promise<void> {
    const asked = fetchEdition(this.#server(), this.#editionId(), this.getAttribute('lang'));
    this.#asked = asked;
    const edition = await asked;
    if (this.#asked !== asked) return; // the attributes have changed, or the ticker has left the page
    this.#edition = edition;
    const strings = this.#strings();
    const board = this.#face?.board;
    if (strings && board?.restyle(this.#style(strings), Date.now())) board.setState(this.#state, Date.now());
    else this.#draw();
  }

  #awayFace(strings: TickerStrings): Face {
    const away = showButton(this.#style(strings), () => {
      this.#choose({ hidden: false });
      this.#root.querySelector('section')?.focus({ preventScroll: true });
    });
    this.#box.replaceChildren(away);
    return { close: () => {} };
  }

  #boardFace(strings: TickerStrings): Face {
    const style = this.#style(strings);
    const isStill = wantsNoMotion();
    const board = new Board({
      style,
      choices: this.#choices,
      isOpen: this.#isOpen,
      isStill,
      onPause: () => {
        this.#choices = { ...this.#choices, paused: !this.#choices.paused };
        rememberChoices(this.#choices);
        board.setPaused(this.#choices.paused);
        rotation.hold('paused', this.#choices.paused);
      },
      onList: () => {
        this.#isOpen = !this.#isOpen;
        board.setOpen(this.#isOpen);
        rotation.hold('list', this.#isOpen);
      },
      onHide: () => {
        this.#choose({ hidden: true });
        tell(this, 'flashwire:hide', { item: null });
        this.#root.querySelector('button')?.focus({ preventScroll: true });
      },
    });
    const rotation = new Rotation(systemClock, () => board.turn());
    rotation.hold('paused', this.#choices.paused);
    rotation.hold('list', this.#isOpen);
    rotation.hold('motion', isStill);
    const stopWatching = watch(board.root, rotation);
    const announcer = new Announcer(systemClock, style.strings, (text, isUrgent) => board.say(text, isUrgent));
    const timer = setInterval(() => board.tick(Date.now()), tickMs);
    if (this.#items) board.setItems(this.#items, Date.now());
    board.setState(this.#state, Date.now());
    this.#box.replaceChildren(board.root);
    const close = () => {
      announcer.close();
      rotation.stop();
      stopWatching();
      clearInterval(timer);
    };
    return { board, rotation, announcer, close };
  }

  #feedOptions(): FeedOptions {
    return {
      url: this.#server(),
      edition: this.#editionId(),
      filter: {
        sections: this.#words('section'),
        regions: this.#words('region'),
        topics: this.#words('topic'),
        urgencies: this.#words('urgency'),
      },
      onItems: (items) => {
        this.#items = items.slice(0, this.#limit());
        this.#face?.board?.setItems(this.#items, Date.now());
        this.#face?.rotation?.restart();
      },
      onState: (state) => {
        this.#state = state;
        tell(this, 'flashwire:state', state);
        this.#face?.board?.setState(state, Date.now());
      },
      onFrame: (frame) => {
        this.#face?.announcer?.hear(frame);
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

  #choose(change: Partial<ReturnType<typeof readChoices>>): void {
    this.#choices = { ...this.#choices, ...change };
    rememberChoices(this.#choices);
    this.#start();
  }

  #server(): string {
    return this.getAttribute('src') ?? new URL(import.meta.url).origin;
  }

  #editionId(): string {
    return this.getAttribute('edition') ?? 'en';
  }

  #limit(): number {
    const limit = Number(this.getAttribute('limit'));
    return Number.isInteger(limit) && limit > 0 ? Math.min(limit, mostLines) : usualLines;
  }

  #language(): string {
    return this.getAttribute('lang') ?? this.#edition?.language ?? this.#editionId();
  }

  /** English, unless it is another language, whose texts come from the page or from the server; null until they are there. */
  #strings(): TickerStrings | null {
    const given = this.getAttribute('strings');
    if (given) return JSON.parse(given);
    const isEnglish = this.#edition !== undefined || /^en\b/i.test(this.#language());
    return this.#edition?.strings ?? (isEnglish ? english : null);
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
    return (this.getAttribute(name) ?? '').split(/[\s,]+/).filter(Boolean);
  }
}

/**
 * Adds the style sheet to a root, and the box of all content in the frame that keeps the page's styles out. A browser without
 * constructable sheets (Safari before 16.4) needs an element. Under a strict policy of the page the lines are then readable but
 * without style.
 */
function boxIn(root: ShadowRoot, onClick: (event: Event) => void): Element {
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
  return outer.firstElementChild ?? outer;
}

/** False where the browser cannot tell. */
function wantsNoMotion(): boolean {
  return globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;
}

/** Holds the lines while the pointer or the focus is on them, and while the page is hidden. */
function watch(root: HTMLElement, rotation: Rotation): () => void {
  root.addEventListener('pointerenter', () => rotation.hold('pointer', true));
  root.addEventListener('pointerleave', () => rotation.hold('pointer', false));
  root.addEventListener('focusin', () => rotation.hold('focus', true));
  root.addEventListener('focusout', () => rotation.hold('focus', false));
  const page = () => rotation.hold('page', document.hidden);
  document.addEventListener('visibilitychange', page);
  return () => document.removeEventListener('visibilitychange', page);
}
