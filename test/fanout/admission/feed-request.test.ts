import { expect, test } from 'vitest';
import { FollowRequests } from '../../../src/fanout/admission/feed-request.ts';
import { site } from '../../resources/site.ts';

const read = (search: string, since?: string) => {
  const result = new FollowRequests(site).read(search, since);
  if ('problem' in result) throw new Error(result.problem.detail);
  return result;
};

test('the queries of clients that differ only in their position are parsed once', () => {
  const requests = new FollowRequests(site);
  const [first, ...others] = [
    'edition=en&limit=50',
    'edition=en&limit=50&since=e:1',
    'edition=en&limit=50&since=e%3A2%3Aff',
  ].map((search) => requests.read(search));
  if (!first || 'problem' in first) throw new Error('refused');
  expect(first.since).toBeNull();
  expect(others).toEqual([
    { query: first.query, since: 'e:1' },
    { query: first.query, since: 'e:2:ff' },
  ]);
  for (const other of others) expect('query' in other && other.query).toBe(first.query);
});

test.each([
  ['since=e:1&edition=en', 'e:1'],
  ['edition=en&since=', ''],
  ['edition=en&%73ince=e:1', 'e:1'],
  ['edition=en&since=e:1&since=e:2', 'e:1'],
  ['edition=en&notsince=e:1', null],
  ['edition=en&since=a%20b+c', 'a b c'],
])('the position in the query %s is %s', (search, since) => {
  expect(read(search).since).toBe(since);
});

test('a position in a header takes precedence over the position in the query', () => {
  expect(read('edition=en&since=e:1', 'e:2').since).toBe('e:2');
});

test('a query with a fault is refused again each time', () => {
  const requests = new FollowRequests(site);
  for (let n = 0; n < 2; n++) expect(requests.read('edition=xx')).toMatchObject({ problem: { type: 'bad-query' } });
});
