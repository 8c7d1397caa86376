/** How a transport puts JSON text on its wire. Sweep and readers treat the bytes as opaque. */
export interface Framing {
  readonly kind: string;
  /** `position` is the client's position after this text; empty if it does not change. */
  frame(type: string, position: string, json: string): Buffer;
  /** Asks the client for a sign of life. Sent in one write with a beat. */
  readonly ping: Buffer;
}

const textFrame = 0x81;

/** Whole server frames of RFC 6455 5.2: not masked, not fragmented, not compressed. */
export const wsFraming: Framing = {
  kind: 'ws',
  ping: Buffer.from([0x89, 0x00]),
  frame: (_type, _position, json) => {
    const length = Buffer.byteLength(json);
    const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    const bytes = Buffer.allocUnsafe(header + length);
    bytes[0] = textFrame;
    if (header === 2) bytes[1] = length;
    if (header === 4) {
      bytes[1] = 126;
      bytes.writeUInt16BE(length, 2);
    }
    if (header === 10) {
      bytes[1] = 127;
      bytes.writeBigUInt64BE(BigInt(length), 2);
    }
    bytes.write(json, header);
    return bytes;
  },
};

/** An event of a `text/event-stream`. The position is its id, so that a browser sends it automatically when it reconnects. */
export const sseFraming: Framing = {
  kind: 'sse',
  // The stream has no ping. A beat is an event, which keeps proxies from closing the stream.
  ping: Buffer.alloc(0),
  frame: (type, position, json) =>
    Buffer.from(`event: ${type}\n${position === '' ? '' : `id: ${position}\n`}data: ${json}\n\n`),
};

/** A frame in the list of a poll's answer. The endpoint cuts off the last comma. */
export const pollFraming: Framing = {
  kind: 'poll',
  ping: Buffer.alloc(0),
  frame: (_type, _position, json) => Buffer.from(`${json},`),
};
