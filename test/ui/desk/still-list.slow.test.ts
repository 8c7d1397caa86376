import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { pastMovement, poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();
const line = (id: string, headline = id) => deskItem(id, 'published', { headline });
const rowsOf = (page: Page) =>
  page.locator('.items > li').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id')));
const topOf = (page: Page, id: string) =>
  page.locator(`[data-id="${id}"]`).evaluate((row) => Math.round(row.getBoundingClientRect().top));

const busyDesk = () => {
  const desk = new FakeDesk();
  desk.items = [line('01B'), line('01A')];
  desk.answer = () => ({ status: 200, body: { id: '01B', version: 4, state: 'withheld' } });
  return desk;
};

test('new lines wait while the pointer is in the list, and a click hits the line that was aimed at', async () => {
  const desk = busyDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01B"] button.hide').hover();
  const before = await topOf(page, '01B');
  desk.items = [line('01D'), line('01C'), line('01B', '01B, changed'), line('01A')];
  await poll(() => page.locator('.waiting').textContent()).toBe('2 new');
  expect(await rowsOf(page)).toEqual(['01B', '01A']);
  expect(await topOf(page, '01B')).toBe(before);
  // What is there is up to date.
  expect(await page.locator('[data-id="01B"] .text').textContent()).toBe('01B, changed');
  await page.mouse.down();
  await page.mouse.up();
  await poll(open.sent).toEqual(['POST /v1/items/01B/withhold {}']);
  await page.mouse.move(5, 5);
  // The focus is in the list still.
  expect(await rowsOf(page)).toEqual(['01B', '01A']);
  await page.locator('.composer textarea').focus();
  await poll(() => rowsOf(page)).toEqual(['01D', '01C', '01B', '01A']);
});

test('new lines wait while the focus is in the list, and K reaches them from its first line', async () => {
  const desk = busyDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01B"]').focus();
  desk.items = [line('01C'), line('01B'), line('01A')];
  await poll(() => page.locator('.waiting').textContent()).toBe('1 new');
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await poll(() => rowsOf(page)).toEqual(['01C', '01B', '01A']);
  await poll(() => page.evaluate('document.activeElement?.dataset.id')).toBe('01C');
  expect(open.faults).toEqual([]);
});

test('a click in a row that has moved under the pointer is ignored once, and one on STOP never is', async () => {
  const desk = busyDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01A"]').waitFor();
  // What stands above the list grows, and in the same moment the editor clicks where the button was.
  const slip = (selector: string) =>
    page.evaluate((button) => {
      const above = document.querySelector<HTMLElement>('.service');
      if (above) above.style.paddingBlockEnd = `${above.offsetHeight + 60}px`;
      document
        .querySelector(button)
        ?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1 }));
    }, selector);
  await slip('[data-id="01B"] button.hide');
  await poll(() => page.locator('[data-id="01B"] .moved').textContent()).toBe('List moved, click again');
  expect(open.sent()).toEqual([]);
  await slip('.stop button');
  await poll(open.sent).toEqual(['PUT /v1/stop {"stopped":true}']);
  // A key is not a slip of the pointer.
  await page.locator('[data-id="01B"]').press('Delete');
  await poll(open.sent).toHaveLength(2);
  await poll(() => page.locator('.moved').count()).toBe(0);
});

test('a click after scrolling is not ignored', async () => {
  const desk = busyDesk();
  desk.items = Array.from({ length: 20 }, (_, at) => line(`01${String.fromCharCode(90 - at)}`));
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01Z"]').waitFor();
  await page.evaluate(() => {
    scrollBy(0, 150);
    document
      .querySelector('[data-id="01Y"] button.hide')
      ?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1 }));
  });
  await poll(open.sent).toEqual(['POST /v1/items/01Y/withhold {}']);
});

test('the second click of a double click presses no button that the first one has put there', async () => {
  const desk = new FakeDesk();
  const change = { publishedVersion: null, publishedAt: null };
  desk.items = [deskItem('01B', 'draft', { headline: 'A draft' }, change)];
  desk.answer = () => {
    desk.items = [
      deskItem('01B', 'held', { headline: 'A draft' }, { ...change, version: 4, dueAt: Date.now() + 60_000 }),
    ];
    return { status: 200, body: { id: '01B', version: 4, state: 'held' } };
  };
  await using open = await pages.open(desk);
  const { page } = open;
  const publish = page.locator('[data-id="01B"] button.publish');
  await publish.waitFor();
  await pastMovement(page);
  await publish.hover();
  await page.mouse.down();
  await page.mouse.up();
  // Edit stands where Publish stood: it would take the line off its clock.
  await publish.waitFor({ state: 'detached' });
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
  expect(await page.locator('[data-id="01B"] form').count()).toBe(0);
  // A click of its own counts.
  expect(open.sent().map((one) => one.split(' ')[0])).toEqual(['POST']);
  await page.mouse.down();
  await page.mouse.up();
  await page.locator('[data-id="01B"] form').waitFor();
});
