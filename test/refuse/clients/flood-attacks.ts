import { deflateRawSync } from 'node:zlib';
import { type FrameClient, frame, handshake, opcode, text } from './frame-client.ts';

/** What one attacker does on its connection until it is cut, or to the end if it is not cut. */
export interface Attack {
  readonly name: string;
  readonly headers?: readonly string[];
  /** Reads nothing that the server sends, not even the close frame. */
  readonly isDeaf?: boolean;
  attack(client: FrameClient): Promise<void>;
  /**
   * Close codes that it may end with; empty: it is held, and stays. null: the connection just ends, as it does at the
   * seventeenth ping that came in one piece.
   */
  readonly endsWith: readonly (number | null)[];
}

const { continuation, ping, pong } = opcode;
const open = { isFinal: false };
const bomb = deflateRawSync(Buffer.alloc(100_000_000));

/** Sends the same bytes repeatedly, once per turn of the event loop, until the server cuts it. */
function again(bytes: Buffer, most: number) {
  return async (client: FrameClient) => {
    for (let n = 0; n < most && !client.isEnded && client.closeCode === null; n++) {
      client.send(bytes);
      if (client.socket.writableNeedDrain) await turn();
      await turn();
    }
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Rows 31-35: frames that cost the server more than their size suggests. */
export const attacks: readonly Attack[] = [
  {
    name: 'a length of 2^63 - 1',
    attack: async (client) => client.send(text('', { declared: 2n ** 63n - 1n }), Buffer.alloc(65_536)),
    endsWith: [1009],
  },
  {
    name: 'fragments of one octet that never end',
    attack: async (client) => {
      client.send(text('a', open));
      await again(frame(continuation, 'a', open), 1_000)(client);
    },
    endsWith: [1008],
  },
  {
    name: 'empty fragments that never end',
    attack: async (client) => {
      client.send(text('', open));
      await again(frame(continuation, '', open), 1_000)(client);
    },
    endsWith: [1008],
  },
  {
    name: 'a frame of 4,000 octets, one octet a write',
    attack: async (client) => {
      client.send(text('', { declared: 4_000n }));
      await again(Buffer.from('a'), 3_000)(client);
    },
    endsWith: [1008],
  },
  {
    name: 'a message of fifteen fragments, each behind pongs, that is never finished',
    attack: async (client) => {
      for (let n = 0; n < 15; n++) {
        client.send(...Array.from({ length: 6 }, () => frame(pong, Buffer.alloc(125))));
        client.send(frame(n === 0 ? opcode.text : continuation, 'a', open));
        await turn();
      }
    },
    endsWith: [],
  },
  { name: 'pings without end', attack: again(frame(ping, Buffer.alloc(125)), 20_000), endsWith: [4103, null] },
  {
    name: 'pings without end, and no pong is read',
    isDeaf: true,
    attack: again(Buffer.concat(Array.from({ length: 5 }, () => frame(ping, Buffer.alloc(125)))), 2_000),
    endsWith: [null],
  },
  {
    name: 'a thousand pings in one write',
    attack: async (client) => client.send(...Array.from({ length: 1_000 }, () => frame(ping, Buffer.alloc(125)))),
    endsWith: [null, 4103],
  },
  { name: 'pongs without end', attack: again(frame(pong, Buffer.alloc(125)), 20_000), endsWith: [4103] },
  { name: 'messages without end', attack: again(text('a'.repeat(4_000)), 1_000), endsWith: [4103] },
  { name: 'binary without end', attack: again(frame(opcode.binary, 'a'.repeat(4_000)), 1_000), endsWith: [1003] },
  {
    name: '100 MB of zeros in 97 kB, compressed as was offered and not taken',
    headers: ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'],
    attack: async (client) => client.send(text(bomb, { reserved: 4 })),
    endsWith: [1002],
  },
  {
    name: '100 MB of zeros compressed into one message of 4 kB',
    headers: ['Sec-WebSocket-Extensions: permessage-deflate'],
    attack: async (client) => client.send(text(bomb.subarray(0, 4_000), { reserved: 4 })),
    endsWith: [1002],
  },
  {
    name: 'a second handshake behind the first',
    attack: async (client) => client.send(handshake('edition=en'), handshake('edition=en')),
    // G is an opcode that does not exist.
    endsWith: [1002],
  },
  {
    name: 'ten thousand octets that are no frames',
    attack: async (client) => client.send(Buffer.alloc(10_000, 0xff)),
    endsWith: [1002],
  },
];
