import { followStream, type StreamMessage } from './follow-stream.ts';

/** Windows with another version of the worker's messages have another worker. */
const workerName = 'desk stream 1';
const workerPath = '/desk-stream.js';

/** The worker says that it is alive every 5 s. */
const deadMs = 20_000;
const lookMs = 5_000;

/**
 * Follows a stream through the worker that all desk windows of this browser share. Where there is no shared worker (Chrome on
 * Android), or it does not start, or it stops, the window follows the stream itself. `who` is the key that has signed in.
 */
export function openStream(path: string, who: string, tell: (message: StreamMessage) => void): () => void {
  const worker = startWorker();
  if (!worker) return followStream(path, tell);
  const { port } = worker;
  let stopOwn: (() => void) | null = null;
  let heardAt = performance.now();
  let lookedAt = heardAt;
  const open = () => port.postMessage({ path, who });
  const leave = () => port.postMessage(null);
  const onShow = ({ persisted }: PageTransitionEvent) => persisted && open();
  const look = setInterval(() => {
    const now = performance.now();
    const wasAsleep = now - lookedAt > lookMs * 2;
    lookedAt = now;
    if (wasAsleep) heardAt = now;
    else if (now - heardAt > deadMs) goAlone();
  }, lookMs);
  const close = () => {
    clearInterval(look);
    removeEventListener('pagehide', leave);
    removeEventListener('pageshow', onShow);
    leave();
    port.close();
  };
  const goAlone = () => {
    if (stopOwn) return;
    close();
    stopOwn = followStream(path, tell);
  };
  port.onmessage = ({ data }: MessageEvent<StreamMessage>) => {
    heardAt = performance.now();
    if (data.type !== 'alive') tell(data);
  };
  worker.addEventListener('error', goAlone);
  addEventListener('pagehide', leave);
  addEventListener('pageshow', onShow);
  open();
  return () => (stopOwn ? stopOwn() : close());
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** The page's policy takes the address of a worker from a Trusted Types policy only. Null where there is no shared worker. */
function startWorker(): SharedWorker | null {
  if (typeof SharedWorker === 'undefined') return null;
  try {
    const { trustedTypes } = window as { readonly trustedTypes?: TrustedTypes };
    const policy = trustedTypes?.createPolicy('desk-stream', { createScriptURL: (url) => url });
    return new SharedWorker(policy?.createScriptURL(workerPath) ?? workerPath, { name: workerName, type: 'module' });
  } catch {
    return null; // forbidden by the browser's settings
  }
}
