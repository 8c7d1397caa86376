import { randomBytes } from 'node:crypto';
import type { Knowledge } from './message.ts';

/**
 * One thing that an attacker does on one connection, again and again. `ask` sends its requests in one write and waits for all
 * answers; `follow` opens a feed, hears its first bytes and cuts it after `holdMs`; `deaf` sends far more than it will ever read;
 * `silent` says nothing.
 */
export type Lane = { readonly name: string } & (
  | { readonly type: 'ask'; readonly atOnce: number; path(random: Random, known: Knowledge): string }
  | { readonly type: 'follow'; readonly holdMs: number; path(random: Random, known: Knowledge): string }
  | { readonly type: 'deaf'; readonly atOnce: number; path(random: Random, known: Knowledge): string }
  | { readonly type: 'silent' }
);

export interface Random {
  /** A whole number below `most`. */
  below(most: number): number;
  /** A word that nobody has used before. */
  word(): string;
  /** An id that an item could have. */
  id(): string;
  of<T>(values: readonly T[]): T | undefined;
}

const sections = ['politics', 'economy', 'sports', 'arts-culture', 'health', 'miscellaneous', 'technology'];
const regions = ['africa', 'asia', 'europe', 'latin-america', 'mena', 'us-canada'];
const urgencies = ['flash', 'urgent', 'update'];
const tooFar = 99_999_999;

/** As many as the connections of an attacker; more connections take them round and round. */
export const lanes: readonly Lane[] = [
  {
    name: 'polls ahead of the log',
    type: 'ask',
    atOnce: 1,
    path: (random, known) => `${feed('.poll', known)}&wait=0&since=${ahead(random, known)}`,
  },
  {
    name: 'streams ahead of the log',
    type: 'follow',
    holdMs: 50,
    path: (random, known) => `${feed(random.of(['', '.sse']) ?? '', known)}&since=${ahead(random, known)}`,
  },
  {
    name: 'polls with invented topics',
    type: 'ask',
    atOnce: 16,
    path: (random, known) => `${feed('.poll', known)}&topic=${random.word()}&wait=0`,
  },
  {
    name: 'streams with invented topics',
    type: 'follow',
    holdMs: 50,
    path: (random, known) => `${feed(random.of(['', '.sse']) ?? '', known)}&topic=${random.word()}&limit=50`,
  },
  {
    name: 'resumes at any position',
    type: 'ask',
    atOnce: 4,
    path: (random, known) =>
      `${feed('.poll', known)}&wait=0&limit=${limit(random)}&since=${known.epoch}:${random.below(known.head)}${filter(random)}`,
  },
  {
    name: 'snapshots through any filter',
    type: 'ask',
    atOnce: 1,
    path: (random, known) => `${feed('.json', known)}&limit=${limit(random)}${filter(random)}`,
  },
  {
    name: 'sixteen requests at once',
    type: 'ask',
    atOnce: 16,
    path: (_, known) => `${feed('.json', known)}&limit=50`,
  },
  {
    name: 'requests whose answers are not read',
    type: 'deaf',
    atOnce: 2_000,
    path: (_, known) => `${feed('.json', known)}&limit=50`,
  },
  {
    name: 'items that nobody knows',
    type: 'ask',
    atOnce: 1,
    path: (random) => `${random.of(['/v1/feed/items', '/item'])}/${random.id()}`,
  },
  {
    name: 'items that everybody knows',
    type: 'ask',
    atOnce: 1,
    path: (random, { shown }) => `${random.of(['/v1/feed/items', '/item'])}/${random.of(shown)}`,
  },
  {
    name: 'quiet polls',
    type: 'ask',
    atOnce: 16,
    path: (random, known) =>
      `${feed('.poll', known)}&since=${known.epoch}:${known.head}&wait=1&section=sports&topic=${random.word()}`,
  },
  {
    name: 'items that were withdrawn',
    type: 'ask',
    atOnce: 1,
    path: (random, { withdrawn }) => `${random.of(['/v1/feed/items', '/item'])}/${random.of(withdrawn)}`,
  },
  {
    name: 'pages of older items',
    type: 'ask',
    atOnce: 1,
    path: (random, { edition, head }) =>
      `${random.of(['/live', `/section`])}/${edition}?before=${1 + random.below(head)}`.replace(
        `/section/${edition}`,
        `/section/${edition}/miscellaneous`,
      ),
  },
  {
    name: 'older items through any filter',
    type: 'ask',
    atOnce: 1,
    path: (random, known) =>
      `${feed('/history', known)}&limit=50&before=${1 + random.below(known.head)}&topic=${random.word()}`,
  },
  {
    name: 'parameters that are wrong or mean nothing',
    type: 'ask',
    atOnce: 1,
    path: (random, known) => oddPath(random, known),
  },
  { name: 'connections that say nothing', type: 'silent' },
];

/** Repeats for one seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (most: number) => Math.floor(next() * most);
  const letters = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[below(alphabet.length)]).join('');
  const own = randomBytes(3).toString('hex');
  return {
    below,
    word: () => `${own}-${letters('abcdefghijklmnopqrstuvwxyz', 8)}`,
    id: () => `01M8${letters('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 22)}`,
    of: (values) => values[below(values.length)],
  };
}

function feed(kind: string, { edition }: Knowledge): string {
  return `/v1/feed${kind}?edition=${edition}`;
}

function ahead(random: Random, { epoch }: Knowledge): string {
  return random.of([
    `${epoch}:${tooFar}`,
    `${epoch}:${tooFar + random.below(1_000)}:00000000`,
    `${epoch}-1:${tooFar}`,
    `${random.word().slice(0, 8)}:${tooFar}`,
  ]) as string;
}

function limit(random: Random): number {
  return random.below(2) === 0 ? 20 : 50;
}

/** One or two of everything that can be asked for. */
function filter(random: Random): string {
  return Object.entries({ section: sections, region: regions, urgency: urgencies })
    .flatMap(([name, values]) => Array.from({ length: random.below(3) }, () => `&${name}=${random.of(values)}`))
    .join('');
}

function oddPath(random: Random, { edition }: Knowledge): string {
  const word = random.word();
  return random.of([
    `/v1/feed.json?edition=${edition}${Array.from({ length: 100 }, (_, i) => `&section=${word}${i}`).join('')}`,
    `/v1/feed.json?edition=${edition}&utm_source=${word}`,
    `/v1/feed.poll?edition=${edition}&wait=${word}`,
    `/v1/feed.json?edition=${word}`,
    `/feeds/${edition}.rss?utm_source=${word}`,
    `/feeds/${edition}.atom?topic=${word}&section=sports`,
    `/feeds/${edition}.json?section=${word}`,
    `/feeds/${edition}.rss?section=politics&region=europe&limit=${word}`,
    `/live/${edition}?utm_source=${word}`,
    `/topic/${edition}/${word}`,
    `/${word}`,
  ]) as string;
}
