import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  canaryPrefix,
  channelsOf,
  editionKeys,
  keyPatterns,
  queuePrefix,
  rehearsalPrefix,
  siteKeys,
  trails,
} from '../../../src/log/redis/redis-keys.ts';
import { publishQueue, queueOf, sharedUrgentTag, urgentQueue } from '../../../src/queue/job.ts';

/** Every name with `<>` in place of what it is called with. */
function namesIn(keys: object): readonly string[] {
  return Object.entries(keys)
    .filter(([name]) => name !== 'base')
    .map(([, value]) => (typeof value === 'function' ? value('<>', '<>', '<>') : value));
}

const shared = queueOf(sharedUrgentTag);

const names = [
  ...namesIn(editionKeys('fw', 'en')),
  ...namesIn(siteKeys('fw')),
  ...trails.map((trail) => editionKeys('fw', trail).audit),
  ...trails.map((trail) => editionKeys('fw', trail).meta),
  ...[publishQueue, urgentQueue].map((queue) => `${queuePrefix('fw', 'en')}:${queue}:*`),
  `${queuePrefix('fw', shared.edition)}:${shared.name}:*`,
  keyPatterns(rehearsalPrefix('fw')).all,
  keyPatterns(canaryPrefix('fw')).all,
  channelsOf({ options: { db: 0 } }, 'fw').rollCall,
  channelsOf({ options: { db: 0 } }, 'fw').fleet,
  channelsOf({ options: { db: 0 } }, 'fw').entries('en'),
  channelsOf({ options: { db: 0 } }, 'fw').accepted('en'),
  channelsOf({ options: { db: 0 } }, 'fw').outcomes('en'),
  channelsOf({ options: { db: 0 } }, 'fw').desk,
];

test('ARCHITECTURE.md lists every key and channel of redis-keys.ts, and no other', () => {
  const [, table = ''] =
    /\| key \| content \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(readFileSync('ARCHITECTURE.md', 'utf8')) ?? [];
  const documented = table
    .split('\n')
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
  expect(documented.map((name) => name.replace(/<[^>]*>/g, '<>')).sort()).toEqual([...names].sort());
});

test('redis-keys.ts gives no two keys the same name', () => {
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test('only redis-keys.ts builds the name of a key', () => {
  const files = ['src', 'workers'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('redis-keys.ts'))
      .map((name) => `${folder}/${name}`),
  );
  // `${prefix}:` before the rest of a name; in a sentence a space follows.
  const builds = /\$\{[\w.#]*(?:prefix|base)\}:\S/i;
  expect(files.filter((path) => builds.test(readFileSync(path, 'utf8')))).toEqual([]);
});
