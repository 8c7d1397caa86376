import type { Asset } from './asset.ts';

/** The memory for pages and feeds that few clients request. */
export const assetCacheBytes = 32 * 2 ** 20;

/** Bytes of an asset besides its buffers: key, headers, object. */
const overhead = 1_024;

/** A cache of assets within a budget in bytes. The oldest entry goes first. */
export class AssetCache {
  readonly #limit: number;
  readonly #assets = new Map<string, Asset>();
  #used = 0;

  constructor(limit = assetCacheBytes) {
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
