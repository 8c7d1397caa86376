/**
 * How times are formatted: the edition's language and digits, in the reader's own time zone unless one is set. A browser
 * that does not know the zone or the digits formats the time without them.
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

const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };

/** "now", "5 min. ago", "2 hr. ago", and after a day the date. A clock behind the server's never shows "in 5 min.". */
export function relativeTime(ms: number, now: number, style: TimeStyle): string {
  const age = Math.max(0, now - ms);
  if (!(age < dayMs)) return absoluteTime(ms, now, style);
  try {
    // TypeScript does not know `numberingSystem` here.
    const options = { numeric: 'auto', style: 'short', numberingSystem: style.numerals } as const;
    const words = new Intl.RelativeTimeFormat(style.language, options);
    const count = Math.floor(age / minuteMs);
    if (count > 59) return words.format(-Math.floor(count / 60), 'hour');
    return words.format(-count, count ? 'minute' : 'second');
  } catch {
    return absoluteTime(ms, now, style);
  }
}

/** The time alone on the day of `now`, otherwise with the date. Empty for an invalid time. */
export function absoluteTime(ms: number, now: number, style: TimeStyle): string {
  if (!Number.isFinite(ms)) return '';
  const dayOf = (time: number) => format(time, style, { dateStyle: 'short' });
  return format(ms, style, dayOf(ms) === dayOf(now) ? clock : { ...clock, day: 'numeric', month: 'short' });
}

/** The same with the zone, for a page that readers of many zones have open. */
export function zonedTime(ms: number, now: number, style: TimeStyle): string {
  const isToday = absoluteTime(ms, now, style) === format(ms, style, clock);
  const day: Intl.DateTimeFormatOptions = isToday ? {} : { day: 'numeric', month: 'short' };
  return format(ms, style, { ...clock, ...day, timeZoneName: 'short' });
}

/** Date, time and zone in full, for datelines and titles. */
export function fullTime(ms: number, style: TimeStyle): string {
  if (!Number.isFinite(ms)) return '';
  return format(ms, style, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    ...clock,
    timeZoneName: 'short',
  });
}

/**
 * Creating a formatter takes a thousand times as long as using it, and memory that no heap counts. So one of each kind is
 * cached.
 */
const formats: Record<string, Intl.DateTimeFormat> = {};

/** Formats as close to the style as this browser can. */
function format(ms: number, style: TimeStyle, options: Intl.DateTimeFormatOptions): string {
  // With zone and language, with the zone alone, with the language alone, with neither.
  for (let attempt = 4; attempt--; ) {
    try {
      const key = JSON.stringify([attempt, style, options]);
      const from = attempt % 2 ? style : null;
      formats[key] ??= new Intl.DateTimeFormat(from?.language, {
        ...options,
        numberingSystem: from?.numerals,
        timeZone: (attempt > 1 && style.timeZone) || undefined,
      });
      return formats[key].format(ms);
    } catch {
      // This browser does not know it: the next one may do.
    }
  }
  return new Date(ms).toISOString();
}
