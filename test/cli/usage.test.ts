import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newKeySchema } from '../../src/api/access/api-keys.ts';
import { parseArguments, UsageError } from '../../src/cli/arguments.ts';
import { jsonLine, plain } from '../../src/cli/terminal.ts';
import { formOf, help, namesOf, options, usages } from '../../src/cli/usage.ts';
import { createItemSchemas } from '../../src/item/schema.ts';
import { processRoles } from '../../src/wiring/roles/process.ts';
import { site } from '../resources/site.ts';

const documents = ['README.md', ...readdirSync('docs').map((name) => join('docs', name))].filter((name) =>
  name.endsWith('.md'),
);
const oneLine = (text: string) => text.replace(/\s+/g, ' ');

describe('the table of commands', () => {
  test('the help has every form of the table, and no other', () => {
    const forms = Object.entries(usages).flatMap(([name, all]) =>
      all.filter(({ kind }) => kind !== 'role').map((usage) => `flashwire ${name} ${formOf(usage)}`.trim()),
    );
    for (const form of forms) expect(oneLine(help)).toContain(form);
    const listed = [...help.matchAll(/^flashwire (\S+)/gm)].map(([, name]) => name ?? '');
    expect([...new Set(listed)]).toEqual([...namesOf('desk', 'redis'), namesOf('role').join('|')]);
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(150);
  });

  test('the table has every role and every value that the server accepts', () => {
    const ofTable = Object.entries(usages).flatMap(([name, [first]]) => (first?.kind === 'role' ? [name] : []));
    expect(ofTable).toEqual([...processRoles]);
    expect(options.role.oneOf).toEqual(newKeySchema(['en']).shape.role.options);
    const takes = (fields: object) =>
      createItemSchemas(site).publish.safeParse({ edition: 'en', headline: 'x', ...fields }).success;
    for (const urgency of options.urgency.oneOf) expect(takes({ urgency }), urgency).toBe(true);
    const [least, most] = options.hold.range;
    expect([least - 1, least, most, most + 1].map((holdSeconds) => takes({ holdSeconds }))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test.each([
    ['docs/cli.md', namesOf('desk', 'redis')],
    ['README.md', namesOf('role')],
  ])('the table has the commands of %s', (document, names) => {
    const page = readFileSync(document, 'utf8');
    for (const name of names) expect(page, name).toMatch(new RegExp(`\\b${name}\\b`));
  });

  test.each(documents)('the command line accepts every command of %s', (document) => {
    const text = readFileSync(document, 'utf8');
    const shown = [
      ...text.matchAll(/`(?:npx )?flashwire ([a-z][^`|]*)`/g),
      ...text.matchAll(/^npx flashwire ([^#\n]*)/gm),
    ].map(([, command]) => command ?? '');
    for (const command of shown.filter((one) => !/\.\.$/.test(one.trim()))) {
      const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\$\([^)]*\)|\S)+/g)].map(
        (found) => found[1] ?? found[0],
      );
      const named = namesOf('desk', 'redis').includes(command.trim());
      if (!named) expect(() => parseArguments(words), command).not.toThrow(UsageError);
    }
  });
});

test('a role takes no words and no options', () => {
  for (const role of processRoles) {
    expect(parseArguments([role])).toMatchObject({ kind: 'role', words: [role] });
    for (const extra of ['fanout', '--json', '--port=80', '-p'])
      expect(() => parseArguments([role, extra]), extra).toThrow(UsageError);
  }
});

test('text of other sources stays on one line and does not control a terminal, in every script', () => {
  const text = 'می‌خواهم \u200Fא\u2066b\u2069 👩‍🚒';
  expect(plain`${text}`).toBe(text);
  expect(plain`a ${'\u001b[31m\r\n\u009b\u202e'} b`).toBe('a  [31m  b');
  const data = { text: 'a\u009b\u2028\u202e\u001b\u007f', emoji: '👩‍🚒' };
  expect(jsonLine(data)).toMatch(/^[^\p{Cc}\u2028\u202e]*$/u);
  expect(JSON.parse(jsonLine(data))).toEqual(data);
});
