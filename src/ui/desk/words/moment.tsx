import { useWords } from './words.ts';

/** A moment in the zone of the browser, which it names. */
export function momentText(ms: number, language: string, withSeconds = false): string {
  return new Intl.DateTimeFormat(language, {
    numberingSystem: 'latn',
    calendar: 'gregory',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds && { second: '2-digit' }),
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).format(ms);
}

export function Moment({ at, withSeconds = false }: { readonly at: number; readonly withSeconds?: boolean }) {
  const { words } = useWords();
  return <time dateTime={new Date(at).toISOString()}>{momentText(at, words.language, withSeconds)}</time>;
}
