import { z } from 'zod';
import type { Dialect } from './dialect.ts';
import { dueAtOf } from './due-link.ts';

/** One entry as one process of readers has seen it. Times are ms of the shared monotonic clock (clock.ts). */
export interface Sighting {
  readonly seq: number;
  readonly id: string;
  readonly version: number;
  /** Redis' clock at the append, ms since 1970; 0 where the frame does not say. */
  readonly appendedAt: number;
  /** When its POST was due, where the item's link says so (poster.ts); null otherwise. */
  readonly dueAt: number | null;
  /** Readers that have it. */
  count: number;
  first: number;
  last: number;
  /** Those of them that had been answered before the append, and the last of those. */
  liveCount: number;
  liveLast: number;
}

/** From the append to `now`, ms since 1970; 0 where the frame does not say when that was. */
export function latenessMs({ appendedAt }: Sighting, now: number): number {
  return appendedAt === 0 ? 0 : now - appendedAt;
}

export interface DecodedFrame {
  readonly type: string;
  readonly seq: number;
  readonly prev: number;
  readonly epoch: string;
  readonly retry: { readonly afterMs: number; readonly withinMs: number } | null;
  /** What the reader has to send back; null for all that Flashwire itself sends. */
  readonly reply: string | null;
  /** Shared by every frame of the same entry; null on all that is not an entry. */
  readonly sighting: Sighting | null;
}

/**
 * Decodes each distinct frame once, however many readers receive it: the other readers cost one comparison of bytes.
 * That keeps the readers so cheap that the server is what a run measures.
 */
export class FrameCache {
  readonly sightings = new Map<number, Sighting>();
  readonly #byLength = new Map<number, { readonly bytes: Buffer; readonly frames: readonly DecodedFrame[] }[]>();
  readonly #unwrap: Dialect['unwrap'];
  #held = 0;

  constructor(unwrap: Dialect['unwrap']) {
    this.#unwrap = unwrap;
  }

  /** The frames of one message; null for bytes that hold none. */
  decode(bytes: Buffer, start: number, end: number): readonly DecodedFrame[] | null {
    const length = end - start;
    const known = this.#byLength.get(length);
    if (known !== undefined) {
      // Newest first: that is the one the sweep is sending.
      for (let i = known.length - 1; i >= 0; i--) {
        const candidate = known[i];
        if (candidate !== undefined && candidate.bytes.compare(bytes, start, end) === 0) return candidate.frames;
      }
    }
    return this.#add(Buffer.from(bytes.subarray(start, end)));
  }

  #add(bytes: Buffer): readonly DecodedFrame[] | null {
    const frames = this.#decodeAll(bytes);
    if (frames === null) return null;
    if (this.#held >= maxHeld) {
      this.#byLength.clear();
      this.#held = 0;
    }
    this.#held += 1;
    const sameLength = this.#byLength.get(bytes.length);
    if (sameLength === undefined) this.#byLength.set(bytes.length, [{ bytes, frames }]);
    else sameLength.push({ bytes, frames });
    return frames;
  }

  #decodeAll(bytes: Buffer): readonly DecodedFrame[] | null {
    const frames: DecodedFrame[] = [];
    for (const text of this.#unwrap(bytes.toString('utf8')) ?? ['']) {
      const parsed = frameSchema.safeParse(parseJson(text));
      if (!parsed.success) return null;
      frames.push(this.#frame(parsed.data));
    }
    return frames;
  }

  #frame(wire: WireFrame): DecodedFrame {
    const isEntry = wire.type === 'item' || wire.type === 'removal';
    const frame = {
      type: wire.type,
      seq: wire.seq ?? 0,
      prev: wire.prev ?? 0,
      epoch: wire.epoch ?? '',
      retry: wire.retry ?? null,
      reply: wire.reply ?? null,
    };
    return { ...frame, sighting: isEntry ? this.#sighting(wire) : null };
  }

  #sighting(wire: WireFrame): Sighting {
    const seq = wire.seq ?? 0;
    const known = this.sightings.get(seq);
    if (known !== undefined) return known;
    const sighting: Sighting = {
      seq,
      id: wire.item?.id ?? wire.id ?? '',
      version: wire.item?.version ?? wire.version ?? 0,
      appendedAt: wire.item === undefined ? 0 : Date.parse(wire.item.updatedAt),
      dueAt: wire.item?.url === undefined ? null : dueAtOf(wire.item.url),
      count: 0,
      first: 0,
      last: 0,
      liveCount: 0,
      liveLast: 0,
    };
    this.sightings.set(seq, sighting);
    return sighting;
  }
}

const maxHeld = 512;

const frameSchema = z.looseObject({
  type: z.string(),
  seq: z.number().optional(),
  prev: z.number().optional(),
  epoch: z.string().optional(),
  id: z.string().optional(),
  version: z.number().optional(),
  reply: z.string().optional(),
  item: z
    .looseObject({ id: z.string(), version: z.number(), updatedAt: z.string(), url: z.string().optional() })
    .optional(),
  retry: z.object({ afterMs: z.number(), withinMs: z.number() }).optional(),
});

type WireFrame = z.infer<typeof frameSchema>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is not a frame: the schema refuses undefined, and the reader counts it as a fault.
    return undefined;
  }
}
