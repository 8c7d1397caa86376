import { expect, test } from 'vitest';
import { parseFeedQuery } from '../../src/protocol/feed-query.ts';
import { matches } from '../../src/protocol/filter.ts';
import { site } from '../resources/site.ts';

const parse = (query: string) => parseFeedQuery(new URLSearchParams(query), site);

test.each([
  ['section=politics', true],
  ['section=sports', false],
  ['section=sports&section=politics', true],
  ['section=politics&region=europe', true],
  ['section=politics&region=africa', false],
  ['section=sports&section=politics&region=africa&region=europe&urgency=flash', true],
])(
  'FL-1: repeated values are alternatives and different names must all match: %s matches the item: %s',
  (query, isShown) => {
    const asked = parse(`edition=en&${query}`);
    if (!asked.ok) throw new Error('the query is valid');
    const facets = { sections: ['politics'], regions: ['europe'], topics: [], urgency: 'flash' } as const;
    expect(matches(asked.filter, facets)).toBe(isShown);
  },
);

test('FL-2: a feed has at most 8 values', () => {
  const topics = (count: number) => Array.from({ length: count }, (_, at) => `topic=t${at}`).join('&');
  expect(parse(`edition=en&section=sports&${topics(7)}`).ok).toBe(true);
  expect(parse(`edition=en&section=sports&${topics(8)}`).ok).toBe(false);
});

test.each([
  ['', false],
  ['edition=xx', false],
  ['edition=en&edition=en', false],
  ['edition=en&section=cooking', false],
  ['edition=en&region=atlantis', false],
  ['edition=en&urgency=panic', false],
  ['edition=en&limit=21', false],
  [`edition=en&topic=${'x'.repeat(65)}`, false],
  ['edition=en&topic=anything', true],
  ['edition=en&limit=50&flavour=sweet', true],
])('FL-3: unknown values are refused, unknown topics and parameters are not: %s is accepted: %s', (query, isTaken) => {
  expect(parse(query).ok).toBe(isTaken);
});
