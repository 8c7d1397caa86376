import { frame, opcode, text } from '../clients/frame-client.ts';
import type { FrameRow } from './frame-row.ts';

const { continuation, binary, close, ping, pong } = opcode;
/** A client may send 4 KiB per message. */
const largest = 4_096;
const allowed = [0, 1, 124, 125, 126, 127, 128, 4_095, largest];
const tooLarge = [largest + 1, 65_535, 65_536, 1_048_576];
const filled = (length: number) => Buffer.alloc(length, '*');

/** Autobahn 1: lengths. */
export const lengths: readonly FrameRow[] = [
  ...allowed.map((length) => ({ name: `text of ${length}`, send: [text(filled(length))], close: null })),
  ...tooLarge.map((length) => ({ name: `text of ${length}`, send: [text(filled(length))], close: 1009 })),
  ...allowed.map((length) => ({ name: `binary of ${length}`, send: [frame(binary, filled(length))], close: 1003 })),
  ...tooLarge.map((length) => ({ name: `binary of ${length}`, send: [frame(binary, filled(length))], close: 1009 })),
  ...[0, 1, 60].map((length) => ({
    name: `text of ${length} in writes of one octet`,
    send: [text(filled(length))],
    isChopped: true,
    close: null,
  })),
  ...[0, 1, 60].map((length) => ({
    name: `binary of ${length} in writes of one octet`,
    send: [frame(binary, filled(length))],
    isChopped: true,
    close: 1003,
  })),
  ...[0, 5, 125].flatMap((length) =>
    ([2, 8] as const).map((lengthBytes) => ({
      name: `text of ${length} with a length of ${lengthBytes} octets, longer than it need be`,
      send: [text(filled(length), { lengthBytes })],
      close: null,
    })),
  ),
  { name: 'text masked with zeros', send: [text('hello', { mask: [0, 0, 0, 0] })], close: null },
  { name: 'ten messages in one write', send: Array.from({ length: 10 }, (_, n) => text(`${n}`)), close: null },
  { name: 'ten empty messages', send: Array.from({ length: 10 }, () => text('')), close: null },
  { name: 'eleven messages', send: Array.from({ length: 11 }, (_, n) => text(`${n}`)), close: 4103 },
];

/** Lengths that are only declared: the server does not wait for the announced bytes. */
export const declared: readonly FrameRow[] = [
  ...[
    4_097n,
    65_535n,
    65_536n,
    2n ** 31n - 1n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 62n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 63n + 5n,
    2n ** 64n - 1n,
  ].flatMap((length) =>
    [opcode.text, binary].map((code) => ({
      name: `${code === binary ? 'binary' : 'text'} that declares ${length} and sends nothing`,
      send: [frame(code, '', { declared: length })],
      close: 1009,
    })),
  ),
  {
    name: 'fragments that together declare more than a message may have',
    send: [text(filled(4_000), { isFinal: false }), frame(continuation, '', { declared: 97n })],
    close: 1009,
  },
  {
    name: 'fragments that together have as much as a message may have',
    send: [text(filled(4_000), { isFinal: false }), frame(continuation, filled(96))],
    close: null,
  },
  ...[ping, pong, close].flatMap((code) =>
    [126n, 127n, 65_535n, 65_536n, 2n ** 63n].map((length) => ({
      name: `control frame ${code} that declares ${length}`,
      send: [frame(code, '', { declared: length })],
      close: 1002,
    })),
  ),
];

const everything = Buffer.from(Array.from({ length: 125 }, (_, index) => (index * 37) & 0xff));
const tenPings = Array.from({ length: 10 }, (_, n) => `ping ${n}`);

/** Autobahn 2: pings and pongs. */
export const pings: readonly FrameRow[] = [
  { name: 'ping without payload', send: [frame(ping)], close: null, pongs: [''] },
  { name: 'ping with a word', send: [frame(ping, 'hello')], close: null, pongs: ['hello'] },
  {
    name: 'ping with octets that are no text',
    send: [frame(ping, Buffer.from('00fffefdfcfb00ff', 'hex'))],
    close: null,
    pongs: [Buffer.from('00fffefdfcfb00ff', 'hex')],
  },
  { name: 'ping of 125', send: [frame(ping, everything)], close: null, pongs: [everything] },
  { name: 'ping of 126', send: [frame(ping, filled(126))], close: 1002, pongs: [] },
  {
    name: 'ping of 60 in writes of one octet',
    send: [frame(ping, filled(60))],
    isChopped: true,
    close: null,
    pongs: [filled(60)],
  },
  { name: 'pong that nobody asked for', send: [frame(pong)], close: null, pongs: [] },
  { name: 'pong with payload that nobody asked for', send: [frame(pong, 'hello')], close: null, pongs: [] },
  { name: 'pong of 125', send: [frame(pong, everything)], close: null, pongs: [] },
  { name: 'pong of 126', send: [frame(pong, filled(126))], close: 1002, pongs: [] },
  {
    name: 'pong, then ping',
    send: [frame(pong, 'unasked'), frame(ping, 'asked')],
    close: null,
    pongs: ['asked'],
  },
  { name: 'ten pings at once', send: tenPings.map((word) => frame(ping, word)), close: null, pongs: tenPings },
  {
    name: 'ten pings in writes of one octet',
    send: tenPings.map((word) => frame(ping, word)),
    isChopped: true,
    close: null,
    pongs: tenPings,
  },
  ...[ping, pong].map((code) => ({
    name: `control frame ${code} of 125 with a length of two octets, longer than it need be`,
    send: [frame(code, everything, { lengthBytes: 2 })],
    close: 1002,
    pongs: [],
  })),
];

const every: readonly (readonly [string, number])[] = Object.entries(opcode);

/** Autobahn 3: reserved bits. */
export const reservedBits: readonly FrameRow[] = every.flatMap(([name, code]) =>
  [1, 2, 3, 4, 5, 6, 7].flatMap((reserved) => [
    {
      name: `${name} with reserved bits ${reserved}`,
      send: [
        ...(code === continuation ? [text('a', { isFinal: false })] : []),
        frame(code, '', { reserved }),
        frame(ping, 'not reached'),
      ],
      close: 1002,
      pongs: [],
    },
    {
      name: `${name} with payload and reserved bits ${reserved}, after a message and a ping`,
      send: [
        text('a'),
        frame(ping, 'b'),
        ...(code === continuation ? [text('a', { isFinal: false })] : []),
        frame(code, 'payload', { reserved }),
      ],
      close: 1002,
      pongs: ['b'],
    },
  ]),
);

const unknown = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

/** Autobahn 4: reserved opcodes. */
export const reservedOpcodes: readonly FrameRow[] = unknown.flatMap((code) => [
  { name: `opcode ${code}`, send: [frame(code)], close: 1002 },
  { name: `opcode ${code} with payload`, send: [frame(code, 'payload')], close: 1002 },
  {
    name: `opcode ${code} after a message, before a ping`,
    send: [text('a'), frame(code, 'payload'), frame(ping, 'not reached')],
    close: 1002,
    pongs: [],
  },
  { name: `opcode ${code} that is not final`, send: [frame(code, 'payload', { isFinal: false })], close: 1002 },
  {
    name: `opcode ${code} inside a message`,
    send: [text('a', { isFinal: false }), frame(code, 'payload'), frame(continuation, 'b')],
    close: 1002,
  },
]);

/** RFC 6455 5.1: client frames are masked. */
export const unmasked: readonly FrameRow[] = every.flatMap(([name, code]) =>
  ['', 'payload'].map((payload) => ({
    name: `${name}${payload && ' with payload'}, not masked`,
    send: [
      ...(code === continuation ? [text('a', { isFinal: false })] : []),
      frame(code, payload, { isMasked: false }),
    ],
    close: 1002,
    pongs: [],
  })),
);
