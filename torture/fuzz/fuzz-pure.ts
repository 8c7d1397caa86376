import fc from 'fast-check';
import { parseTarget, readFeedQuery } from '../../src/fanout/admission/feed-request.ts';
import { bodyOf, createItemSchemas, facetsOf } from '../../src/item/schema.ts';
import type { Site } from '../../src/item/site.ts';
import { cleanText, countGraphemes, headlineLimits } from '../../src/item/text.ts';
import { ArchiveError, parseLine } from '../../src/log/archive/archive.ts';
import { parseFeedQuery } from '../../src/protocol/feed-query.ts';
import { filterKey, matches } from '../../src/protocol/filter.ts';
import { parseFrame } from '../../src/protocol/frame-parse.ts';
import { isCount } from '../../src/protocol/item-parse.ts';
import { formatPosition, parsePosition } from '../../src/protocol/position.ts';
import { jsonOf, mutated, mutatedText, nastyText } from './mutate.ts';

/** One parser and what must hold for whatever it is given. */
export interface PureTarget {
  readonly name: string;
  /** Its part of the cases. */
  readonly weight: number;
  readonly property: fc.IPropertyWithHooks<[unknown]>;
}

const id = '01M852QEH281X1WTP23FQPMEGN';
const time = '2026-11-23T20:49:31.204Z';

/** A body of POST /v1/items that is accepted as it stands, of an edition that nothing else in the torture writes to. */
export const validBody = fc.record(
  {
    edition: fc.constant('es'),
    headline: fc.constantFrom('El puente abre', 'رئيس الوزراء يستقيل', 'می‌خواهم', 'Talks end: no deal'),
    attribution: fc.constantFrom('AFP', 'Reuters'),
    urgency: fc.constantFrom('flash', 'urgent', 'update'),
    sections: fc.subarray(['politics', 'economy', 'sports']),
    regions: fc.subarray(['europe', 'africa']),
    topics: fc.subarray(['france', 'puente']),
    url: fc.constant('https://news.example/story?x=1'),
    expiresAt: fc.constant('2031-01-31T09:30:00Z'),
    holdSeconds: fc.integer({ min: 0, max: 30 }),
    state: fc.constant('draft'),
    language: fc.constantFrom('es', 'es-MX'),
    dir: fc.constantFrom('ltr', 'rtl'),
  },
  { requiredKeys: ['edition', 'headline'] },
);

const item = {
  ...{ id, version: 1, place: 3, edition: 'en', language: 'en', dir: 'ltr', headline: 'x', urgency: 'flash' },
  ...{ status: 'usable', sections: [], regions: [], topics: [], publishedAt: time, updatedAt: time },
  correction: { kind: 'corrected', note: 'n', at: time },
};
const retry = { afterMs: 0, withinMs: 4_000 };
const welcome = { epoch: 'k3f9a2xq', seq: 9, hash: '0123abcd', beatMs: 20_000, stale: false, retry };
const tombstone = { id, version: 2, place: 3, edition: 'en', language: 'en', dir: 'ltr', status: 'retracted' };
const frame = fc.constantFrom<unknown>(
  { type: 'snapshot', ...welcome, items: [item, tombstone], more: true, reason: 'start' },
  { type: 'resumed', ...welcome, missed: 2 },
  { type: 'item', seq: 10, prev: 9, change: 'new', item },
  { type: 'removal', seq: 11, prev: 10, id, version: 2, reason: 'retracted', notice: 'n', tombstone },
  { type: 'beat', seq: 12, prev: 11, stale: false, retry },
  { type: 'reconnect', ...retry },
);
const archiveLine = fc.constantFrom<unknown>(
  { type: 'flashwire-export', format: 1, schema: 1, prefix: 'fw', at: time, editions: ['en'] },
  { type: 'string', key: 'stop', value: 'x', expiresAt: 1 },
  { type: 'hash', key: '{en}:meta', fields: [['epoch', 'k3f9a2xq']] },
  { type: 'set', key: 'keys', members: ['a', 'b'] },
  { type: 'zset', key: '{en}:shown', members: [[id, '3']] },
  { type: 'stream', key: '{en}:log', entries: [['1-0', ['item', id]]] },
  { type: 'end', lines: 3, sha256: 'ab' },
);

/** As a reader's address has it. */
export const queryText = mutatedText(
  fc.constantFrom(
    'edition=en',
    'edition=es&section=politics&section=sports&region=europe&limit=50',
    'edition=en&topic=france&urgency=flash&since=k3f9a2xq:1042:0123abcd',
    'edition=ar&since=k3f9a2xq:1',
  ),
);
const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 24, size: 'max' });
const word = fc.string({ unit: fc.constantFrom(...'abcxyz0189AZ_-:'), maxLength: 40 });
/** Made as a position is made, each part a little too long, or damaged afterwards. */
export const sinceText = fc.oneof(
  fc.tuple(word, digits).map((parts) => parts.join(':')),
  fc.tuple(word, digits, word).map((parts) => parts.join(':')),
  mutatedText(fc.constantFrom('k3f9a2xq:1042', 'k3f9a2xq:1042:0123abcd', ':', '-:0')),
);

export function pureTargets(site: Site): readonly PureTarget[] {
  return [
    { name: 'API schema', weight: 5, property: apiSchema(site) },
    { name: 'text rules', weight: 5, property: textRules() },
    { name: 'since', weight: 3, property: since() },
    { name: 'filter', weight: 4, property: filter(site) },
    { name: 'frame parser', weight: 5, property: frames() },
    { name: 'archive line', weight: 2, property: archive() },
  ];
}

function apiSchema(site: Site) {
  const schemas = createItemSchemas(site);
  const asked = fc.oneof(
    validBody,
    validBody.map((body) => ({ ...body, correction: { kind: 'corrected', note: 'n' } })),
  );
  return property(mutated(asked).map(jsonOf), (text) => {
    const body: unknown = JSON.parse(String(text));
    for (const schema of [schemas.retract, schemas.empty]) schema.safeParse(body);
    for (const schema of [schemas.publish, schemas.correct]) {
      const parsed = schema.safeParse(body);
      if (!parsed.success) continue;
      const kept = bodyOf(site, parsed.data);
      facetsOf(kept);
      claim(cleanText(kept.headline, headlineLimits).ok, 'a headline that was taken breaks the rules of text');
      claim(kept.url === undefined || kept.url.startsWith('https://'), 'an address is not https');
    }
  });
}

function textRules() {
  const raw = fc.oneof(nastyText, mutatedText(fc.constantFrom('می‌خواهم', '\u2068AFP\u2069: رئيس', '👩‍👩‍👧 family')));
  return property(raw, (text) => {
    const result = cleanText(String(text), headlineLimits);
    if (!result.ok)
      return claim(
        result.problems.every((problem) => problem.isWellFormed()),
        'a problem is not text',
      );
    const again = cleanText(result.text, headlineLimits);
    claim(again.ok && again.text === result.text, 'cleaning twice is not cleaning once');
    claim(!/[\u202A-\u202E\n\r\u2028\u2029\0]/.test(result.text), 'a character that is refused was let through');
    claim(countGraphemes(result.text) <= headlineLimits.graphemes, 'too long');
  });
}

function since() {
  return property(fc.oneof(sinceText, nastyText), (token) => {
    const position = parsePosition(String(token));
    if (!position) return;
    claim(isCount(position.seq), 'seq is not a count');
    const same = parsePosition(formatPosition(position));
    claim(same?.seq === position.seq && same.epoch === position.epoch, 'a position does not survive being written');
  });
}

function filter(site: Site) {
  const facets = { sections: ['politics'], regions: [], topics: ['france'], urgency: 'flash' } as const;
  return property(fc.oneof(queryText, nastyText), (text) => {
    const target = parseTarget(`/v1/feed?${text}`);
    claim(target?.path === '/v1/feed', 'a query has changed the path');
    if (!target) return;
    readFeedQuery(target.query, site);
    const asked = parseFeedQuery(target.query, site);
    if (!asked.ok) return claim(asked.problems.length > 0, 'refused without a reason');
    const { sections, regions, topics, urgencies } = asked.filter;
    claim(sections.length + regions.length + topics.length + urgencies.length <= 8, 'more than eight values');
    claim(filterKey(asked.filter).length < 4_096, 'the name of a feed is not bounded');
    matches(asked.filter, facets);
  });
}

function frames() {
  return property(fc.oneof(mutated(frame).map(jsonOf), mutatedText(frame.map(jsonOf)), nastyText), (text) => {
    const parsed = parseFrame(String(text));
    if (parsed === null || parsed.type === 'reconnect') return;
    claim(parsed.type === 'unknown' || isCount(parsed.seq), 'a frame without a place was taken');
    JSON.stringify(parsed);
  });
}

function archive() {
  const line = fc.oneof(mutated(archiveLine).map(jsonOf), mutatedText(archiveLine.map(jsonOf)));
  return property(fc.tuple(line, fc.integer({ min: 1, max: 3 })), (given) => {
    const [text, number] = given as [string, number];
    try {
      parseLine(Buffer.from(text), number, 'a file');
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
    }
  });
}

function property(arbitrary: fc.Arbitrary<unknown>, holds: (value: unknown) => void): fc.IPropertyWithHooks<[unknown]> {
  return fc.property(arbitrary, holds);
}

function claim(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise);
}
