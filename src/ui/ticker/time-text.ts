/** How times are written: the edition's language and digits, in the reader's own time zone unless one is given. */
export interface TimeStyle {
  readonly language: string;
  readonly timeZone?: string;
  readonly numerals?: string;
}

/** The time alone on the day of `now`, otherwise with the date. Empty for what is no time. */
export function timeText(ms: number, now: number, style: TimeStyle): string {
  if (!Number.isFinite(ms)) return '';
  const day = formatter(style, { dateStyle: 'short' });
  const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  if (day.format(ms) === day.format(now)) return formatter(style, clock).format(ms);
  return formatter(style, { ...clock, day: 'numeric', month: 'short' }).format(ms);
}

function formatter(style: TimeStyle, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(style.language, {
    ...options,
    ...(style.timeZone && { timeZone: style.timeZone }),
    ...(style.numerals && { numberingSystem: style.numerals }),
  });
}
