import { expect, test } from 'vitest';

const script = new URL('../../scripts/check-commits.mjs', import.meta.url).href;
const { faultsOf }: { faultsOf(message: string): readonly string[] } = await import(script);

test.each([
  'feat(fanout): serve every reader as a cursor over a replica',
  'fix: answer health pages with a query\n\nNginx sends one.',
  'perf(ui): create each format once\n\n12 ms instead of 40 ms (Node 20).\n',
  'refactor!: rename the close codes',
])('the commit message %j is accepted', (message) => {
  expect(faultsOf(message)).toEqual([]);
});

test.each([
  [`docs: ${'x'.repeat(67)}`, 'has 73 characters, at most 72 are allowed'],
  ['Fix things', 'does not start with a type'],
  ['wip: things', 'does not start with a type'],
  ['docs:things', 'does not start with a type'],
  ['docs: say one thing; say another', 'has a `;`'],
  ['fix: answer', 'has no body'],
  ['perf: answer faster\n\nCo-Authored-By: A <a@b.example>', 'has no body'],
])('the commit message %j is refused', (message, fault) => {
  expect(faultsOf(message)).toEqual([expect.stringContaining(fault)]);
});
