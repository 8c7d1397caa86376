import fc from 'fast-check';

/** What parsers trip over, as values in the place of any other. */
const nastyValues: readonly unknown[] = [
  null,
  true,
  -0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  '\0',
  '__proto__',
  'constructor',
  '%',
  '\ud800',
  '\u202e',
  '\u2066',
  '\u{e0041}',
  'e\u0301\u0302\u0303\u0304\u0305',
  '\u2028',
  '\uFEFF',
  'x'.repeat(3_000),
  '👩‍👩‍👧'.repeat(300),
  'https://a@b/',
  'javascript:hit()',
  '9999-12-31T23:59:60Z',
  '1e5',
  [],
  {},
  [[[[[[]]]]]],
  { toString: 1, valueOf: null, length: -1 },
  Array.from({ length: 500 }, () => 'x'),
];

/** A string made of what ordinary ones are not made of. */
export const nastyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60, size: 'max' }),
  fc.string({ unit: 'grapheme', maxLength: 60, size: 'max' }),
  fc.string({
    unit: fc.constantFrom(
      ...['a', 'ب', ' ', '\u00A0', '\t', '\n', '\0', '\u0085', '\u200c', '\u200d', '\u200e', '\u2028'],
      ...['\u202a', '\u202e', '\u2066', '\u2068', '\u2069', '\u0301', '\ud800', '\udc00', '\uFEFF', '\uFFFF'],
      ...['🏴', '\u{E0067}', '\u{E007F}', '👩', '<', '>', '"', "'", '&', '\\', '%', ':', '0', '-'],
    ),
    maxLength: 60,
    size: 'max',
  }),
  fc.constantFrom(...nastyValues.filter((value) => typeof value === 'string')),
);

const hows = ['drop', 'replace', 'insert', 'rename', 'wrap', 'double', 'append'] as const;

const step = fc.record({
  at: fc.nat(),
  how: fc.constantFrom(...hows),
  value: fc.oneof(fc.constantFrom(...nastyValues), nastyText, fc.integer(), fc.double(), fc.jsonValue({ maxDepth: 2 })),
  name: fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', ''),
    fc.string(),
  ),
});

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A value that was valid, up to four changes later; one in eight is left as it was. */
export function mutated(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const steps = fc.oneof(
    { weight: 7, arbitrary: fc.array(step, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant([]) },
  );
  return fc.tuple(valid, steps).map(([value, taken]) => taken.reduce(change, structuredClone(value)));
}

const cut = fc.record({ from: fc.nat(), remove: fc.nat({ max: 4 }), add: nastyText });

/** The text of a value, damaged in up to three places. */
export function mutatedText(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(text, fc.array(cut, { maxLength: 3 })).map(([whole, cuts]) =>
    cuts.reduce((rest, { from, remove, add }) => {
      const at = rest.length === 0 ? 0 : from % (rest.length + 1);
      return rest.slice(0, at) + add + rest.slice(at + remove);
    }, whole),
  );
}

/** JSON that may hold keys which an object literal cannot. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

/** Somewhere in the tree; the root counts. */
function change(root: unknown, { at, how, value: drawn, name }: Step): unknown {
  // A copy: what is drawn twice would change with its twin, or be put into itself.
  const value = structuredClone(drawn);
  const holders: { readonly parent: Record<string, unknown>; readonly key: string }[] = [];
  collect(root, holders);
  const picked = holders.length === 0 ? undefined : holders[at % (holders.length + 1)];
  if (!picked) return how === 'replace' ? value : how === 'wrap' ? [root] : root;
  const { parent, key } = picked;
  const old = parent[key];
  switch (how) {
    case 'drop':
      delete parent[key];
      break;
    case 'replace':
      set(parent, key, value);
      break;
    case 'insert':
      set(parent, name, value);
      break;
    case 'rename':
      delete parent[key];
      set(parent, name, old);
      break;
    case 'wrap':
      set(parent, key, [old]);
      break;
    case 'double':
      set(parent, key, Array.isArray(old) ? [...old, ...old] : [old, old]);
      break;
    case 'append':
      set(parent, key, typeof old === 'string' ? old + String(jsonOf(value)) : value);
      break;
  }
  return root;
}

function collect(value: unknown, into: { parent: Record<string, unknown>; key: string }[]): void {
  if (typeof value !== 'object' || value === null || into.length > 200) return;
  for (const key of Object.keys(value)) {
    const parent = value as Record<string, unknown>;
    into.push({ parent, key });
    collect(parent[key], into);
  }
}

/** Defines a key as JSON.parse does, also `__proto__`. A name is no key of an array: there the value becomes a new element. */
function set(parent: Record<string, unknown>, key: string, value: unknown): void {
  if (Array.isArray(parent) && !/^\d+$/.test(key)) parent.push(value);
  else Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}
