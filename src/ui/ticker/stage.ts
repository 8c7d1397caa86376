import { lineOf, type PublicItem } from '../../client/index.ts';
import { isFlash } from '../news/line.tsx';

/** What the ticker may show. */
export interface Scene {
  /** As the feed has them, newest place first. */
  readonly items: readonly PublicItem[];
  /** Whether a reader may be reading a line. Lines that are shown then keep their places, and new ones wait. */
  readonly isHeld: boolean;
  /** The largest number of lines shown. */
  readonly limit: number;
  readonly maxAgeMs: number;
  /** How long the newest flash stays on top. */
  readonly flashMs: number;
}

/** What the ticker shows. */
export interface Stage {
  /** Newest place first. */
  readonly shown: readonly PublicItem[];
  /** The id of the flash that stays above the others. */
  readonly top?: string | undefined;
  /** The id of the line that is shown of the others. */
  readonly current?: string | undefined;
  /** Lines that are not shown until the hold ends. */
  readonly waiting: readonly PublicItem[];
  /** By id: the time of the last correction when the reader dismissed the line, empty if it had none. */
  readonly dismissed: Readonly<Record<string, string>>;
}

/**
 * The stage at a time. Lines leave it at once, and change in place. While it is held, nothing is inserted between its lines, and
 * the top stays the top. Otherwise a new line becomes the current one, a flash before others.
 */
export function arrange(before: Stage, scene: Scene, now: number): Stage {
  const age = (item: PublicItem) => now - timeOf(item);
  // An invalid time is no reason to hide a line.
  const fresh = scene.items.filter((item) => !isAway(item, before) && !(age(item) >= scene.maxAgeMs));
  const lowest = before.shown[before.shown.length - 1]?.place ?? Infinity;
  const isNew = (item: PublicItem) => item.place > lowest && !find(before.shown, item.id);
  const isHeld = scene.isHeld && fresh.some(({ id }) => find(before.shown, id));
  const shown = fresh.filter((item) => !(isHeld && isNew(item))).slice(0, scene.limit);
  const waiting = fresh.slice(0, scene.limit).filter((item) => isHeld && isNew(item) && item.status === 'usable');
  const top = isHeld ? find(shown, before.top) : shown.find((item) => isFlash(item) && !(age(item) >= scene.flashMs));
  const others = othersOf({ shown, top: top?.id });
  const news = others.filter(isNew);
  const place = othersOf(before).findIndex(({ id }) => id === before.current);
  const current = news.find(isFlash) ?? news[0] ?? find(others, before.current) ?? others[place] ?? others[0];
  return {
    shown,
    top: top?.id,
    current: current?.id,
    waiting,
    dismissed: Object.fromEntries(Object.entries(before.dismissed).filter(([id]) => !find(fresh, id))),
  };
}

/** The stage `by` lines further. After the last line comes the first. */
export function turn(stage: Stage, by: number): Stage {
  const others = othersOf(stage);
  const place = others.findIndex(({ id }) => id === stage.current);
  return { ...stage, current: others[(place + by + others.length) % others.length]?.id };
}

/** The stage with a line marked as dismissed. `arrange` takes the line away. */
export function dismiss(stage: Stage, id: string): Stage {
  return { ...stage, dismissed: { ...stage.dismissed, [id]: correctionOf(find(stage.shown, id)) } };
}

export function currentOf({ shown, current }: Stage): PublicItem | undefined {
  return find(shown, current);
}

/** The lines below the top. */
export function othersOf({ shown, top }: Pick<Stage, 'shown' | 'top'>): readonly PublicItem[] {
  return shown.filter(({ id }) => id !== top);
}

/** How long a line is shown, by what there is to read. A letter with marks counts as several. */
export function readingMs(item: PublicItem | undefined): number {
  return Math.max(6_000, 2_000 + 60 * [...(item ? textOf(item) : '')].length);
}

/** What there is to read. */
function textOf(item: PublicItem): string {
  return item.status === 'usable' ? lineOf(item) + (item.correction?.note ?? '') : (item.notice ?? '');
}

function find(items: readonly PublicItem[], id: string | undefined): PublicItem | undefined {
  return items.find((item) => item.id === id);
}

/** A dismissed line returns only with another correction. */
function isAway(item: PublicItem, { dismissed }: Stage): boolean {
  const then = dismissed[item.id];
  return then !== undefined && (correctionOf(item) || then) === then;
}

function correctionOf(item: PublicItem | undefined): string {
  const correction = item?.status === 'usable' ? item.correction : undefined;
  return correction?.kind === 'corrected' ? (correction.at ?? item?.updatedAt ?? '') : '';
}

function timeOf(item: PublicItem): number {
  return new Date(item.status === 'usable' ? item.publishedAt : item.updatedAt).getTime();
}
