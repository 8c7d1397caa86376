import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

/** A held line, of this desk's editor or of a colleague. */
const held = (by = 'Nour Haddad', change: object = {}) =>
  deskItem(
    '01H',
    'held',
    { headline: 'Going out' },
    {
      dueAt: Date.now() + 60_000,
      by: { keyId: by === 'Nour Haddad' ? 'fw_good_nour' : 'other', name: by },
      publishedVersion: null,
      ...change,
    },
  );
const boxOf = (page: Page) => page.locator('.composer textarea');

test('a line of a colleague has a button that names the colleague, and Escape never stops it', async () => {
  const desk = new FakeDesk();
  desk.items = [held('Luz Pardo')];
  await using open = await pages.open(desk);
  const { page } = open;
  await poll(() => page.locator('section.held .countdown').textContent()).toMatch(/^Luz Pardo: in (60|[1-5]\d) s$/);
  await boxOf(page).press('Escape');
  await boxOf(page).press('Escape');
  expect(open.sent()).toEqual([]);
  expect(await page.locator('section.held button').allTextContents()).toEqual(['Stop Luz Pardo’s line']);
  await page.locator('section.held button').click();
  await poll(open.sent).toEqual(['DELETE /v1/items/01H null']);
  // What a colleague has made of the item since is not stopped.
  expect(desk.requests.at(-1)?.headers['if-match']).toBe('"3"');
  await poll(() => page.locator('section.held .said').textContent()).toBe('Stopped: Going out');
  // It was not this editor's line.
  expect(await boxOf(page).inputValue()).toBe('');
  expect(await page.locator('.outgoing li').count()).toBe(0);
});

test("Escape in an empty box stops the editor's own newest held line and returns it to the box", async () => {
  const desk = new FakeDesk();
  desk.items = [
    { ...held('Luz Pardo'), id: '01L', updatedAt: 1_772_359_300_000 },
    held(),
    deskItem('01G', 'held', { headline: 'Older' }, { dueAt: Date.now() + 60_000, updatedAt: 5 }),
  ];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('section.held li').first().waitFor();
  // The key stands on the line that it stops, while it does.
  expect(await page.locator('section.held kbd:visible').allTextContents()).toEqual(['Esc']);
  expect(await page.locator('section.held li', { has: page.locator('kbd') }).textContent()).toContain('Going out');
  await page.keyboard.type('x');
  expect(await page.locator('section.held kbd:visible').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Backspace');
  expect(open.sent()).toEqual([]);
  // What is open is closed first.
  await page.locator('.menu summary').click();
  await boxOf(page).focus();
  await page.keyboard.press('Escape');
  await poll(() => page.locator('.menu[open]').count()).toBe(0);
  expect(open.sent()).toEqual([]);
  await page.keyboard.press('Escape');
  await poll(open.sent).toEqual(['DELETE /v1/items/01H null']);
  await poll(() => boxOf(page).inputValue()).toBe('Going out');
});

test('a line that is undone while the box holds text waits with the unsent lines, and nothing is overwritten', async () => {
  const desk = new FakeDesk();
  desk.items = [held()];
  await using open = await pages.open(desk);
  const { page } = open;
  await boxOf(page).fill('The next line');
  await page.locator('section.held .undo').click();
  await poll(() => page.locator('.outgoing .state').textContent()).toMatch(
    /^Stopped by Nour Haddad at [\d:]{8} UTC\. It is not out\.$/,
  );
  expect(await boxOf(page).inputValue()).toBe('The next line');
  await page.reload();
  await poll(() => page.locator('.outgoing .text').textContent()).toBe('Going out');
  // The box is full, so the line stays where it is.
  const back = page.getByRole('button', { name: 'Back to the box' });
  await back.click();
  expect(await boxOf(page).inputValue()).toBe('The next line');
  await boxOf(page).fill('');
  await back.click();
  await poll(() => boxOf(page).inputValue()).toBe('Going out');
  expect(await page.locator('.outgoing li').count()).toBe(0);
});

test('an editor whose line a colleague has stopped sees who it was, and has the text', async () => {
  const desk = new FakeDesk();
  desk.answer = () => ({ status: 202, body: { id: '01H', version: 3, state: 'held' } });
  await using open = await pages.open(desk);
  const { page } = open;
  await page.keyboard.type('AFP: Going out');
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  // Stopped before the list has shown it as held.
  desk.items = [held('Luz Pardo', { state: 'cancelled', version: 4, dueAt: null })];
  await poll(() => page.locator('section.held .said').textContent()).toBe(
    'Luz Pardo stopped your line: AFP: Going out',
  );
  expect(await page.locator('.outgoing .state').textContent()).toMatch(/^Stopped by Luz Pardo at/);
  expect(await page.locator('.outgoing .text').textContent()).toBe('AFP: Going out');
});

test('a line that is out already says so, for Escape and for the button', async () => {
  const desk = new FakeDesk();
  desk.items = [held()];
  desk.answer = () => ({ status: 409, body: { title: 'Out', status: 409 } });
  desk.item = held('Nour Haddad', { state: 'published', publishedVersion: 3 });
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('section.held li').waitFor();
  await boxOf(page).press('Escape');
  await poll(() => page.locator('section.held .said').textContent()).toBe('It was already out.');
  expect(await boxOf(page).inputValue()).toBe('');
  desk.item = held('Luz Pardo', { state: 'cancelled', version: 4, dueAt: null });
  await page.locator('section.held .undo').click();
  await poll(() => page.locator('section.held .said').textContent()).toBe('It is not out. Luz Pardo has stopped it.');
});

test('no other line comes under a pointer that rests on Undo', async () => {
  const desk = new FakeDesk();
  const theirs = { ...held('Luz Pardo'), id: '01L' };
  desk.items = [held(), theirs];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('section.held .undo').hover();
  const luz = page.getByRole('button', { name: 'Stop Luz Pardo’s line', exact: true }).first();
  const place = await luz.boundingBox();
  desk.items = [
    { ...held('Ana Ruiz'), id: '01R' },
    held('Nour Haddad', { state: 'published', publishedVersion: 3 }),
    theirs,
  ];
  await poll(() => page.locator('section.held .undo').count()).toBe(0);
  await poll(() => page.locator('section.held li').count()).toBe(3);
  expect((await luz.boundingBox())?.y).toBe(place?.y);
});

test('a held correction has an Undo button, and a published line has none', async () => {
  const desk = new FakeDesk();
  desk.items = [
    held('Luz Pardo', { state: 'published', version: 4, publishedVersion: 3 }),
    deskItem('01P', 'published', { headline: 'Out' }, { dueAt: Date.now() - 1 }),
  ];
  await using open = await pages.open(desk);
  await open.page.locator('section.held li').waitFor();
  expect(await open.page.locator('section.held li').count()).toBe(1);
});

test('a translation or a replacement that was stopped goes out again as what it is, and the next line is neither', async () => {
  const desk = new FakeDesk();
  const links = { replaces: '01Q', translationOf: { id: '01T', version: 2 } };
  desk.items = [held('Nour Haddad', { body: { ...held().body, ...links } })];
  desk.answer = () => ({ status: 202, body: { id: '01J', version: 1, state: 'held' } });
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('section.held li').waitFor();
  await page.keyboard.press('Escape');
  await poll(() => boxOf(page).inputValue()).toBe('Going out');
  expect(await page.locator('.composer .replaces').allTextContents()).toEqual([
    'This line replaces the retracted one.',
    'This line is a translation of another one.',
  ]);
  await page.keyboard.press('Control+Enter');
  await poll(() => desk.requests.at(-1)?.body).toMatchObject(links);
  await page.keyboard.type('The next line');
  await page.keyboard.press('Control+Enter');
  await poll(() => desk.requests.at(-1)?.body).toMatchObject({ headline: 'The next line' });
  expect(desk.requests.at(-1)?.body).not.toHaveProperty('translationOf');
});

test.each(['a colleague', 'the editor'])('a held correction that %s stops keeps its text in its row', async (who) => {
  const desk = new FakeDesk();
  const out = { state: 'published', publishedVersion: 3 };
  const correction = { kind: 'corrected', note: 'Why', at: '2026-03-01T10:00:00.000Z' };
  desk.items = [
    held('Nour Haddad', { ...out, version: 4, body: { ...held().body, headline: 'Corrected', correction } }),
  ];
  const stopped = held(who === 'the editor' ? 'Nour Haddad' : 'Luz Pardo', { ...out, version: 5, dueAt: null });
  desk.answer = () => {
    desk.items = [stopped];
    return { status: 200, body: { id: '01H', version: 5, state: 'cancelled' } };
  };
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('section.held li').waitFor();
  if (who === 'the editor') await page.keyboard.press('Escape');
  else desk.items = [stopped];
  const row = page.locator('[data-id="01H"]');
  await row.locator('.reopen').press('Enter');
  expect(await row.locator('textarea').inputValue()).toBe('Corrected');
  expect(await row.locator('[name=note]').inputValue()).toBe('Why');
  // Nothing waits any more.
  expect(await row.locator('.waits').count()).toBe(0);
  expect(await boxOf(page).inputValue()).toBe('');
});

test.each([
  ['the clock of the editor is an hour fast', 3_600_000, false],
  ['STOP holds them', 0, true],
])('the rows of lines that are held undo them and name the colleague while %s', async (_when, fastMs, isStopped) => {
  const desk = new FakeDesk();
  const dueAt = Date.now() + (isStopped ? -5_000 : 60_000);
  desk.stop = isStopped ? { stopped: true, by: 'Luz Pardo', at: '2026-03-01T10:00:00.000Z' } : { stopped: false };
  desk.items = [
    held('Nour Haddad', { dueAt }),
    { ...held('Luz Pardo', { dueAt }), id: '01L' },
    deskItem('01C', 'published', { headline: 'Corrected' }, { publishedVersion: 2, dueAt }),
  ];
  await using open = await pages.open(desk);
  const { page } = open;
  // The clock of a shared worker would stay as it is.
  await page.addInitScript(`{ delete window.SharedWorker; const now = Date.now; Date.now = () => now() + ${fastMs}; }`);
  await page.reload();
  const cancel = (id: string) => page.locator(`[data-id="${id}"] button.cancel`);
  await poll(() => cancel('01L').textContent()).toBe('Stop Luz Pardo’s line');
  expect(await cancel('01C').textContent()).toBe('Cancel the correction');
  await cancel('01H').press('Enter');
  await poll(() => boxOf(page).inputValue()).toBe('Going out');
  expect(desk.requests.at(-1)?.headers['if-match']).toBe('"3"');
});
