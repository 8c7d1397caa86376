import type { PublicItem } from '../../item/item.ts';
import type { LineStyle } from '../news/line.tsx';
import { fullTime, relativeTime, zonedTime } from '../news/time-text.ts';

const dayMs = 24 * 60 * 60_000;

interface DatelineProps {
  readonly item: PublicItem;
  readonly style: LineStyle;
  /** The word for a report that is new to the reader. */
  readonly mark?: string;
}

/** The row above a report on a page. Unlike the ticker's it has the time by the clock of the edition, with its zone. */
export function Dateline({ item, style, mark }: DatelineProps) {
  const { strings } = style;
  const isUsable = item.status === 'usable';
  return (
    <p class="about" lang={strings.language} dir={strings.dir}>
      <span class="urgency">{isUsable ? strings.urgency[item.urgency] : strings.withdrawn}</span>
      <When at={isUsable ? item.publishedAt : item.updatedAt} style={style} />
      {isUsable && item.correction?.kind === 'corrected' && <span class="corrected">{strings.corrected}</span>}
      {mark !== undefined && <b class="new">{mark}</b>}
    </p>
  );
}

/** In the browser the age follows the clock, so that the clock does not move. */
function When({ at, style: { now, time } }: { readonly at: string; readonly style: LineStyle }) {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return null;
  return (
    <>
      <time class="clock" dateTime={at} title={fullTime(ms, time)} part="time">
        {zonedTime(ms, now ?? Date.now(), time)}
      </time>
      {now !== null && now - ms < dayMs && <span class="ago">{relativeTime(ms, now, time)}</span>}
    </>
  );
}
