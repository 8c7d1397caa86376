import fc from 'fast-check';
import type { CDPSession } from 'playwright-core';

/** A key as a keyboard of one layout sends it: where it is, and the character on it. */
export interface TypedKey {
  readonly code: string;
  readonly text: string;
  readonly isShifted: boolean;
}

const rows = ['QWERTYUIOP', 'ASDFGHJKL', 'ZXCVBNM'].join('');
/** What stands on these keys on an Arabic keyboard (101). */
const arabic = 'ضصثقفغعهخحشسيبلاتنمئءؤرﻻىة';
const keysOf = (letters: string, isShifted = false): readonly TypedKey[] =>
  Array.from(letters).flatMap((text, at) => (rows[at] ? [{ code: `Key${rows[at]}`, text, isShifted }] : []));

const space: TypedKey = { code: 'Space', text: ' ', isShifted: false };
const marks: readonly TypedKey[] = [
  { code: 'Period', text: '.', isShifted: false },
  { code: 'Comma', text: ',', isShifted: false },
  { code: 'Slash', text: '/', isShifted: false },
  { code: 'Slash', text: '?', isShifted: true },
  { code: 'Semicolon', text: ':', isShifted: true },
  ...Array.from('0123456789', (text) => ({ code: `Digit${text}`, text, isShifted: false })),
];

const letters = [...keysOf(rows.toLowerCase()), ...keysOf(rows, true), ...keysOf(arabic)];

/** A text as somebody types it: 1 to 300 keys, mostly letters, in the Latin or the Arabic layout. */
export const typedText: fc.Arbitrary<readonly TypedKey[]> = fc
  .oneof(
    { weight: 6, arbitrary: fc.constant(40) },
    { weight: 2, arbitrary: fc.constant(120) },
    { weight: 1, arbitrary: fc.constant(300) },
  )
  .chain((maxLength) =>
    fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...letters) },
        { weight: 2, arbitrary: fc.constant(space) },
        { weight: 1, arbitrary: fc.constantFrom(...marks) },
      ),
      { minLength: 1, maxLength, size: 'max' },
    ),
  );

export const textOf = (keys: readonly TypedKey[]): string => keys.map(({ text }) => text).join('');

/** Presses the keys one after another, as the browser's own input: with default actions, unlike dispatched events. */
export async function typeKeys(session: CDPSession, keys: readonly TypedKey[]): Promise<void> {
  await Promise.all(
    keys.flatMap(({ code, text, isShifted }) => {
      const key = { key: text, code, windowsVirtualKeyCode: keyCodeOf(code), modifiers: isShifted ? 8 : 0 };
      return [
        session.send('Input.dispatchKeyEvent', { type: 'keyDown', text, ...key }),
        session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key }),
      ];
    }),
  );
}

function keyCodeOf(code: string): number {
  const punctuation: Readonly<Record<string, number>> = {
    Space: 32,
    Period: 190,
    Comma: 188,
    Slash: 191,
    Semicolon: 186,
  };
  return punctuation[code] ?? (code.at(-1) ?? ' ').charCodeAt(0);
}
