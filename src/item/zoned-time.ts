/** Local time in a time zone, as `<input type="datetime-local">` has it: 2026-03-01T09:30. */
export type WallTime = string;

/** The local time of a zone at a moment. */
export function wallTimeAt(ms: number, timeZone: string): WallTime {
  const part = partsAt(ms, timeZone);
  return `${part['year']}-${part['month']}-${part['day']}T${part['hour']}:${part['minute']}`;
}

/**
 * The moment of a local time; null when the text is not a time. An hour that happens twice is the first of the two. A time
 * that spring skips is as far after the gap as it lies in the gap.
 */
export function momentOf(wall: WallTime, timeZone: string): number | null {
  const asUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(wall) ? Date.parse(`${wall}:00Z`) : Number.NaN;
  if (Number.isNaN(asUtc)) return null;
  const offset = (at: number) => Date.parse(`${wallTimeAt(at, timeZone)}:00Z`) - at;
  const day = 86_400_000;
  const candidates = [offset(asUtc - day), offset(asUtc + day)].map((ms) => asUtc - ms);
  const exact = candidates.filter((at) => wallTimeAt(at, timeZone) === wall).sort((a, b) => a - b);
  return exact[0] ?? candidates[0] ?? null;
}

function partsAt(ms: number, timeZone: string): Readonly<Record<string, string>> {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    numberingSystem: 'latn',
    calendar: 'gregory',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const minute = Math.floor(ms / 60_000) * 60_000;
  return Object.fromEntries(format.formatToParts(minute).map(({ type, value }) => [type, value.padStart(2, '0')]));
}
