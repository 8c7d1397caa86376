import { expect, test } from 'vitest';
import { stillRows } from '../../../../src/ui/desk/list/still-rows.ts';
import type { DeskItem } from '../../../../src/ui/desk/remote/desk-item.ts';

const items = (...ids: readonly string[]) => ids.map((id) => ({ id, state: 'published' }) as DeskItem);
const idsOf = (still: ReturnType<typeof stillRows>) =>
  still.rows.map(({ item, isGone }) => `${item.id}${isGone ? ' gone' : ''}`);

test('new items wait above a list that holds still, and older ones follow at its end', () => {
  const still = stillRows(items('c', 'b'), items('e', 'd', 'c', 'b', 'a'));
  expect(idsOf(still)).toEqual(['c', 'b', 'a']);
  expect(still.waiting).toBe(2);
});

test('a row shows the newest state of its item, and keeps its place when the item has left the list', () => {
  const changed = { id: 'c', state: 'withheld' } as DeskItem;
  const still = stillRows(items('c', 'b', 'a'), [changed, ...items('a')]);
  expect(idsOf(still)).toEqual(['c', 'b gone', 'a']);
  expect(still.rows[0]?.item).toBe(changed);
  expect(still.waiting).toBe(0);
});

test('everything waits when no item of a still list is left', () => {
  const still = stillRows(items('a'), items('c', 'b'));
  expect(idsOf(still)).toEqual(['a gone']);
  expect(still.waiting).toBe(2);
});
