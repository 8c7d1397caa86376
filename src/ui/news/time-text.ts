/**
 * How times are written: the edition's language and digits, in the reader's own time zone unless one is given. A browser
 * that does not know the zone or the digits writes the time without them: no line is lost because of its time.
 */
export interface TimeStyle {
  readonly language: string;
  readonly timeZone?: string | undefined;
  /** Unicode numbering system (`latn`, `arab`). */
  readonly numerals?: string | undefined;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** "now", "5 min. ago", "2 hr. ago", and after a day the date. A clock that is behind the server's never says "in 5 min.". */
export function relativeTime(ms: number, now: number, style: TimeStyle): string {
  const age = Math.max(0, now - ms);
  if (!(age < dayMs)) return absoluteTime(ms, now, style);
  try {
    const words = new Intl.RelativeTimeFormat(localeOf(style), { numeric: 'auto', style: 'short' });
    if (age < minuteMs) return words.format(0, 'second');
    return age < hourMs
      ? words.format(-Math.floor(age / minuteMs), 'minute')
      : words.format(-Math.floor(age / hourMs), 'hour');
  } catch {
    return absoluteTime(ms, now, style);
  }
}

/** The time alone on the day of `now`, otherwise with the date. Empty for what is no time. */
export function absoluteTime(ms: number, now: number, style: TimeStyle): string {
  if (!Number.isFinite(ms)) return '';
  const day: Intl.DateTimeFormatOptions = { dateStyle: 'short' };
  const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  if (format(ms, style, day) === format(now, style, day)) return format(ms, style, clock);
  return format(ms, style, { ...clock, day: 'numeric', month: 'short' });
}

/** Date, time and zone in full, for datelines and titles. */
export function fullTime(ms: number, style: TimeStyle): string {
  if (!Number.isFinite(ms)) return '';
  return format(ms, style, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
}

/** As close to the style as this browser can. */
function format(ms: number, style: TimeStyle, options: Intl.DateTimeFormatOptions): string {
  for (const timeZone of [style.timeZone || undefined, undefined]) {
    for (const isLocal of [true, false]) {
      try {
        return new Intl.DateTimeFormat(isLocal ? localeOf(style) : undefined, { ...options, timeZone }).format(ms);
      } catch {
        // Not known here: the next one is.
      }
    }
  }
  return new Date(ms).toISOString();
}

function localeOf({ language, numerals }: TimeStyle): string {
  return numerals ? new Intl.Locale(language, { numberingSystem: numerals }).toString() : language;
}
