/** Something in a chain does not fit; the message names it. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** One of the two chains of an edition, oldest first. Each link names the newest of the other trail at its time. */
export interface Trail {
  readonly what: string;
  readonly links: { readonly name: string; readonly hash: string; readonly names: string }[];
  /** Whether the very first link is there, so that nothing of this trail can have been trimmed. */
  hasStart: boolean;
}

/** Both trails were written one record at a time: there is one order in which they can have been. */
export function checkOrder(one: Trail, other: Trail): void {
  const fromOne = placesIn(one, other);
  const fromOther = placesIn(other, one);
  checkNext(one, fromOne, other, fromOther);
  checkNext(other, fromOther, one, fromOne);
}

/** Where in `to` each link of `from` points; -1 in front of all that is there. */
function placesIn(from: Trail, to: Trail): readonly number[] {
  const places = new Map(to.links.map(({ hash }, at) => [hash, at]));
  const isWhole = to.hasStart || to.links.length === 0;
  let newest = -1;
  return from.links.map(({ name, names }) => {
    const at = places.get(names);
    // What has been trimmed can be named by what is older than all that is left, and by nothing else.
    if (at === undefined && (newest >= 0 || (isWhole && names !== '')))
      throw new Broken(`${name} names an ${to.what} that is missing`);
    if (at !== undefined && at < newest) throw new Broken(`${name} names an older ${to.what} than the one before it`);
    newest = at ?? newest;
    return newest;
  });
}

/** A record that was written after link k of the other trail, and before its link k + 1, is known to that one. */
function checkNext(from: Trail, places: readonly number[], to: Trail, known: readonly number[]): void {
  for (const [at, place] of places.entries()) {
    const next = to.links[place + 1];
    // In front of all that is there nothing is known of the order, unless that is the start.
    if (next === undefined || (place < 0 && !to.hasStart)) continue;
    if ((known[place + 1] ?? -1) < at)
      throw new Broken(`${next.name} does not name ${from.links[at]?.name}, which was there before it`);
  }
}
