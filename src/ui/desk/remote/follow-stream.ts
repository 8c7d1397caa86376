import { isRecord } from '../../../protocol/item-parse.ts';
import { noAnswer, type Problem, parseJson, parseProblem } from './answers.ts';
import type { StreamEvent } from './stream-state.ts';

export type StreamMessage =
  | { readonly type: 'events'; readonly events: readonly StreamEvent[]; readonly heardAt: number }
  /** The server does not answer, or refuses; `isOver`: a retry would not help. */
  | { readonly type: 'problem'; readonly problem: Problem; readonly isOver: boolean }
  /** A sign of life of the worker that holds the stream. */
  | { readonly type: 'alive' };

/** Beats come every 5 s. */
export const silenceMs = 12_000;
const firstRetryMs = 1_000;
const mostRetryMs = 5_000;

/** Follows a stream until it is stopped or refused for good: reconnects after its end, after silence and while there is no answer. */
export function followStream(path: string, tell: (message: StreamMessage) => void): () => void {
  const stopped = new AbortController();
  const follow = async () => {
    for (let failures = 0; !stopped.signal.aborted; ) {
      const end = await readStream(path, stopped.signal, (events) => {
        failures = 0;
        tell({ type: 'events', events, heardAt: Date.now() });
      });
      if (stopped.signal.aborted) return;
      if (end.problem) {
        const isOver = end.problem.status >= 400 && end.problem.status < 500 && end.problem.status !== 429;
        tell({ type: 'problem', problem: end.problem, isOver });
        if (isOver) return;
        failures += 1;
      }
      const most = Math.min(firstRetryMs * 2 ** Math.max(0, failures - 1), mostRetryMs);
      await pause(failures === 0 ? end.retryMs : most * (0.5 + Math.random() / 2), stopped.signal);
    }
  };
  void follow();
  return () => stopped.abort();
}

interface StreamEnd {
  /** Null: the stream ended, and may be opened again after `retryMs`. */
  readonly problem: Problem | null;
  readonly retryMs: number;
}

async function readStream(
  path: string,
  stop: AbortSignal,
  hear: (events: readonly StreamEvent[]) => void,
): Promise<StreamEnd> {
  const cut = new AbortController();
  const onStop = () => cut.abort();
  stop.addEventListener('abort', onStop);
  let silence = setTimeout(() => cut.abort(), silenceMs);
  let retryMs = firstRetryMs * Math.random();
  let hasBegun = false;
  try {
    const headers = { Accept: 'text/event-stream' };
    const response = await fetch(path, { headers, signal: cut.signal, cache: 'no-store' });
    if (!response.ok || !response.body)
      return { problem: parseProblem(response.status, parseJson(await response.text())), retryMs };
    hasBegun = true;
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      clearTimeout(silence);
      silence = setTimeout(() => cut.abort(), silenceMs);
      const parts = (text + decoder.decode(value, { stream: true })).split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) retryMs = retryOf(part) ?? retryMs;
      const events = parts.flatMap(eventOf);
      if (events.length > 0) hear(events);
    }
  } catch {
    // Cut, or no answer. A stream that had begun is opened again before anything is said.
    if (!hasBegun) return { problem: noAnswer, retryMs };
  } finally {
    clearTimeout(silence);
    stop.removeEventListener('abort', onStop);
    cut.abort();
  }
  return { problem: null, retryMs };
}

function retryOf(part: string): number | null {
  const ms = /^\d+$/.exec(fieldOf(part, 'retry') ?? '')?.[0];
  return ms === undefined ? null : Number(ms);
}

function eventOf(part: string): readonly StreamEvent[] {
  const name = fieldOf(part, 'event');
  const data = parseJson(fieldOf(part, 'data') ?? '');
  return name !== null && isRecord(data) ? [{ name, data }] : [];
}

/** A field of an event. Only a line feed ends a line: a text may have a line separator (U+2028), at which `^` would match. */
function fieldOf(part: string, name: string): string | null {
  const line = part.split('\n').find((one) => one.startsWith(`${name}: `));
  return line?.slice(name.length + 2) ?? null;
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
