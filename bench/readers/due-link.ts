/**
 * The moment that a POST was due travels in the posted item's link, in whole microseconds of the shared clock, so that
 * each reader can say how late every delivery is. No system under test has to know of it.
 */
export function dueLink(dueAt: number): string {
  return `${prefix}${Math.round(dueAt * 1_000)}`;
}

/** In ms of the shared clock; null for any other link. */
export function dueAtOf(link: string): number | null {
  if (!link.startsWith(prefix)) return null;
  const us = link.slice(prefix.length);
  return /^\d+$/.test(us) ? Number(us) / 1_000 : null;
}

const prefix = 'https://bench.example/due/';
