import type { ComponentChild } from 'preact';
import { type FeedState, lineOf, type PublicItem } from '../../client/index.ts';
import { report } from '../../client/report.ts';
import { About, isFlash, kindOf, type LineStyle, Note, Words } from '../news/line.tsx';
import { itemPath, livePath } from '../news/paths.ts';
import { absoluteTime, fullTime, relativeTime } from '../news/time-text.ts';
import type { Counted } from '../strings/message.ts';
import { othersOf, type Stage, textOf } from './stage.ts';

/** What the buttons do. */
export interface Controls {
  pause(): void;
  turn(by: number): void;
  release(): void;
  dismiss(item: PublicItem): void;
  open(): void;
  hide(): void;
}

interface BoardOptions {
  readonly style: LineStyle;
  /** The server's address, without a slash at its end. */
  readonly server: string;
  readonly edition: string;
  readonly controls: Controls;
}

interface Shown {
  readonly item: PublicItem;
  readonly element: HTMLElement;
}

/**
 * Characters for which there is always room. A longer line is set smaller, so that 280 take no more room: the longest line of a usual
 * day has 193.
 */
const reservedCharacters = 160;
const longCharacters = 150;

/**
 * JSX in the ticker's script is an element (dom/jsx-runtime.ts), which its types cannot express. So it may also be a child.
 * esbuild inlines functions of this form only.
 */
function element(jsx: ComponentChild) {
  return jsx as unknown as HTMLElement;
}
function child(drawn: HTMLElement) {
  return drawn as unknown as ComponentChild;
}

/**
 * Draws the stage. All lines but the top occupy one place and one of them is visible, so that a turn never moves the page. Opened,
 * they are a list. A line keeps its element as long as its version is current.
 */
export class Board {
  readonly root: HTMLElement;
  /**
   * How many ms the reader's clock is ahead of the server's, as the last item that came live has shown: a wrong clock must neither
   * hide what is new nor keep what is old.
   */
  ahead = 0;
  readonly #options: BoardOptions;
  style: LineStyle;
  readonly #list = element(<ol part="lines" />);
  /** The page's own content of the tag, shown until there is news. */
  readonly #fallback = element(<slot />);
  readonly #state = element(<span class="words" />);
  readonly #pause: HTMLElement;
  readonly #waiting: HTMLElement;
  readonly #toggle: HTMLElement;
  readonly #polite = element(<div class="announcer" aria-live="polite" />);
  readonly #assertive = element(<div class="announcer" aria-live="assertive" />);
  #shown: readonly Shown[] = [];

  constructor(options: BoardOptions) {
    this.#options = options;
    this.style = options.style;
    const { strings } = options.style;
    this.#list.dataset['room'] = strings.filler.repeat(Math.ceil(reservedCharacters / strings.filler.length));
    this.#pause = button('pause', () => options.controls.pause());
    this.#waiting = button('waiting', () => options.controls.release());
    this.#toggle = button('list', () => options.controls.open());
    const { title, language, dir, empty } = strings;
    this.root = element(
      <section class="ticker idle" part="ticker" aria-labelledby="title" tabIndex={-1} lang={language} dir={dir}>
        <header part="header">
          <h2 id="title" part="title">
            {title}
          </h2>
          <p class="state">
            <span class="dot" aria-hidden="true" />
            {child(this.#state)}
          </p>
          {child(this.#waiting)}
        </header>
        {child(this.#list)}
        {child(this.#fallback)}
        <p class="empty">{empty}</p>
        {this.#controls()}
        {child(this.#polite)}
        {child(this.#assertive)}
      </section>,
    );
  }

  setButtons(isPaused: boolean, isOpen: boolean): void {
    const { strings } = this.style;
    this.#pause.textContent = isPaused ? strings.play : strings.pause;
    this.#toggle.textContent = isOpen ? strings.close : strings.openList;
    this.#toggle.setAttribute('aria-expanded', String(isOpen));
    this.root.classList.toggle('open', isOpen);
  }

  setState(state: FeedState): void {
    const { strings, time } = this.style;
    // The reader's own clock has measured it, so it is told in the reader's own zone.
    const since =
      state.type === 'offline' ? absoluteTime(state.since, Date.now(), { ...time, timeZone: undefined }) : '';
    this.#state.textContent = strings.state[state.type].replace('{time}', since);
    this.root.dataset['state'] = state.type.replace(' ', '-');
  }

  show(stage: Stage): void {
    const before = this.#shown;
    const focused = before.findIndex(({ element }) => element.matches(':focus-within'));
    const reader = before[focused];
    const top = stage.shown.filter(({ id }) => id === stage.top);
    this.#shown = [...top, ...othersOf(stage)].map(
      (item) => before.find((shown) => isSame(shown.item, item)) ?? this.#draw(item),
    );
    const isGone = (shown: Shown) => !this.#shown.includes(shown);
    // The focus never leaves the ticker meanwhile, which would end the hold.
    if (reader && isGone(reader)) this.focus();
    for (const old of before) if (isGone(old)) old.element.remove();
    for (const [index, { item, element }] of this.#shown.entries()) {
      if (this.#list.children[index] !== element) this.#list.insertBefore(element, this.#list.children[index] ?? null);
      element.classList.toggle('top', item.id === stage.top);
      element.classList.toggle('current', item.id === stage.current);
    }
    this.#fallback.remove();
    const marks = {
      idle: this.#shown.length === 0,
      topped: top.length > 0,
      single: this.#shown.length - top.length < 2,
      waits: stage.waiting.length > 0,
    };
    for (const [name, isSet] of Object.entries(marks)) this.root.classList.toggle(name, isSet);
    this.#showWaiting(stage.waiting);
    // Outside the live regions.
    for (const time of this.#list.querySelectorAll('time')) {
      const text = relativeTime(Date.parse(time.dateTime), Date.now() - this.ahead, this.style.time);
      if (time.textContent !== text) time.textContent = text;
    }
    if (!reader || !isGone(reader)) return;
    // To the next version, or from a dismissed line to the next line.
    const isDismissed = reader.item.id in stage.dismissed;
    const next = isDismissed && this.root.classList.contains('open') ? this.#shown[focused] : undefined;
    this.focus(next?.item.id ?? (isDismissed ? (stage.current ?? stage.top) : reader.item.id));
  }

  /** Puts the focus on the link of a line, else on the ticker. */
  focus(id?: string | null): void {
    const link = this.#shown.find(({ item }) => item.id === id)?.element.querySelector('a');
    (link ?? this.root).focus({ preventScroll: true });
  }

  /** Formats all times in this style. Its texts are the board's. */
  restyle(style: LineStyle): void {
    this.style = style;
    for (const time of this.#list.querySelectorAll('time'))
      time.title = fullTime(Date.parse(time.dateTime), style.time);
  }

  say(text: string, isUrgent: boolean): void {
    this.#polite.textContent = isUrgent ? '' : text;
    this.#assertive.textContent = isUrgent ? text : '';
  }

  #draw(item: PublicItem): Shown {
    let words: ComponentChild = item.status === 'usable' ? lineOf(item) : item.notice;
    try {
      words = (
        <>
          <About item={item} style={{ ...this.style, now: Date.now() - this.ahead }} />
          <Words item={item} page={this.#options.server + itemPath(item)} />
          <Note item={item} />
        </>
      );
    } catch (error) {
      report(error); // this line is plain text; the others are not affected
    }
    const drawn = element(
      <li
        class={`entry ${kindOf(item)} ${textOf(item).length > longCharacters ? 'long' : ''}`}
        data-id={item.id}
        data-version={item.version}
        lang={item.language}
        dir={item.dir}
      >
        {words}
        {child(button('dismiss', () => this.#options.controls.dismiss(item), '\u00d7', this.style.strings.dismiss))}
      </li>,
    );
    return { item, element: drawn };
  }

  #controls() {
    const { style, server, edition, controls } = this.#options;
    const { strings } = style;
    return (
      <div class="controls">
        <div class="turns">
          {child(button('previous', () => controls.turn(-1), '\u2039', strings.previous))}
          {child(button('next', () => controls.turn(1), '\u203a', strings.next))}
          {child(this.#pause)}
        </div>
        {child(this.#toggle)}
        <a class="all" href={server + livePath(edition)}>
          {strings.all}
        </a>
        {child(button('hide', () => controls.hide(), strings.hide))}
      </div>
    );
  }

  #showWaiting(waiting: readonly PublicItem[]): void {
    const { strings } = this.style;
    const flashes = waiting.filter(isFlash).length;
    const count = flashes || waiting.length;
    const texts: Counted = flashes ? strings.flashes : strings.new;
    const form = globalThis.Intl ? new Intl.PluralRules(strings.language).select(count) : 'other';
    this.#waiting.classList.toggle('hot', flashes > 0);
    this.#waiting.textContent = (texts[form] ?? texts.other).replace('{count}', String(count));
  }
}

/** The frame that keeps the page's styles out, with the box of all content. At first it shows the page's own content. */
export function frame(): HTMLElement {
  return element(
    <div id="frame">
      <div id="box">
        <slot />
      </div>
    </div>,
  );
}

/** The button that shows a hidden ticker again. */
export function showButton(style: LineStyle, onShow: () => void): HTMLElement {
  const { strings } = style;
  return element(
    <div class="away" lang={strings.language} dir={strings.dir}>
      {child(button('show', onShow, strings.show))}
    </div>,
  );
}

/** `label` is the name of a button without text. */
function button(name: string, onClick: () => void, text = '', label?: string): HTMLElement {
  return element(
    <button type="button" class={name} part={`button ${name}`} aria-label={label} onClick={onClick}>
      {text}
    </button>,
  );
}

function isSame(a: PublicItem, b: PublicItem): boolean {
  return a.id === b.id && a.version === b.version && a.status === b.status;
}
