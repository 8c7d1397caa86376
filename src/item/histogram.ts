/** Counts by bucket. Each bucket is about 9 % wider than the one below, which is enough for a percentile. Sums are exact. */
export type Buckets = readonly (readonly [bucket: number, count: number])[];

const bucketsAnOctave = 8;

/** The bucket of a time in ms. Bucket 0 is below a tenth of a ms. */
export function bucketOf(ms: number): number {
  return Math.max(0, Math.round(bucketsAnOctave * Math.log2(Math.max(ms, 0) + 1)));
}

export function addTo(counts: Map<number, number>, bucket: number, count: number): void {
  counts.set(bucket, (counts.get(bucket) ?? 0) + count);
}

export function sumOf(all: readonly Buckets[]): Buckets {
  const counts = new Map<number, number>();
  for (const buckets of all) for (const [bucket, count] of buckets) addTo(counts, bucket, count);
  return [...counts].sort(([a], [b]) => a - b);
}

/** The time in ms below which this share (0 to 1) of the counts lies, to about 5 %; null without counts. Buckets must be in rising order. */
export function percentileOf(buckets: Buckets, share: number): number | null {
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [bucket, count] of buckets) {
    seen += count;
    if (seen >= total * share) return 2 ** (bucket / bucketsAnOctave) - 1;
  }
  return null;
}
