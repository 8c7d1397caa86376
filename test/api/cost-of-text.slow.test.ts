import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { operationsOf } from '../../src/api/openapi/operations.ts';
import type { Operation } from '../../src/api/operation.ts';
import { desk } from '../resources/flashwire.ts';
import { site } from '../resources/site.ts';
import { type RunningApi, startApi } from './start-api.ts';

/** Every text field of every request, at the largest body that is taken, with what costs much to look at. */
let api: RunningApi;

beforeAll(async () => {
  api = await startApi(inject('redisUrl'), { workers: false });
});

afterAll(() => api[Symbol.asyncDispose]());

const mostMs = 20;
const mostBytes = 32_000;

/** Repeated between two letters, so that nothing is trimmed away. */
const nasty = {
  letters: 'x',
  spaces: ' ',
  'no-break spaces': '\u00A0',
  'ideographic spaces': '\u3000',
  'byte order marks': '\uFEFF',
  'combining marks': '\u0301',
  'marks in two orders': '\u0301\u0323',
  'letters with marks': 'e\u0301\u0323',
  jamo: '\u1112\u1161\u11AB',
  isolates: '\u2068',
  'closed isolates': '\u2068\u2069',
  joiners: '\u200D',
  families: '👩\u200D',
  flags: '🇫',
  'tag characters': '🏴\u{E0067}',
  'half surrogates': '\uD83D',
  'line breaks': '\n',
  addresses: 'https://é.',
  subtags: '-a',
  times: '2030-',
} as const;

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The path to every string in a body: names of fields, and 0 for the elements of a list. */
function textFields(schema: JsonSchema, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])] as JsonSchema[];
  const inParts = parts.flatMap((part) => textFields(part, at));
  const inFields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    textFields(field as JsonSchema, [...at, name]),
  );
  const inList = schema.items ? textFields(schema.items as JsonSchema, [...at, 0]) : [];
  return [...(schema.type === 'string' ? [at] : []), ...inParts, ...inFields, ...inList];
}

function bodyWith(path: readonly (string | number)[], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (first === 0) return [bodyWith(rest, value)];
  return { [first]: bodyWith(rest, value) };
}

function largest(unit: string): string {
  const bytes = Buffer.byteLength(JSON.stringify(unit)) - 2;
  return `a${unit.repeat(Math.floor((mostBytes - 200) / bytes))}b`;
}

/**
 * The longest turn of the event loop while this is asked, in ms of processor time: what other processes take of a shared machine is
 * not counted, and wall clock time bounds what threads beside the loop add. Of a few tries the best one counts.
 */
async function longestTurnMs(ask: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 8 && best > mostMs; tries++) {
    let [isOver, longest, before] = [false, 0, clocks()];
    const asked = ask().finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await nextTurn();
      const now = clocks();
      longest = Math.max(longest, Math.min(now.wall - before.wall, now.processor - before.processor));
      before = now;
    }
    await asked;
    best = Math.min(best, longest);
  }
  return best;
}

function clocks(): { readonly wall: number; readonly processor: number } {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), processor: (user + system) / 1_000 };
}

const operations = operationsOf(site).filter(
  (operation): operation is Operation & { readonly body: z.ZodType } => operation.body !== undefined,
);
const fieldsOf = ({ body }: { readonly body: z.ZodType }) =>
  textFields(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }));

test('every field with a text is in the list of this test', () => {
  const found = operations.flatMap((operation) =>
    fieldsOf(operation).map((path) => `${operation.id} ${path.join('/')}`),
  );
  expect(found).toEqual(
    expect.arrayContaining([
      'publish headline',
      'publish topics/0',
      'publish url',
      'publish translationOf/id',
      'correct correction/note',
      'retract reason',
      'retract notice',
      'confirmSources sources/0/name',
      'createKey name',
      'createKey editions/0',
      'turnStop reason',
      'signIn key',
    ]),
  );
});

test.each(operations.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
  'the largest texts of %s hold the event loop for 20 ms at most',
  async (_name, operation) => {
    const needsEdition = operation.parameters?.some(({ name, required }) => name === 'edition' && required);
    const path = `${operation.path.replace(':id', '01JZZZZZZZZZZZZZZZZZZZZZZZ')}${needsEdition ? '?edition=en' : ''}`;
    const ask = (body: unknown) => desk(api.url, operation.method.toUpperCase(), path, body, { 'if-match': '"1"' });
    const slow: string[] = [];
    const measure = async (what: string, body: unknown) => {
      const took = await longestTurnMs(() => ask(body));
      if (took > mostMs) slow.push(`${what}: ${Math.round(took)} ms`);
    };
    for (const field of fieldsOf(operation)) {
      for (const [name, unit] of Object.entries(nasty))
        await measure(`${field.join('/')} of ${name}`, bodyWith(field, largest(unit)));
      if (field.at(-1) !== 0) continue;
      for (const element of ['', 'x', ' \u0301', 0])
        await measure(
          `${field.join('/')}: as many as ${JSON.stringify(element)} as there can be`,
          bodyWith(
            field.slice(0, -1),
            Array.from({ length: Math.floor(mostBytes / (JSON.stringify(element).length + 1)) }, () => element),
          ),
        );
    }
    const names = Array.from({ length: 3_000 }, (_, at) => [`n${at}`, 1]);
    await measure('names that there are not', Object.fromEntries(names));
    expect(slow).toEqual([]);
  },
);
