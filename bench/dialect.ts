import { z } from 'zod';

export const dialectNames = ['flashwire', 'plain', 'socket-io', 'nats'] as const;
export const dialectNameSchema = z.enum(dialectNames);
export type DialectName = z.infer<typeof dialectNameSchema>;

/**
 * How a system that is measured speaks: the same readers follow all of them. What another system carries is the text of a
 * Flashwire frame too, so that the same rule is checked on the same bytes; only the envelope differs.
 */
export interface Dialect {
  /** Sent by the reader once it is upgraded: text or, with `isBinary`, bytes. */
  readonly hello: readonly string[];
  readonly isBinary: boolean;
  /** What the upgrade alone says, as the text of a frame; null where the server has to say it. */
  readonly opening: string | null;
  /** The frames that one message carries; none for what is the system's own affair. Null: not understood. Called once for each distinct message. */
  unwrap(message: string): readonly string[] | null;
}

/** A system without positions: a reader that is ready has nothing and knows that. */
const ready = JSON.stringify({ type: 'snapshot', epoch: 'peer', seq: 0, retry: { afterMs: 0, withinMs: 1_000 } });

export const socketIoEvent = 'flash';
export const natsSubject = 'flash';

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  flashwire: { hello: [], isBinary: false, opening: null, unwrap: (message) => [message] },
  plain: { hello: [], isBinary: false, opening: ready, unwrap: (message) => [message] },
  'socket-io': { hello: ['40'], isBinary: false, opening: null, unwrap: unwrapSocketIo },
  nats: {
    hello: [`CONNECT {"verbose":false,"pedantic":false,"tls_required":false}\r\nSUB ${natsSubject} 1\r\nPING\r\n`],
    isBinary: true,
    opening: null,
    unwrap: unwrapNats,
  },
};

/** Engine.IO packet types: 0 open, 2 ping, 4 message; in it Socket.IO: 0 connected, 2 event `["name",text]`. */
function unwrapSocketIo(message: string): readonly string[] | null {
  if (message.startsWith('40')) return [ready];
  if (message.startsWith('0') || message.startsWith('2')) return [];
  if (!message.startsWith('42')) return null;
  const event = z.tuple([z.literal(socketIoEvent), z.string()]).safeParse(JSON.parse(message.slice(2)));
  return event.success ? [event.data[1]] : null;
}

/** Lines of the NATS client protocol; one WebSocket message may hold several. The payloads here have no line break. */
function unwrapNats(message: string): readonly string[] | null {
  const frames: string[] = [];
  const lines = message.split('\r\n');
  if (lines.pop() !== '') return null;
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === 'PONG') frames.push(ready);
    else if (line.startsWith('MSG ')) frames.push(lines.shift() ?? '');
    else if (line !== 'PING' && !line.startsWith('INFO ')) return null;
  }
  return frames;
}
