/** A record of a chain does not fit. The message names it. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** One of the two chains of an edition, oldest first: entries, or events. Each link names the newest link of the other trail at its time. */
export interface Trail {
  readonly what: string;
  readonly links: { readonly name: string; readonly hash: string; readonly names: string }[];
  /** Whether it has its very first link, so that nothing was trimmed. */
  hasStart: boolean;
}

/** Both trails were written one record at a time, so there is exactly one order of all their records. Throws Broken if there is none. */
export function checkOrder(one: Trail, other: Trail): void {
  const fromOne = placesIn(one, other);
  const fromOther = placesIn(other, one);
  checkNext(one, fromOne, other, fromOther);
  checkNext(other, fromOther, one, fromOne);
}

/** For each link of `from`, the index in `to` of the link that it names; -1 if that one was trimmed or there was none yet. */
function placesIn(from: Trail, to: Trail): readonly number[] {
  const places = new Map(to.links.map(({ hash }, at) => [hash, at]));
  const isWhole = to.hasStart || to.links.length === 0;
  let newest = -1;
  return from.links.map(({ name, names }) => {
    const at = places.get(names);
    // Only links before the first one that names a remaining link can name a trimmed one.
    if (at === undefined && (newest >= 0 || (isWhole && names !== '')))
      throw new Broken(`${name} names an ${to.what} that is missing`);
    if (at !== undefined && at < newest) throw new Broken(`${name} names an older ${to.what} than the one before it`);
    newest = at ?? newest;
    return newest;
  });
}

/** For a record written between link k and link k + 1 of the other trail, that link k + 1 must name it or a newer one. */
function checkNext(from: Trail, places: readonly number[], to: Trail, placesOfNext: readonly number[]): void {
  for (const [at, place] of places.entries()) {
    const next = to.links[place + 1];
    // Before the oldest link that is left the order is not known, unless that link is the very first one.
    if (next === undefined || (place < 0 && !to.hasStart)) continue;
    if ((placesOfNext[place + 1] ?? -1) < at)
      throw new Broken(`${next.name} does not name ${from.links[at]?.name}, which was there before it`);
  }
}
