import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { usualFlashesPerMinute, usualFlashMinutes, usualMaxAgeHours } from '../../src/item/site.ts';
import { siteJsonSchema } from '../../src/item/site-schema.ts';
import { parseConfig, variableNames } from '../../src/ops/config.ts';
import { closeCodes } from '../../src/protocol/close-code.ts';
import { parseFrame } from '../../src/protocol/frame-parse.ts';
import { problemTypes } from '../../src/protocol/problem.ts';
import { documents, documentWithTable, isHistory } from './documents.ts';

test('one document lists every variable with its default, and no other', () => {
  const { text } = documentWithTable('| variable | default | meaning |');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`|none) \|/gm)];
  expect(rows.map(([, name]) => name).sort()).toEqual([...variableNames].sort());
  const defaults = parseConfig({});
  for (const [, name, value] of rows) {
    const known = variableNames.find((variable) => variable === name);
    const actual = known && defaults[known];
    expect(String(actual ?? ''), name).toBe(value ?? '');
  }
});

test('one document lists every field of the site file, and no other', () => {
  const schema = siteJsonSchema() as JsonSchema;
  const { sections, regions, topics } = schema.properties ?? {};
  expect([regions, topics]).toEqual([sections, sections]); // so one set of rows describes all three
  const { text } = documentWithTable('| field | default | meaning |');
  const rows = [...text.matchAll(/^\| (`[^|]+`) \| (required|[^|]+) \|/gm)].filter(
    ([, names = '']) => !/^`[A-Z_]+`$/.test(names),
  );
  const listed = rows.flatMap(([, names = '', value = '']) =>
    names.split(', ').map((name) => [name.replaceAll('`', ''), value.trim() === 'required'] as const),
  );
  const fields = fieldsOf(schema).filter(([name]) => !/^(regions|topics)\[/.test(name));
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(fields));
  expect(text).toContain(`| \`editions[].maxAgeHours\` | \`${usualMaxAgeHours}\` |`);
  expect(text).toContain(`| \`editions[].flashMinutes\` | \`${usualFlashMinutes}\` |`);
  expect(text).toContain(`| \`editions[].flashesPerMinute\` | \`${usualFlashesPerMinute}\` |`);
});

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
}

/** The path of every field, and whether it is required. */
function fieldsOf({ properties = {}, required = [] }: JsonSchema, at = ''): readonly (readonly [string, boolean])[] {
  return Object.entries(properties).flatMap(([name, field]) => [
    [at + name, required.includes(name)] as const,
    ...fieldsOf(field.items ?? {}, `${at}${name}[].`),
    ...fieldsOf(field, `${at}${name}.`),
  ]);
}

test('one document lists every close code with its name, and no other', () => {
  const { text } = documentWithTable('| code | name | meaning |');
  const rows = [...text.matchAll(/^\| `(\d{4})` \| (\w+) \|/gm)].map(([, code, name]) => [name, Number(code)]);
  expect(Object.fromEntries(rows)).toEqual(closeCodes);
});

test('one document lists every problem type with its status, and no other', () => {
  const { text } = documentWithTable('| slug | status | what to do |');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm)].map(([, slug, status]) => [slug, Number(status)]);
  const types = Object.entries(problemTypes).map(([slug, { status }]) => [slug, status]);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(types));
});

test('every JSON example parses, and every frame among them is one that the SDK reads', () => {
  const examples = documents.flatMap(({ text }) =>
    [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => json ?? ''),
  );
  expect(examples.length).toBeGreaterThan(6);
  for (const json of examples) {
    const value = JSON.parse(json) as { readonly type?: string };
    if (value.type !== undefined) expect(parseFrame(json), json).toMatchObject({ type: value.type });
  }
});

test('README and CHANGELOG name the same released version', () => {
  const released = /^## \[(\d[^\]]*)\]/m.exec(readFileSync('CHANGELOG.md', 'utf8'))?.[1];
  const landing = /^Version ([\d.]+\d),/m.exec(readFileSync('README.md', 'utf8'))?.[1];
  expect(landing).toBe(released?.replace(/\.\d+$/, ''));
});

const pathPattern =
  /`((?:src|workers|test|torture|bench|docs|deploy|scripts)\/[\w./-]+|(?:flashwire|docker-compose|package)[\w.-]*\.(?:json|yml)|[A-Z]+\.md)`/g;

test.each(documents.filter(({ path }) => !isHistory(path)))('every file that $path names exists', ({ path, text }) => {
  for (const [, file = ''] of text.matchAll(pathPattern)) expect(existsSync(file), `${path}: ${file}`).toBe(true);
});

test('every log line that the runbook quotes is one that the code writes', () => {
  const { text } = documentWithTable('| alert | severity | what it says | runbook |');
  const commands = /^(?:appendfsync|chronyc|info|npx|redis-cli|flashwire) /;
  const ofOthers = ['cannot assign requested address']; // nginx
  const quoted = [...text.matchAll(/`([a-z]+(?: [a-z]+)+)(?: \.\.)?`/g)]
    .map(([, line]) => line ?? '')
    .filter((line) => !commands.test(line) && !ofOthers.includes(line));
  expect(quoted.length).toBeGreaterThan(10);
  const code = ['src', 'workers'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8')),
  );
  expect(quoted.filter((line) => !code.some((file) => file.includes(line)))).toEqual([]);
});

test('SECURITY.md names a test that exists for every control and every promise', () => {
  // Of the tables whose last column is the test.
  const rows = (documents.find(({ path }) => path === 'SECURITY.md')?.text ?? '')
    .split('\n\n')
    .map((block) => block.trim().split('\n'))
    .flatMap(([head, , ...body]) => (head?.endsWith('| test |') ? body : []));
  expect(rows.length).toBeGreaterThanOrEqual(20);
  for (const row of rows) {
    const tests = [...(row.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? '');
    expect(tests.length, row).toBeGreaterThan(0);
    for (const path of tests) {
      expect(path, row).toMatch(/^test\/[\w/-]+(?:\.slow)?\.test\.ts$/);
      expect(existsSync(path), path).toBe(true);
    }
  }
  expect(rows.filter((row) => /^\| P\d/.test(row)).map((row) => row.slice(2, 4))).toEqual(
    Array.from({ length: 7 }, (_, n) => `P${n + 1}`),
  );
});
