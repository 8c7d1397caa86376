import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

const held = (by = 'Nour Haddad', change: object = {}) =>
  deskItem(
    '01H',
    'held',
    { headline: 'Going out' },
    { dueAt: Date.now() + 60_000, by: { keyId: 'x', name: by }, publishedVersion: null, ...change },
  );

test('every held line has an Undo button and the name of its editor', async () => {
  const desk = new FakeDesk();
  desk.items = [held('Luz Pardo')];
  await using open = await pages.open(desk);
  await poll(() => open.page.locator('.held .countdown').textContent()).toMatch(/^Luz Pardo: in (60|[1-5]\d) s$/);
  await open.page.locator('.held .undo').click();
  await poll(open.sent).toEqual(['DELETE /v1/items/01H null']);
  await poll(() => open.page.locator('.held .said').textContent()).toBe('Stopped: Going out');
  // It was not this person's line.
  expect(await open.page.locator('.composer textarea').inputValue()).toBe('');
});

test('Escape in an empty box stops the newest held line and returns it to its own editor', async () => {
  const desk = new FakeDesk();
  desk.items = [held(), deskItem('01G', 'held', { headline: 'Older' }, { dueAt: Date.now() + 60_000, updatedAt: 5 })];
  await using open = await pages.open(desk);
  await open.page.locator('.held li').first().waitFor();
  await open.page.keyboard.type('x');
  await open.page.keyboard.press('Escape');
  await open.page.keyboard.press('Backspace');
  expect(open.sent()).toEqual([]);
  // What is open is closed first.
  await open.page.locator('.menu summary').click();
  await open.page.locator('.composer textarea').focus();
  await open.page.keyboard.press('Escape');
  await poll(() => open.page.locator('.menu[open]').count()).toBe(0);
  expect(open.sent()).toEqual([]);
  await open.page.keyboard.press('Escape');
  await poll(open.sent).toEqual(['DELETE /v1/items/01H null']);
  await poll(() => open.page.locator('.composer textarea').inputValue()).toBe('Going out');
});

test('a held correction has an Undo button, and a published line has none', async () => {
  const desk = new FakeDesk();
  desk.items = [
    held('Luz Pardo', { state: 'published', version: 4, publishedVersion: 3 }),
    deskItem('01P', 'published', { headline: 'Out' }, { dueAt: Date.now() - 1 }),
  ];
  await using open = await pages.open(desk);
  await open.page.locator('.held li').waitFor();
  expect(await open.page.locator('.held li').count()).toBe(1);
});
