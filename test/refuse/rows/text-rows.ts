import { frame, opcode, text } from '../clients/frame-client.ts';
import type { FrameRow } from './frame-row.ts';

const { continuation, ping } = opcode;
const octets = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** One message whole, cut after each octet, and each octet in a write of its own. */
function threeWays(name: string, payload: Buffer, close: number | null): FrameRow[] {
  const parts = [...payload].map((octet, index) =>
    frame(index === 0 ? opcode.text : continuation, Buffer.from([octet]), { isFinal: index === payload.length - 1 }),
  );
  return [
    { name, send: [text(payload)], close },
    // A message has sixteen fragments at most.
    ...(payload.length > 1 && payload.length <= 16
      ? [{ name: `${name}, cut between octets`, send: parts, close }]
      : []),
    { name: `${name}, in writes of one octet`, send: [text(payload)], isChopped: true, close },
  ];
}

const valid = [
  'Hello-µ@ßöäüàá-UTF-8!!',
  'κόσμε',
  'אבג ابت אבג',
  '👩‍🚒🇪🇸',
  '\u0000',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\ufffd',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
  '\ufeffwith a byte order mark',
  ...Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x1_0000 + 0xfffe)),
];

const invalid: readonly (readonly [string, string])[] = [
  ['a surrogate in the middle', 'ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64'],
  ['a code point beyond the last', 'f4 90 80 80'],
  ['far beyond the last', 'f7 bf bf bf'],
  ['five octets', 'f8 88 80 80 80'],
  ['six octets', 'fc 84 80 80 80 80'],
  ['fe', 'fe'],
  ['ff', 'ff'],
  ['fe fe ff ff', 'fe fe ff ff'],
  ...Array.from({ length: 8 }, (_, n) => ['continuations only', '80 bf '.repeat(n + 1)] as const),
  ['the first continuation', '80'],
  ['the last continuation', 'bf'],
  ...['c2', 'df', 'e0 a0', 'ef bf', 'f0 90 80', 'f4 8f bf'].map((hex) => [`cut short: ${hex}`, hex] as const),
  ...['c2', 'e1', 'f1'].map((hex) => [`${hex} before a space`, `${hex} 20`] as const),
  ['several cut short', 'c2 e0 80 f0 80 80 df ef bf f7 bf bf'],
  ['a slash in two octets', 'c0 af'],
  ['a slash in three octets', 'e0 80 af'],
  ['a slash in four octets', 'f0 80 80 af'],
  ['nothing in two octets', 'c0 80'],
  ['7f in two octets', 'c1 bf'],
  ['7ff in three octets', 'e0 9f bf'],
  ['ffff in four octets', 'f0 8f bf bf'],
  ...['a0 80', 'ad bf', 'ae 80', 'af bf', 'b0 80', 'be 80', 'bf bf'].map(
    (low) => [`surrogate ed ${low}`, `ed ${low}`] as const,
  ),
  ['a pair of surrogates', 'ed a0 80 ed b0 80'],
  ['the last pair of surrogates', 'ed af bf ed bf bf'],
];

/** Autobahn 6: text is UTF-8, wherever it is fragmented. */
export const texts: readonly FrameRow[] = [
  ...valid.flatMap((word) => threeWays(`"${word}"`, Buffer.from(word), null)),
  ...invalid.flatMap(([name, hex]) => threeWays(`${name} (${hex.trim()})`, octets(hex), 1007)),
  {
    name: 'a code point cut by a ping',
    send: [text(octets('ce'), { isFinal: false }), frame(ping, 'p'), frame(continuation, octets('ba'))],
    close: null,
    pongs: ['p'],
  },
  {
    name: 'a code point cut by an empty fragment',
    send: [
      text(octets('f0 9f'), { isFinal: false }),
      frame(continuation, '', { isFinal: false }),
      frame(continuation, octets('91 a9')),
    ],
    close: null,
  },
  {
    // ws checks a text once it is complete, at most 4 KiB.
    name: 'invalid text is found at the end of its message, not before',
    send: [text(octets('f4 90 80 80'), { isFinal: false }), frame(ping, 'p'), frame(continuation, 'a')],
    close: 1007,
    pongs: ['p'],
  },
  {
    name: 'a good message, then an invalid one',
    send: [text('good'), text(octets('ff')), frame(ping, 'not reached')],
    close: 1007,
    pongs: [],
  },
  {
    name: 'ping and pong need not be text',
    send: [frame(ping, octets('ff fe')), frame(opcode.pong, octets('c0 80'))],
    close: null,
    pongs: [octets('ff fe')],
  },
];
