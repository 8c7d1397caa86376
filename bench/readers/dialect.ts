import { z } from 'zod';

const dialectNames = [
  'flashwire',
  'flashwire-events',
  'flashwire-polls',
  'plain',
  'socket-io',
  'nats',
  'centrifugo',
  'mercure',
  'pusher',
] as const;
export const dialectNameSchema = z.enum(dialectNames);
export type DialectName = z.infer<typeof dialectNameSchema>;

/**
 * How a system that is measured speaks: the same readers follow all of them. What another system carries is the text of a
 * Flashwire frame too, so that the same rule is checked on the same bytes; only the envelope differs.
 */
export interface Dialect {
  /** Frames of RFC 6455 after an upgrade, server-sent events after a 200, or answers to one poll after the other. */
  readonly framing: 'websocket' | 'events' | 'polls';
  /** Sent by the reader once it is upgraded: text or, with `isBinary`, bytes. */
  readonly hello: readonly string[];
  readonly isBinary: boolean;
  /** What the upgrade alone says, as the text of a frame; null where the server has to say it. */
  readonly opening: string | null;
  /** Whether the system may go on in the next message where this one ends in the middle of a frame. */
  readonly mayCut: boolean;
  /** The frames in one message; empty for a message of the system's own protocol. Null: the message cannot be parsed, or is cut off. Called once per distinct message. */
  unwrap(message: string): readonly string[] | null;
}

/** Where readers of a system without positions stand before its first message: as far as Flashwire's log after the usual warm-up, so that numbers are as long. */
export const startSeq = 300;

/** What such a system would say to a reader that is ready. */
const ready = JSON.stringify({
  type: 'snapshot',
  epoch: 'peer',
  seq: startSeq,
  retry: { afterMs: 0, withinMs: 1_000 },
});

/** A sign of life that the system asks for; the reader sends `reply` back as it is. */
const ping = (reply: string) => JSON.stringify({ type: 'ping', reply });

/** The event, subject, channel or topic that carries the messages. */
export const topic = 'flash';

const bare = {
  framing: 'websocket',
  hello: [],
  isBinary: false,
  mayCut: false,
  unwrap: (message: string) => [message],
} as const;

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  flashwire: { ...bare, opening: null },
  'flashwire-events': { ...bare, opening: null, framing: 'events' },
  'flashwire-polls': { ...bare, opening: null, framing: 'polls', unwrap: unwrapPoll },
  plain: { ...bare, opening: ready },
  'socket-io': { ...bare, hello: ['40'], opening: null, unwrap: unwrapSocketIo },
  nats: {
    framing: 'websocket',
    hello: [`CONNECT {"verbose":false,"pedantic":false,"tls_required":false}\r\nSUB ${topic} 1\r\nPING\r\n`],
    isBinary: true,
    opening: null,
    mayCut: true,
    unwrap: unwrapNats,
  },
  centrifugo: {
    ...bare,
    hello: ['{"id":1,"connect":{}}', `{"id":2,"subscribe":{"channel":"${topic}"}}`],
    opening: null,
    unwrap: unwrapCentrifugo,
  },
  mercure: { ...bare, framing: 'events', opening: ready },
  pusher: {
    ...bare,
    hello: [`{"event":"pusher:subscribe","data":{"channel":"${topic}"}}`],
    opening: null,
    unwrap: unwrapPusher,
  },
};

function unwrapPoll(message: string): readonly string[] | null {
  const parsed = pollSchema.safeParse(parseJson(message));
  return parsed.success ? parsed.data.frames.map((frame) => JSON.stringify(frame)) : null;
}

const pollSchema = z.object({ frames: z.array(z.unknown()) });

/** Engine.IO packet types: 0 open, 2 ping, 4 message; in it Socket.IO: 0 connected, 2 event `["name",frame]`. */
function unwrapSocketIo(message: string): readonly string[] | null {
  if (message.startsWith('40')) return [ready];
  if (message === '2') return [ping('3')];
  if (message.startsWith('0')) return [];
  const start = `42["${topic}",`;
  return message.startsWith(start) && message.endsWith(']') ? [message.slice(start.length, -1)] : null;
}

/** Lines of the NATS client protocol; one WebSocket message may hold several. The payloads here have no line break. */
function unwrapNats(message: string): readonly string[] | null {
  const frames: string[] = [];
  const lines = message.split('\r\n');
  if (lines.pop() !== '') return null;
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === 'PONG') frames.push(ready);
    else if (line.startsWith('MSG ')) frames.push(lines.shift() ?? '');
    else if (line === 'PING') frames.push(ping('PONG\r\n'));
    else if (!line.startsWith('INFO ')) return null;
  }
  return frames;
}

/** Replies and publications of Centrifugo's JSON protocol, one a line; an empty one is a ping. */
function unwrapCentrifugo(message: string): readonly string[] | null {
  const frames: string[] = [];
  const [start, end] = [`{"push":{"channel":"${topic}","pub":{"data":`, '}}}'];
  for (const line of message.split('\n').filter(Boolean)) {
    if (line === '{}') frames.push(ping('{}'));
    else if (line.startsWith(start) && line.endsWith(end)) frames.push(line.slice(start.length, -end.length));
    else if (line.startsWith('{"id":2,"subscribe":')) frames.push(ready);
    else if (!line.startsWith('{"id":1,"connect":')) return null;
  }
  return frames;
}

/** Channels 7 of Pusher, which Sockudo speaks: the payload is text within the JSON. */
function unwrapPusher(message: string): readonly string[] | null {
  const parsed = pusherSchema.safeParse(parseJson(message));
  if (!parsed.success) return null;
  const { event, data } = parsed.data;
  if (event === topic) return data === undefined ? null : [data];
  if (event === 'pusher_internal:subscription_succeeded') return [ready];
  if (event === 'pusher:ping') return [ping('{"event":"pusher:pong","data":{}}')];
  return event === 'pusher:connection_established' ? [] : null;
}

const pusherSchema = z.object({ event: z.string(), data: z.string().optional().catch(undefined) });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut off or not of this protocol: the schema refuses undefined.
    return undefined;
  }
}

/** Bytes of a frame over several messages; beyond that it is none. */
export const maxCut = 64 * 1024;
