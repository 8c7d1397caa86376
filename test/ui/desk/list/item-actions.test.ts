import { expect, test } from 'vitest';
import type { ItemState } from '../../../../src/item/lifecycle.ts';
import { type Action, actionsOf } from '../../../../src/ui/desk/list/item-actions.ts';
import { type DeskItem, isUndoable } from '../../../../src/ui/desk/remote/desk-item.ts';

const item = (state: ItemState, publishedVersion: number | null, change: Partial<DeskItem> = {}) =>
  ({ state, publishedVersion, version: 2, dueAt: null, ...change }) as DeskItem;

const rows: readonly (readonly [string, DeskItem, readonly Action[]])[] = [
  ['a draft', item('draft', null), ['publish', 'correct', 'cancel']],
  ['a held item', item('held', null), ['correct', 'cancel']],
  ['a scheduled item', item('scheduled', null), ['correct', 'hide', 'cancel']],
  ['a queued item', item('queued', null), ['correct', 'hide', 'cancel']],
  ['a published item', item('published', 2), ['correct', 'hide', 'retract', 'attach', 'translate']],
  [
    'an item with a held correction',
    item('published', 1, { dueAt: Date.now() + 30_000 }),
    ['cancel', 'hide', 'retract'],
  ],
  ['a withheld item', item('withheld', 1), ['show', 'retract']],
  ['an item withheld before it was out', item('withheld', null), ['show', 'retract']],
  ['an expired item', item('expired', 1), ['retract']],
  ['a retracted item', item('retracted', 1), []],
  ['a cancelled item', item('cancelled', null), []],
];

test.each(rows)('the row of %s has the buttons that the API accepts', (_name, row, actions) => {
  expect(actionsOf(row, true, isUndoable(row, Date.now(), false))).toEqual(actions);
});

test('a reporter has buttons for drafts only', () => {
  expect(rows.map(([, row]) => actionsOf(row, false, false)).filter((actions) => actions.length > 0)).toEqual([
    ['correct', 'cancel'],
  ]);
});
