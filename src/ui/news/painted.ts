import type { ReceivedFrame } from '../../client/index.ts';

/** One in so many says so, some time in the ten seconds after: a flash must not come back as a storm. */
const oneIn = 50;
const spreadMs = 10_000;

/**
 * Of a few browsers, how long it took from a frame to the paint: a sample for the desk, which it shows as an estimate.
 * No cookie, no identifier, no address of the page; nothing waits for it and nothing becomes of an answer.
 */
export function samplePaint(server: string, edition: string, frame: ReceivedFrame): void {
  // A browser without one of these takes no sample.
  if (document.hidden || !globalThis.requestAnimationFrame || Math.random() * oneIn >= 1) return;
  const told = frame.type === 'item' ? frame.item : frame.type === 'removal' ? frame : null;
  if (!told) return;
  const cameAt = performance.now();
  const query = new URLSearchParams({ edition, id: told.id, version: String(told.version) });
  // The frame after the one in which it is drawn: by then it has been painted.
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
