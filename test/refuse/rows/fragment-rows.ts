import { close as closing, frame, opcode, text } from '../clients/frame-client.ts';
import type { FrameRow } from './frame-row.ts';

const { continuation, binary, close, ping, pong } = opcode;
const open = { isFinal: false };
const first = text('fragment 1', open);
const more = frame(continuation, 'fragment 2', open);
const last = frame(continuation, 'fragment 3');

function inFragments(count: number): Buffer[] {
  return [
    text('a', { isFinal: count === 1 }),
    ...Array.from({ length: count - 1 }, (_, n) => frame(continuation, 'a', { isFinal: n === count - 2 })),
  ];
}

/** Autobahn 5: fragments. */
export const fragments: readonly FrameRow[] = [
  ...[ping, pong, close].flatMap((code) => [
    {
      name: `control frame ${code} in fragments`,
      send: [frame(code, 'a', open), frame(continuation, 'b')],
      close: 1002,
    },
    { name: `control frame ${code} that is not final, empty`, send: [frame(code, '', open)], close: 1002 },
    {
      name: `control frame ${code} that is not final, inside a message`,
      send: [first, frame(code, '', open)],
      close: 1002,
    },
  ]),
  ...[1, 2, 3, 15, 16].map((count) => ({ name: `text in ${count} fragments`, send: inFragments(count), close: null })),
  ...[17, 18, 100].map((count) => ({ name: `text in ${count} fragments`, send: inFragments(count), close: 1008 })),
  { name: 'text in fragments, in writes of one octet', send: [first, more, last], isChopped: true, close: null },
  {
    name: 'text in empty fragments',
    send: [text('', open), frame(continuation, '', open), frame(continuation)],
    close: null,
  },
  {
    name: 'text with an empty first and last fragment',
    send: [text('', open), more, frame(continuation)],
    close: null,
  },
  {
    name: 'seventeen empty fragments',
    send: [text('', open), ...Array.from({ length: 16 }, () => frame(continuation, '', open))],
    close: 1008,
  },
  {
    name: 'a message in sixteen fragments after one in sixteen',
    send: [...inFragments(16), ...inFragments(16)],
    close: null,
  },
  { name: 'binary in two fragments', send: [frame(binary, 'a', open), frame(continuation, 'b')], close: 1003 },
  {
    name: 'ping between fragments',
    send: [first, frame(ping, 'in between'), last],
    close: null,
    pongs: ['in between'],
  },
  {
    name: 'ping between fragments, in writes of one octet',
    send: [first, frame(ping, 'in between'), last],
    isChopped: true,
    close: null,
    pongs: ['in between'],
  },
  {
    name: 'pings between all fragments',
    send: [first, frame(ping, '1'), more, frame(ping, '2'), last, frame(ping, '3')],
    close: null,
    pongs: ['1', '2', '3'],
  },
  { name: 'pong between fragments', send: [first, frame(pong, 'in between'), last], close: null, pongs: [] },
  { name: 'close between fragments', send: [first, closing(1000), last], close: 1000 },
  ...[true, false].flatMap((isFinal) => [
    {
      name: `continuation of nothing, ${isFinal ? '' : 'not '}final`,
      send: [frame(continuation, 'a', { isFinal })],
      close: 1002,
    },
    {
      name: `continuation of nothing, ${isFinal ? '' : 'not '}final, then a message`,
      send: [frame(continuation, '', { isFinal }), text('a'), frame(ping, 'not reached')],
      close: 1002,
      pongs: [],
    },
    {
      name: `continuation after a message has ended, ${isFinal ? '' : 'not '}final`,
      send: [first, last, frame(continuation, 'a', { isFinal })],
      close: 1002,
    },
    ...[opcode.text, binary].flatMap((code) => [
      {
        name: `message ${code} inside a message, ${isFinal ? '' : 'not '}final`,
        send: [first, frame(code, 'a', { isFinal })],
        close: 1002,
      },
      {
        name: `message ${code} inside a message after a ping, ${isFinal ? '' : 'not '}final`,
        send: [first, frame(ping, 'b'), frame(code, 'a', { isFinal }), last],
        close: 1002,
        pongs: ['b'],
      },
    ]),
  ]),
];
