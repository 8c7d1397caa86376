import type { PublicItem, UsableItem } from '../../item/item.ts';
import type { Strings } from '../strings/strings.ts';
import { absoluteTime, fullTime, relativeTime, type TimeStyle } from './time-text.ts';

/** Texts, time style and clock of a list of lines. */
export interface LineStyle {
  readonly strings: Strings<'ticker'>;
  readonly time: TimeStyle;
  /** The reader's clock, ms; null on the server, where times are absolute. */
  readonly now: number | null;
}

/** The row above a line: urgency, time, and whether the line was corrected. */
export function About({ item, style }: { readonly item: PublicItem; readonly style: LineStyle }) {
  const { strings } = style;
  const isUsable = item.status === 'usable';
  return (
    <p class="about" lang={strings.language} dir={strings.dir}>
      <span class="urgency">{isUsable ? strings.urgency[item.urgency] : strings.withdrawn}</span>
      <Time at={isUsable ? item.publishedAt : item.updatedAt} style={style} />
      {isUsable && item.correction?.kind === 'corrected' && <span class="corrected">{strings.corrected}</span>}
    </p>
  );
}

interface WordsProps {
  readonly item: PublicItem;
  /** The element that holds the line. */
  readonly as?: 'p' | 'h1';
  /** False when the line is inside a link. */
  readonly linked?: boolean;
  /** The address that a line without one of its own leads to. */
  readonly page?: string;
}

/** The line of an item, or the notice of its withdrawal, as text nodes only. */
export function Words({ item, as = 'p', linked = true, page }: WordsProps) {
  if (item.status !== 'usable') return <Remark item={item} kind="notice" text={item.notice} />;
  return <LineText item={item} as={as} href={linked ? (safeLink(item.url) ?? page) : undefined} />;
}

interface LineTextProps {
  readonly item: UsableItem;
  readonly as: 'p' | 'h1';
  readonly href: string | undefined;
}

/**
 * Reads exactly as `lineOf(item)`. Agency, separator and headline are isolates, so that none changes the direction of
 * another.
 */
function LineText({ item, as: Line, href }: LineTextProps) {
  const { attribution, language, dir } = item;
  const headline = (
    <bdi class="headline" lang={language} dir={dir}>
      {item.headline}
    </bdi>
  );
  return (
    <Line class="line">
      {attribution && (
        <bdi class="attribution" lang={language} dir={dir}>
          {attribution}
        </bdi>
      )}
      {attribution && <bdi dir={dir}>{': '}</bdi>}
      {href ? (
        <a href={href} part="link">
          {headline}
        </a>
      ) : (
        headline
      )}
    </Line>
  );
}

export function Note({ item }: { readonly item: PublicItem }) {
  return <Remark item={item} kind="note" text={item.status === 'usable' ? item.correction?.note : undefined} />;
}

interface RemarkProps {
  readonly item: PublicItem;
  readonly kind: 'note' | 'notice';
  readonly text: string | undefined;
}

/** The newsroom's words about a line. */
function Remark({ item, kind, text }: RemarkProps) {
  return text ? (
    <p class={kind}>
      <bdi lang={item.language} dir={item.dir}>
        {text}
      </bdi>
    </p>
  ) : null;
}

function Time({ at, style }: { readonly at: string; readonly style: LineStyle }) {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return null;
  return (
    <time dateTime={at} title={fullTime(ms, style.time)} part="time">
      {style.now === null ? absoluteTime(ms, Date.now(), style.time) : relativeTime(ms, style.now, style.time)}
    </time>
  );
}

/** The class of a line's element: `flash`, `urgent`, `update` or `withdrawn`. */
export function kindOf(item: PublicItem): string {
  return item.status === 'usable' ? item.urgency : 'withdrawn';
}

export function isFlash(item: PublicItem): boolean {
  return kindOf(item) === 'flash';
}

/** Undefined for an address that is not https. */
export function safeLink(url: string | undefined): string | undefined {
  return url?.startsWith('https://') ? url : undefined;
}
