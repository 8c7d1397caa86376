import { isRecord } from '../../../protocol/item-parse.ts';
import { followStream, type StreamMessage } from './follow-stream.ts';
import { StreamState } from './stream-state.ts';

/**
 * A shared worker: one stream for all desk windows of a browser. Over HTTP/1.1 a browser opens six connections to a server, so six
 * windows with a stream each would leave none for STOP. The worker lives as long as any window, so no window leads.
 */

interface Shared {
  readonly ports: Set<MessagePort>;
  readonly state: StreamState;
  heardAt: number;
  /** While the server does not answer. */
  problem: StreamMessage | null;
  stop(): void;
}

const aliveMs = 5_000;

/** By path and signed-in key: a browser has one session at a time, and windows of an earlier one may still be open. */
const streams = new Map<string, Shared>();

function join(port: MessagePort, path: string, who: string): void {
  leave(port);
  const key = `${who} ${path}`;
  const shared = streams.get(key) ?? start(key, path);
  shared.ports.add(port);
  const events = shared.state.replay();
  if (events.length > 0) port.postMessage({ type: 'events', events, heardAt: shared.heardAt } satisfies StreamMessage);
  if (shared.problem) port.postMessage(shared.problem);
}

function start(key: string, path: string): Shared {
  const shared: Shared = {
    ports: new Set(),
    state: new StreamState(),
    heardAt: 0,
    problem: null,
    stop: followStream(path, (message) => {
      if (message.type === 'events') {
        for (const event of message.events) shared.state.take(event);
        shared.heardAt = message.heardAt;
      }
      shared.problem = message.type === 'problem' ? message : null;
      for (const port of shared.ports) port.postMessage(message);
      // The next window that opens it asks again.
      if (message.type === 'problem' && message.isOver && streams.get(key) === shared) streams.delete(key);
    }),
  };
  streams.set(key, shared);
  return shared;
}

function leave(port: MessagePort): void {
  for (const [key, shared] of streams) {
    if (!shared.ports.delete(port) || shared.ports.size > 0) continue;
    shared.stop();
    streams.delete(key);
  }
}

addEventListener('connect', (event) => {
  const [port] = 'ports' in event && Array.isArray(event.ports) ? (event.ports as readonly MessagePort[]) : [];
  if (!port) return;
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    const { path, who } = isRecord(data) ? data : {};
    if (typeof path === 'string' && typeof who === 'string') join(port, path, who);
    else leave(port);
  };
  setInterval(() => port.postMessage({ type: 'alive' } satisfies StreamMessage), aliveMs);
});
