import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { filterNames, labels, styleNames } from '../../../src/ui/ticker/site-editions.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const matches = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();
const page = read('docs/embed.md');
/** The names in the first column of the table under a heading. */
const tableUnder = (heading: string) => {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const cells = matches(section, /^\| (`[^|]+) \|/gm);
  return cells.flatMap((cell) => matches(cell, /`([^`=]+)(?:=[^`]*)?`/g)).sort();
};

test('the attributes of the ticker are those of its types and of the documentation', () => {
  const typed = matches(
    read('src/ui/ticker/element.ts').split('TickerAttributes {')[1]?.split('\n}')[0] ?? '',
    /readonly '?([\w-]+)'?\?:/g,
  );
  const observed = matches(
    read('src/ui/ticker/breaking-ticker.ts').split('observedAttributes = [')[1]?.split(']')[0] ?? '',
    /'([\w-]+)'/g,
  );
  expect(tableUnder('Attributes')).toEqual(typed);
  // The style sheet alone reads two; the labels are listed elsewhere.
  const own = labels.map((name) => `label-${name}`);
  expect(typed).toEqual([...new Set([...observed, ...filterNames, ...styleNames, ...own, 'theme', 'reserve'])].sort());
});

test('the events of the ticker are those of the documentation, and each is dispatched', () => {
  const typed = matches(read('src/ui/ticker/events.ts'), /readonly '(flashwire:\w+)'/g);
  expect(tableUnder('Events')).toEqual(typed);
  expect(matches(read('src/ui/ticker/breaking-ticker.ts'), /tell\(this, '(flashwire:\w+)'/g)).toEqual(typed);
});

test('the custom properties of the ticker are those of the documentation', () => {
  expect(tableUnder('Custom properties')).toEqual(
    matches(read('src/ui/ticker/ticker.css'), /var\((--flashwire-[\w-]+)/g),
  );
});
