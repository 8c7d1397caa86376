import { expect, test } from 'vitest';
import { RenderBudget } from '../../../src/ui/server/render-budget.ts';

test('the render budget is a quarter of the time, and recovers', () => {
  let now = 0;
  const budget = new RenderBudget({ now: () => now, cpu: () => now });
  const work = () => {
    now += 10;
    return 'page';
  };
  let made = 0;
  while (budget.render(work) !== null) made++;
  // The full 250 ms, and a quarter of the time that they took.
  expect(made).toBeGreaterThanOrEqual(25);
  expect(made).toBeLessThanOrEqual(35);
  now += 100;
  expect(budget.render(work)).toBe('page');
});

test('the render budget does not count time in which the machine ran something else', () => {
  let [now, cpu] = [0, 0];
  const budget = new RenderBudget({ now: () => now, cpu: () => cpu });
  const work = () => {
    now += 10_000;
    cpu += 10;
    return 'page';
  };
  expect([budget.render(work), budget.render(work)]).toEqual(['page', 'page']);
});

test('the render budget does not count the work of other threads', () => {
  let [now, cpu] = [0, 0];
  const budget = new RenderBudget({ now: () => now, cpu: () => cpu });
  const work = () => {
    now += 5;
    cpu += 500;
    return 'page';
  };
  expect([budget.render(work), budget.render(work)]).toEqual(['page', 'page']);
});

test('one client gets half of the render budget, and the others the rest', () => {
  let now = 0;
  const budget = new RenderBudget({ now: () => now, cpu: () => now });
  const rendersOf = (client: string) => {
    let made = 0;
    const work = () => {
      now += 1;
      return 'page';
    };
    while (budget.render(work, client) !== null) made++;
    return made;
  };
  // Half of 250 ms, and an eighth of the time that they take.
  expect(rendersOf('one')).toBe(143);
  expect(rendersOf('two')).toBeGreaterThan(100);
  now += 2_000;
  expect(rendersOf('one')).toBe(143);
});
