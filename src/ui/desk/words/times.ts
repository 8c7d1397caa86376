import { useContext } from 'preact/hooks';
import { wallTimeAt } from '../../../item/zoned-time.ts';
import { EditionContext } from '../desk-context.ts';
import { useWords, type Wording } from './words.ts';

/**
 * Times of the desk are in the zone of the edition, like those that readers get, and name it. Where the editor's clock shows
 * another time, that time follows in words.
 */
export interface Times {
  /** With seconds, and without the day. */
  clock(ms: number): string;
  /** The same in two parts, for a narrow place: in the zone of the edition, and what follows of the editor's own. */
  clockParts(ms: number): readonly [time: string, own: string];
  moment(ms: number): string;
}

export function useTimes(): Times {
  const edition = useContext(EditionContext);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return timesIn(edition?.timeZone ?? 'UTC', own, useWords());
}

export function timesIn(timeZone: string, own: string, { words, say }: Wording): Times {
  const zone = knownZone(timeZone);
  const format = (ms: number, timeZone: string, how: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, ...how }).format(ms);
  const zoned = (ms: number, how: Intl.DateTimeFormatOptions) => format(ms, zone, { ...how, timeZoneName: 'short' });
  const withOwn = (ms: number, time: string) =>
    wallTimeAt(ms, zone) === wallTimeAt(ms, own)
      ? time
      : say(words.ownTime, { time, own: format(ms, own, { hour: '2-digit', minute: '2-digit' }) });
  const clock = { hour: '2-digit', minute: '2-digit' } as const;
  const day = { day: '2-digit', month: '2-digit', year: 'numeric' } as const;
  const seconds = { ...clock, second: '2-digit' } as const;
  return {
    clock: (ms) => withOwn(ms, zoned(ms, seconds)),
    clockParts: (ms) => [zoned(ms, seconds), withOwn(ms, '').trim()],
    moment: (ms) => withOwn(ms, zoned(ms, { ...day, ...clock })),
  };
}

/** UTC where the browser does not know the zone: the text says which one it is. */
function knownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}
