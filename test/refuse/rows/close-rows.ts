import { close, frame, opcode, text } from '../clients/frame-client.ts';
import type { FrameRow } from './frame-row.ts';

const { continuation, ping } = opcode;
const validCodes = [
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014],
  ...[3000, 3001, 3999, 4000, 4100, 4200, 4999],
];
const invalidCodes = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 5001, 65_535];
const octets = (hex: string) => Buffer.from(hex, 'hex');

/** Autobahn 7: closing. The server echoes the code and ignores all bytes behind a close frame. */
export const closes: readonly FrameRow[] = [
  { name: 'close without a code', send: [frame(opcode.close)], close: 1005 },
  { name: 'close without a code, in writes of one octet', send: [frame(opcode.close)], isChopped: true, close: 1005 },
  { name: 'close with one octet', send: [frame(opcode.close, '\x03')], close: 1002 },
  ...validCodes.flatMap((code) => [
    { name: `close ${code}`, send: [close(code)], close: code, reason: '' },
    { name: `close ${code} with a reason`, send: [close(code, 'going home')], close: code, reason: 'going home' },
  ]),
  ...invalidCodes.flatMap((code) => [
    { name: `close ${code}`, send: [close(code)], close: 1002 },
    { name: `close ${code} with a reason`, send: [close(code, 'going home')], close: 1002 },
  ]),
  {
    name: 'close with a reason of 123 octets',
    send: [close(1000, '*'.repeat(123))],
    close: 1000,
    reason: '*'.repeat(123),
  },
  { name: 'close with a reason of 124 octets', send: [close(1000, '*'.repeat(124))], close: 1002 },
  { name: 'close with a reason in Arabic', send: [close(1000, 'وداعا')], close: 1000, reason: 'وداعا' },
  ...['ff', 'ceba e1bdb9 cf83 eda080', 'c080', 'f4908080'].map((hex) => ({
    name: `close with a reason that is no text (${hex})`,
    send: [close(1000, octets(hex.replaceAll(' ', '')))],
    close: 1007,
  })),
  { name: 'close in writes of one octet', send: [close(1000, 'bye')], isChopped: true, close: 1000, reason: 'bye' },
  { name: 'close after a message', send: [text('a'), close(1000)], close: 1000 },
  { name: 'close after a ping', send: [frame(ping, 'a'), close(1000)], close: 1000, pongs: ['a'] },
  { name: 'close inside a message', send: [text('a', { isFinal: false }), close(1000)], close: 1000 },
  { name: 'ping behind a close', send: [close(1000), frame(ping, 'not reached')], close: 1000, pongs: [] },
  { name: 'message behind a close', send: [close(1000), text('not reached')], close: 1000 },
  { name: 'second close', send: [close(1000), close(1001)], close: 1000 },
  {
    name: 'continuation behind a close',
    send: [text('a', { isFinal: false }), close(1000), frame(continuation, 'b')],
    close: 1000,
  },
  { name: 'binary behind a close', send: [close(1000), frame(opcode.binary, 'b')], close: 1000 },
  {
    name: 'what breaks the protocol behind a close',
    send: [close(1000), frame(15, 'b', { isMasked: false, reserved: 7 })],
    close: 1000,
  },
  { name: '256 kB behind a close', send: [close(1000), Buffer.alloc(262_144, '*')], close: 1000 },
  {
    name: 'ping behind what breaks the protocol',
    send: [frame(3), frame(ping, 'not reached')],
    close: 1002,
    pongs: [],
  },
];
