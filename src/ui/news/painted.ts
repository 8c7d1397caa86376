import type { ReceivedFrame } from '../../client/index.ts';

/** One browser in 50 reports, at a random time in the next ten seconds, so that a flash causes no storm of reports. */
const oneIn = 50;
const spreadMs = 10_000;

/**
 * Samples the time from a frame to the paint, for the desk's estimate. It sends no cookie, no identifier and no address of
 * the page, and it ignores the answer.
 */
export function samplePaint(server: string, edition: string, frame: ReceivedFrame): void {
  const changed = frame.type === 'item' ? frame.item : frame.type === 'removal' ? frame : null;
  if (!changed || document.hidden || Math.random() * oneIn >= 1) return;
  const cameAt = performance.now();
  // By the next animation frame the item has been painted. A browser without them takes no sample.
  globalThis.requestAnimationFrame?.(() =>
    requestAnimationFrame(() => {
      const { id, version } = changed;
      const query = new URLSearchParams({
        edition,
        id,
        version: `${version}`,
        ms: `${Math.round(performance.now() - cameAt)}`,
      });
      setTimeout(() => {
        fetch(`${server}/v1/painted?${query}`, {
          method: 'POST',
          mode: 'no-cors',
          credentials: 'omit',
          referrerPolicy: 'no-referrer',
        }).catch(() => {});
      }, Math.random() * spreadMs);
    }),
  );
}
