import type { ComponentChild } from 'preact';
import { type FeedState, lineOf, type PublicItem } from '../../client/index.ts';
import { report } from '../../client/report.ts';
import { About, isFlash, kindOf, type LineStyle, Note, Words } from '../news/line.tsx';
import { itemPath, livePath } from '../news/paths.ts';
import { absoluteTime, relativeTime } from '../news/time-text.ts';
import type { Counted } from '../strings/message.ts';
import { othersOf, type Stage } from './stage.ts';

/** What the buttons do. */
export interface Controls {
  pause(): void;
  turn(by: number): void;
  release(): void;
  dismiss(item: PublicItem): void;
  open(): void;
}

export interface BoardOptions {
  readonly style: LineStyle;
  /** The server's address, without a slash at its end. */
  readonly server: string;
  readonly edition: string;
  readonly controls: Controls;
  /** A line is dismissed, or the ticker hidden (null). */
  hide(item: PublicItem | null): void;
}

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
 * they are a list. A line keeps its element as long as it does not change.
 */
export class Board {
  readonly root: HTMLElement;
  /**
   * How many ms the reader's clock is ahead of the server's, as the last item that came live has shown: a wrong clock must neither
   * hide what is new nor keep what is old.
   */
  ahead = 0;
  readonly #options: BoardOptions;
  readonly #list = element(<ol part="lines" />);
  readonly #state = element(<span class="words" />);
  readonly #pause: HTMLElement;
  readonly #waiting: HTMLElement;
  readonly #toggle: HTMLElement;
  readonly #polite = element(<div class="announcer" aria-live="polite" />);
  readonly #assertive = element(<div class="announcer" aria-live="assertive" />);
  #shown: ReadonlyMap<PublicItem, HTMLElement> = new Map();

  constructor(options: BoardOptions) {
    this.#options = options;
    const { strings } = options.style;
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
        <p class="empty">{empty}</p>
        {this.#controls()}
        {child(this.#polite)}
        {child(this.#assertive)}
      </section>,
    );
  }

  setButtons(isPaused: boolean, isOpen: boolean): void {
    const { strings } = this.#options.style;
    this.#pause.textContent = isPaused ? strings.play : strings.pause;
    this.#toggle.textContent = isOpen ? strings.close : strings.openList;
    this.#toggle.setAttribute('aria-expanded', String(isOpen));
    this.root.classList.toggle('open', isOpen);
  }

  setState(state: FeedState): void {
    const { strings, time } = this.#options.style;
    // The reader's own clock has measured it, so it is told in the reader's own zone.
    const since =
      state.type === 'offline' ? absoluteTime(state.since, Date.now(), { ...time, timeZone: undefined }) : '';
    this.#state.textContent = strings.state[state.type].replace('{time}', since);
    this.root.dataset['state'] = state.type;
  }

  show(stage: Stage): void {
    const before = [...this.#shown];
    const focused = before.findIndex(([, element]) => element.matches(':focus-within'));
    const reader = before[focused]?.[0];
    const top = stage.shown.filter(({ id }) => id === stage.top);
    const others = othersOf(stage);
    const lines = [...top, ...others];
    this.#shown = new Map(lines.map((item) => [item, this.#shown.get(item) ?? this.#draw(item)]));
    const isGone = reader && !this.#shown.has(reader);
    // The focus never leaves the ticker meanwhile, which would end the hold.
    if (isGone) this.focus();
    for (const [item, element] of before) if (!this.#shown.has(item)) element.remove();
    let next = this.#list.firstChild;
    for (const [{ id }, element] of this.#shown) {
      if (element === next) next = next.nextSibling;
      else this.#list.insertBefore(element, next);
      element.classList.toggle('top', id === stage.top);
      element.classList.toggle('current', id === stage.current);
    }
    const { classList } = this.root;
    classList.toggle('idle', !lines.length);
    classList.toggle('single', !others[1]);
    classList.toggle('waits', stage.waiting.length > 0);
    this.#showWaiting(stage.waiting);
    // Outside the live regions.
    for (const time of this.#list.querySelectorAll('time')) {
      const text = relativeTime(Date.parse(time.dateTime), Date.now() - this.ahead, this.#options.style.time);
      if (time.textContent !== text) time.textContent = text;
    }
    if (!isGone) return;
    // To the next version, or from a dismissed line to the next line.
    const isDismissed = reader.id in stage.dismissed;
    const following = isDismissed && classList.contains('open') ? lines[focused] : undefined;
    this.focus(following?.id ?? (isDismissed ? (stage.current ?? stage.top) : reader.id));
  }

  /** Puts the focus on the link of a line, else on the ticker. */
  focus(id?: string): void {
    const [, element] = [...this.#shown].find(([item]) => item.id === id) ?? [];
    (element?.querySelector('a') ?? this.root).focus({ preventScroll: true });
  }

  say(text: string, isUrgent: boolean): void {
    this.#polite.textContent = isUrgent ? '' : text;
    this.#assertive.textContent = isUrgent ? text : '';
  }

  #draw(item: PublicItem): HTMLElement {
    let words: ComponentChild = item.status === 'usable' ? lineOf(item) : item.notice;
    try {
      words = (
        <>
          <About item={item} style={this.#options.style} />
          <Words item={item} page={this.#options.server + itemPath(item)} />
          <Note item={item} />
        </>
      );
    } catch (error) {
      report(error); // this line is plain text; the others are not affected
    }
    return element(
      <li
        class={`entry ${kindOf(item)}`}
        data-id={item.id}
        data-version={item.version}
        lang={item.language}
        dir={item.dir}
      >
        {words}
        {child(
          button('dismiss', () => this.#options.controls.dismiss(item), '\u00d7', this.#options.style.strings.dismiss),
        )}
      </li>,
    );
  }

  #controls() {
    const { style, server, edition, controls, hide } = this.#options;
    const { strings } = style;
    return (
      <div class="controls">
        <div class="turns">
          {child(button('previous', () => controls.turn(-1), '\u2039', strings.previous))}
          {child(button('next', () => controls.turn(1), '\u203a', strings.next))}
          {child(this.#pause)}
        </div>
        {child(this.#toggle)}
        {child(button('hide', () => hide(null), strings.hide))}
        <a class="all" href={server + livePath(edition)}>
          {strings.all}
        </a>
      </div>
    );
  }

  #showWaiting(waiting: readonly PublicItem[]): void {
    const { strings } = this.#options.style;
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
