import type { Asset } from './asset.ts';

/** What pages and feeds that not everybody needs may take of a process, by whatever filters and topics they are asked for. */
export const keptAssetsBytes = 32 * 2 ** 20;

/** What an asset takes besides its bytes: its key, headers, both buffers. */
const overhead = 1_024;

/** Kept to be served again, within a budget in bytes; beyond it, what was kept first goes. */
export class KeptAssets {
  readonly #limit: number;
  readonly #assets = new Map<string, Asset>();
  #used = 0;

  constructor(limit = keptAssetsBytes) {
    this.#limit = limit;
  }

  get(key: string): Asset | undefined {
    return this.#assets.get(key);
  }

  set(key: string, asset: Asset): void {
    this.#delete(key);
    this.#assets.set(key, asset);
    this.#used += sizeOf(asset);
    for (const first of this.#assets.keys()) {
      if (this.#used <= this.#limit) return;
      this.#delete(first);
    }
  }

  clear(): void {
    this.#assets.clear();
    this.#used = 0;
  }

  #delete(key: string): void {
    const asset = this.#assets.get(key);
    if (!asset) return;
    this.#assets.delete(key);
    this.#used -= sizeOf(asset);
  }
}

function sizeOf({ body, zipped }: Asset): number {
  return body.length + (zipped?.length ?? 0) + overhead;
}
