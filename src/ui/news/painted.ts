import type { ReceivedFrame } from '../../client/index.ts';

/** One browser in 50 reports, at a random time in the next ten seconds, so that a flash causes no storm of reports. */
const oneIn = 50;
const spreadMs = 10_000;

/**
 * Samples the time from a frame to the paint, for the desk's estimate. It sends no cookie, no identifier and no address of
 * the page, and it ignores the answer.
 */
export function samplePaint(server: string, edition: string, frame: ReceivedFrame): void {
  // A browser without these functions takes no sample.
  if (document.hidden || !globalThis.requestAnimationFrame || Math.random() * oneIn >= 1) return;
  const changed = frame.type === 'item' ? frame.item : frame.type === 'removal' ? frame : null;
  if (!changed) return;
  const cameAt = performance.now();
  const query = new URLSearchParams({ edition, id: changed.id, version: String(changed.version) });
  // By the next animation frame the item has been painted.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      query.set('ms', String(Math.round(performance.now() - cameAt)));
      const url = new URL(`${server.replace(/\/$/, '')}/v1/painted?${query}`, location.href);
      setTimeout(() => {
        fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'omit', referrerPolicy: 'no-referrer' }).catch(
          () => {},
        );
      }, Math.random() * spreadMs);
    }),
  );
}
