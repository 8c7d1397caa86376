import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

/** Counts whole microseconds, each to three digits, however long a run is. */
export function emptyHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    // A minute; it grows beyond by itself.
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: 3,
    autoResize: true,
    useWebAssembly: false,
  });
}

export function encodeHistogram(histogram: Histogram): string {
  return encodeIntoCompressedBase64(histogram);
}

/** The sum of encoded histograms. */
export function mergeHistograms(encoded: readonly string[]): Histogram {
  const sum = emptyHistogram();
  for (const one of encoded) sum.add(decodeFromCompressedBase64(one, 32, false));
  return sum;
}

/** In ms, of the whole microseconds that it holds; null while it holds none. `share` is 0 to 1. */
export function quantileMs(histogram: Histogram, share: number): number | null {
  return histogram.totalCount === 0 ? null : histogram.getValueAtPercentile(share * 100) / 1_000;
}

export type { Histogram };
