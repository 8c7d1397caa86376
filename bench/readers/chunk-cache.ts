import type { DecodedFrame } from './frame-cache.ts';

interface Chunk {
  readonly bytes: Buffer;
  readonly frames: readonly DecodedFrame[];
}

/**
 * What one read brought, as a whole: readers that stand at the same place are sent the same bytes, so most reads cost one
 * comparison, however many frames are in them. Holds the newest read of each length that ended with a whole frame.
 */
export class ChunkCache {
  readonly #byLength = new Map<number, Chunk>();

  /** The frames of the first `length` bytes, or null where they have not been seen. */
  find(bytes: Buffer, length: number): readonly DecodedFrame[] | null {
    const known = this.#byLength.get(length);
    return known !== undefined && known.bytes.compare(bytes, 0, length) === 0 ? known.frames : null;
  }

  keep(bytes: Buffer, length: number, frames: readonly DecodedFrame[]): void {
    if (this.#byLength.size >= maxChunks) this.#byLength.clear();
    this.#byLength.set(length, { bytes: Buffer.from(bytes.subarray(0, length)), frames });
  }
}

const maxChunks = 128;
