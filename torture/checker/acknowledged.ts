import type { EventOf, LoggedEntry } from './history.ts';

interface Line {
  readonly name: string;
  /** Where it was asked for and answered in the history. */
  readonly askedAt: number;
  answeredAt: number;
  id: string;
  version: number;
}

/**
 * The log keeps the order of acknowledgements: a line that was acknowledged before another was sent has the smaller seq. The
 * rule covers publishes without a delay, which share a queue. Hides and retractions overtake them.
 */
export class Acknowledged {
  readonly #violate: (what: string) => void;
  readonly #asked = new Map<number, { readonly name: string; readonly askedAt: number }>();
  readonly #lines: Line[] = [];
  readonly #found = new Set<Line>();

  constructor(violate: (what: string) => void) {
    this.#violate = violate;
  }

  ask({ op, kind, headline }: EventOf<'asked'>, at: number): void {
    if (kind === 'publish') this.#asked.set(op, { name: headline ?? '', askedAt: at });
  }

  answer({ op, outcome, id, version }: EventOf<'answered'>, at: number): void {
    const asked = this.#asked.get(op);
    this.#asked.delete(op);
    if (asked && outcome === 'accepted' && id !== null && version !== null)
      this.#lines.push({ ...asked, answeredAt: at, id, version });
  }

  /** Each line that stands before one that was acknowledged before it was sent, once. */
  compare(entries: readonly LoggedEntry[]): void {
    const seqs = new Map(entries.map(({ id, version, seq }) => [`${id} ${version}`, seq]));
    const seqOf = ({ id, version }: Line) => seqs.get(`${id} ${version}`);
    const asAnswered = this.#lines.filter((line) => seqOf(line) !== undefined);
    const asAsked = asAnswered.toSorted((a, b) => a.askedAt - b.askedAt);
    let [at, highest, last] = [0, 0, ''];
    for (const line of asAsked) {
      for (let before = asAnswered[at]; before && before.answeredAt < line.askedAt; before = asAnswered[++at]) {
        const seq = seqOf(before) ?? 0;
        if (seq > highest) [highest, last] = [seq, before.name];
      }
      const seq = seqOf(line) ?? 0;
      if (seq > highest || this.#found.has(line)) continue;
      this.#found.add(line);
      this.#violate(
        `${line.name} is entry ${seq}, before ${last} (${highest}), which was acknowledged before it was sent`,
      );
    }
  }
}
