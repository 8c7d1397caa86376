import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseJsonFile } from '../../src/wiring/json-file.ts';
import { readSite } from '../../src/wiring/site-file.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'json-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

const faultIn = (text: string) => {
  try {
    parseJsonFile(text);
    return '';
  } catch (error) {
    return String(error);
  }
};

describe('a JSON file', () => {
  test.each([
    ['a comma that is missing', '{\n  "name": "Le Quai"\n  "logo": 1\n}', /^Error: line 3, column 3: Expected ','/],
    ['a comma too many', '{\n  "name": 1,\n}', /^Error: line 3, column 1: /],
    [
      'quotes of another kind',
      `{\n  "site": { "name": 'Le Quai' }\n}`,
      /^Error: line 2, column 21: Unexpected token '''$/,
    ],
    ['a word', '[\n  1,\n  tru,\n  2\n]', /^Error: line 3, column 6: Unexpected token ','$/],
    ['a line break in a string', '{\r\n"name": "Le\r\nQuai"}', /^Error: line 2, column 12: /],
    ['an end too early', '{\n  "name":\n', /^Error: line 3, column 1: Unexpected end of JSON input$/],
    ['a text behind the end', '{}\n{}', /^Error: line 2, column 1: /],
    ['nothing', '', /^Error: line 1, column 1: Unexpected end of JSON input$/],
  ])('with a fault has its line and column: %s', (_name, text, fault) => {
    expect(faultIn(text)).toMatch(fault);
  });

  test('without a fault is its value, and what is put into it is found where it stands', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), (json, seed) => {
        expect(parseJsonFile(json)).toEqual(JSON.parse(json));
        const text = JSON.stringify([JSON.parse(json), 1], null, 2);
        const lines = text.split('\n');
        // Behind the end of a line there is no string.
        const at = seed % lines.length;
        const broken = lines.map((line, of) => (of === at ? `${line}@` : line)).join('\n');
        expect(faultIn(broken)).toMatch(`Error: line ${at + 1}, column ${(lines[at] ?? '').length + 1}: `);
      }),
    );
  });

  test('a site file with a fault is one line with the file, the line and the column', async () => {
    const path = join(folder, 'site.json');
    await writeFile(path, '{\n  "editions": [}\n}');
    expect(() => readSite(path)).toThrow(`FLASHWIRE_CONFIG: ${path}: line 2, column 16: Unexpected token '}'`);
  });
});
