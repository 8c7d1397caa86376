import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createAsset } from '../../../src/ui/server/asset.ts';
import { CommonRenders, type Rendered } from '../../../src/ui/server/common-renders.ts';
import { RenderBudget } from '../../../src/ui/server/render-budget.ts';

/** Renders of a given duration, and a function that reports news. */
function open() {
  let spent = 0;
  const clock = () => performance.now() + spent;
  let changed = () => {};
  const budget = new RenderBudget({ now: clock, cpu: clock });
  const renders = new CommonRenders((listener) => {
    changed = listener;
  }, budget);
  const made: string[] = [];
  const make = (text: string, ms: number) => (): Rendered => {
    spent += ms;
    made.push(text);
    return { status: 200, asset: createAsset(text, 'text/plain', {}) };
  };
  return { renders, made, make, changed: () => changed() };
}

test('requests for a common page wait when the budget is used up, and none is refused', async () => {
  const { renders, made, make } = open();
  const asked = ['a', 'b', 'c', 'd'].flatMap((key) => [1, 2, 3].map(() => renders.get(key, make(key, 126))));
  const bodies = (await Promise.all(asked)).map((rendered) => String(rendered?.asset.body));
  expect(bodies).toEqual([...'aaabbbcccddd']);
  expect(made).toEqual(['a', 'b', 'c', 'd']);
  await renders.get('a', make('a', 1));
  expect(made).toHaveLength(4);
});

test('one common page is rendered in a turn of the event loop, so that readers are served between two', async () => {
  const { renders, made, make } = open();
  const asked = Promise.all(['a', 'b', 'c'].map((key) => renders.get(key, make(key, 1))));
  const madeByTurn: number[] = [];
  while (made.length < 3) {
    await nextTurn();
    madeByTurn.push(made.length);
  }
  await asked;
  expect(Math.max(...madeByTurn.map((count, turn) => count - (madeByTurn[turn - 1] ?? 0)))).toBe(1);
});

test('a common page is rendered again after news, and a waiting one with the newest state', async () => {
  const { renders, made, make, changed } = open();
  await renders.get('a', make('old', 260));
  let stands = 'before';
  const waiting = renders.get('b', () => make(stands, 1)());
  stands = 'after';
  changed();
  expect(String((await waiting)?.asset.body)).toBe('after');
  await renders.get('a', make('new', 1));
  expect(made).toEqual(['old', 'after', 'new']);
});

test('a failed render does not stop the others', async () => {
  const { renders, make } = open();
  const broken = renders.get('a', () => {
    throw new Error('broken on purpose');
  });
  const next = renders.get('b', make('b', 1));
  await expect(broken).rejects.toThrow('on purpose');
  expect(await next).not.toBeNull();
  expect(await renders.get('a', () => null)).toBeNull();
  expect(await renders.get('a', make('a', 1))).not.toBeNull();
});

test('a common page with an end is rendered again after it, although there is no news', async () => {
  const { renders, made, make } = open();
  const lasting = (text: string, until: number) => () => ({ ...make(text, 1)(), until });
  await renders.get('a', lasting('past', Date.now()));
  await renders.get('a', lasting('future', Date.now() + 3_600_000));
  await renders.get('a', lasting('never asked', 0));
  expect(made).toEqual(['past', 'future']);
});
