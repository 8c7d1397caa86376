import { z } from 'zod';
import { emptyHistogram, encodeHistogram } from '../figures/histogram.ts';
import type { Sighting } from './frame-cache.ts';

/** What one process of readers has recorded of its deliveries. */
export const takenSchema = z.object({
  /** Histogram of us from the moment that the POST was due, compressed, base64. */
  histogram: z.string(),
  /** Per entry, in the order of arrival: [readers that have it, ms since the POST was due]. Recent entries only. */
  entries: z.array(z.object({ seq: z.number(), points: z.array(z.tuple([z.number(), z.number()])) })),
});

export type Taken = z.infer<typeof takenSchema>;

/** Records every delivery of a process of readers, in about 0.1 us: receiving one costs the readers a hundred times that. */
export class Arrivals {
  #histogram = emptyHistogram();
  #bySighting = new Map<Sighting, ArrivalTimes>();
  #recent: { readonly sighting: Sighting; readonly times: ArrivalTimes } | null = null;

  /** `now` is of the clock that the entry's `dueAt` is of. Entries that do not say when they were due are left out. */
  record(sighting: Sighting, now: number): void {
    if (sighting.dueAt === null) return;
    const ms = now - sighting.dueAt;
    this.#histogram.recordValue(Math.max(1, Math.round(ms * 1_000)));
    // One sweep delivers the same entry thousands of times in a row.
    if (this.#recent?.sighting !== sighting) this.#recent = { sighting, times: this.#timesOf(sighting) };
    this.#recent.times.push(ms);
  }

  /** What was recorded since this was last called. */
  take(): Taken {
    const taken = {
      histogram: encodeHistogram(this.#histogram),
      entries: [...this.#bySighting].map(([{ seq }, times]) => ({ seq, points: times.sample(pointsPerEntry) })),
    };
    this.#histogram.reset();
    this.#bySighting.clear();
    this.#recent = null;
    return taken;
  }

  #timesOf(sighting: Sighting): ArrivalTimes {
    const known = this.#bySighting.get(sighting);
    if (known !== undefined) return known;
    const times = new ArrivalTimes();
    this.#bySighting.set(sighting, times);
    const [oldest] = this.#bySighting.keys();
    if (oldest !== undefined && this.#bySighting.size > maxEntries) this.#bySighting.delete(oldest);
    return times;
  }
}

/** Times of one entry, in rising order because they are taken as they come. */
class ArrivalTimes {
  #ms = new Float32Array(256);
  #length = 0;

  push(ms: number): void {
    if (this.#length === this.#ms.length) {
      const larger = new Float32Array(this.#length * 2);
      larger.set(this.#ms);
      this.#ms = larger;
    }
    this.#ms[this.#length] = ms;
    this.#length += 1;
  }

  /** The first, the last and evenly spaced ones between: [rank from 1, ms]. */
  sample(most: number): [number, number][] {
    const count = Math.min(most, this.#length);
    return Array.from({ length: count }, (_, i) => {
      const rank = count === 1 ? 1 : 1 + Math.round((i * (this.#length - 1)) / (count - 1));
      return [rank, this.#ms[rank - 1] ?? 0];
    });
  }
}

const pointsPerEntry = 50;
/** 4 bytes a reader and entry: at most 13 MB with 15,000 readers. */
const maxEntries = 200;
