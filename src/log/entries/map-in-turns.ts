import { setImmediate as nextTurn } from 'node:timers/promises';

/** Maps what costs CPU, `atOnce` in one turn of the event loop, so that readers wait for the end of a few and not of all. */
export async function mapInTurns<From, To>(
  all: readonly From[],
  atOnce: number,
  map: (one: From, at: number) => To,
): Promise<readonly To[]> {
  const mapped: To[] = [];
  for (const [at, one] of all.entries()) {
    if (at > 0 && at % atOnce === 0) await nextTurn();
    mapped.push(map(one, at));
  }
  return mapped;
}
