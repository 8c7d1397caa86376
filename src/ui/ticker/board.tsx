import type { ComponentChild } from 'preact';
import { type FeedState, lineOf, type PublicItem } from '../../client/index.ts';
import { report } from '../../client/report.ts';
import { About, kindOf, type LineStyle, Note, Words } from '../news/line.tsx';
import { absoluteTime, fullTime, relativeTime } from '../news/time-text.ts';
import type { Choices } from './choices.ts';

interface BoardOptions {
  readonly style: LineStyle;
  readonly choices: Choices;
  readonly isOpen: boolean;
  /** True for readers who want no motion: there is nothing to pause. */
  readonly isStill: boolean;
  onPause(): void;
  onList(): void;
  onHide(): void;
}

interface Shown {
  readonly item: PublicItem;
  readonly element: HTMLElement;
}

/**
 * Characters for which there is always room. A longer line is set smaller, so that 210 take no more room, and 280 smaller
 * still: the longest line of a usual day has 193.
 */
const reservedCharacters = 160;
const longCharacters = 150;
const longestCharacters = 205;

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
 * The elements of the ticker. All lines occupy one place and one of them is visible, so that a new line never moves the
 * page. Opened, they are a list. A line keeps its element as long as its version is current.
 */
export class Board {
  readonly root: HTMLElement;
  #style: LineStyle;
  readonly #list: HTMLElement;
  readonly #empty: HTMLElement;
  /** The page's own content of the tag, shown until there is news. */
  readonly #fallback = element(<slot />);
  readonly #state: HTMLElement;
  readonly #pause: HTMLElement;
  readonly #toggle: HTMLElement;
  readonly #polite = element(<div class="announcer" aria-live="polite" />);
  readonly #assertive = element(<div class="announcer" aria-live="assertive" />);
  #shown: readonly Shown[] = [];
  #current: string | null = null;

  constructor(options: BoardOptions) {
    this.#style = options.style;
    const { strings } = options.style;
    this.#list = element(<ol part="lines" />);
    this.#list.dataset['room'] = strings.filler.repeat(Math.ceil(reservedCharacters / strings.filler.length));
    this.#empty = element(
      <p class="empty" hidden>
        {strings.empty}
      </p>,
    );
    this.#state = element(<span class="words" />);
    this.#pause = button('pause', options.onPause);
    this.#toggle = button('list', options.onList, strings.openList);
    this.root = element(
      <section
        class="ticker"
        part="ticker"
        aria-labelledby="title"
        tabIndex={-1}
        lang={strings.language}
        dir={strings.dir}
      >
        <header part="header">
          <h2 id="title" part="title">
            {strings.title}
          </h2>
          <p class="state">
            <span class="dot" aria-hidden="true" />
            {child(this.#state)}
          </p>
        </header>
        <div class="stage">
          {child(this.#list)}
          {child(this.#empty)}
          {child(this.#fallback)}
        </div>
        <div class="controls">
          {!options.isStill && child(this.#pause)}
          {child(this.#toggle)}
          {child(button('hide', options.onHide, strings.hide))}
        </div>
        {child(this.#polite)}
        {child(this.#assertive)}
      </section>,
    );
    this.setPaused(options.choices.paused);
    this.setOpen(options.isOpen);
  }

  setPaused(isPaused: boolean): void {
    const { strings } = this.#style;
    this.#pause.textContent = isPaused ? strings.play : strings.pause;
  }

  setOpen(isOpen: boolean): void {
    this.root.classList.toggle('open', isOpen);
    this.#toggle.setAttribute('aria-expanded', String(isOpen));
  }

  setState(state: FeedState, now: number): void {
    const { strings, time } = this.#style;
    const since = state.type === 'offline' ? absoluteTime(state.since, now, time) : '';
    this.#state.textContent = strings.state[state.type].replace('{time}', since);
    this.root.dataset['state'] = state.type.replace(' ', '-');
  }

  /** Shows a new top line at once. When the current line disappears, the next one is shown. */
  setItems(items: readonly PublicItem[], now: number): void {
    const before = this.#shown;
    const focused = before.find(({ element }) => element.matches(':focus-within'));
    const standing = before.findIndex(({ item }) => item.id === this.#current);
    this.#shown = items.map((item) => before.find((shown) => isSame(shown.item, item)) ?? this.#draw(item, now));
    for (const old of before) if (!this.#shown.includes(old)) old.element.remove();
    this.#shown.forEach(({ element }, index) => {
      if (this.#list.children[index] !== element) this.#list.insertBefore(element, this.#list.children[index] ?? null);
    });
    this.#fallback.remove();
    this.#empty.hidden = items.length > 0;
    const newest = items[0];
    const hasNews = newest && before[0] && newest.place > before[0].item.place;
    // A focused line stays current.
    if (hasNews && (!focused || !this.#shown.includes(focused))) this.#current = newest.id;
    if (!items.some(({ id }) => id === this.#current)) {
      this.#current = items[Math.max(0, Math.min(standing, items.length - 1))]?.id ?? null;
    }
    this.#mark();
    if (focused && !this.#shown.includes(focused)) this.#catchFocus(focused.item.id);
  }

  /** Shows the next line; after the last one, the first. */
  turn(): void {
    const index = this.#shown.findIndex(({ item }) => item.id === this.#current);
    this.#current = this.#shown[(index + 1) % this.#shown.length]?.item.id ?? null;
    this.#mark();
  }

  /** Formats all times in this style. False when its texts are others, which takes a new board. */
  restyle(style: LineStyle, now: number): boolean {
    if (JSON.stringify(style.strings) !== JSON.stringify(this.#style.strings)) return false;
    this.#style = style;
    for (const time of this.#list.querySelectorAll('time'))
      time.title = fullTime(Date.parse(time.dateTime), style.time);
    this.tick(now);
    return true;
  }

  /** Updates the times. They are outside the live regions. */
  tick(now: number): void {
    for (const time of this.#list.querySelectorAll('time')) {
      const text = relativeTime(Date.parse(time.dateTime), now, this.#style.time);
      if (time.textContent !== text) time.textContent = text;
    }
  }

  say(text: string, isUrgent: boolean): void {
    this.#polite.textContent = isUrgent ? '' : text;
    this.#assertive.textContent = isUrgent ? text : '';
  }

  #draw(item: PublicItem, now: number): Shown {
    const kind = kindOf(item);
    let words: ComponentChild = item.status === 'usable' ? lineOf(item) : item.notice;
    try {
      words = (
        <>
          <About item={item} style={{ ...this.#style, now }} />
          <Words item={item} />
          <Note item={item} />
        </>
      );
    } catch (error) {
      report(error); // this line is plain text; the others are not affected
    }
    const drawn = element(
      <li
        class={`entry ${kind} ${sizeOf(item)}`}
        data-id={item.id}
        data-version={item.version}
        lang={item.language}
        dir={item.dir}
      >
        {words}
      </li>,
    );
    return { item, element: drawn };
  }

  #mark(): void {
    for (const { item, element } of this.#shown) element.classList.toggle('current', item.id === this.#current);
  }

  /** Moves the focus of a line that was removed to its next version, or to the ticker. */
  #catchFocus(id: string): void {
    const heir = this.#shown.find(({ item }) => item.id === id)?.element.querySelector('a');
    (heir ?? this.root).focus({ preventScroll: true });
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

function button(name: string, onClick: () => void, text = ''): HTMLElement {
  return element(
    <button type="button" class={name} part={`button ${name}`} onClick={onClick}>
      {text}
    </button>,
  );
}

function sizeOf(item: PublicItem): string {
  const length = item.status === 'usable' ? lineOf(item).length + (item.correction?.note?.length ?? 0) : 0;
  return length > longestCharacters ? 'longest' : length > longCharacters ? 'long' : '';
}

function isSame(a: PublicItem, b: PublicItem): boolean {
  return a.id === b.id && a.version === b.version && a.status === b.status;
}
