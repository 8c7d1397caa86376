import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();
const line = 'AFP: The bridge opens tonight';
const pulled = { stopped: true, by: 'Luz Pardo', at: '2026-03-01T10:00:00.000Z' };

const heldItem = (id: string, headline: string, minutesAgo: number, body: object = {}, change: object = {}) => ({
  ...deskItem(id, 'queued', { headline, ...body }, { publishedVersion: null, publishedAt: null, ...change }),
  kind: 'publish',
  updatedAt: Date.now() - minutesAgo * 60_000,
});

test('a line that is sent under STOP says so in the box, in the held bar and in its row, and why it waits', async () => {
  const desk = new FakeDesk();
  desk.stop = pulled;
  desk.answer = () => {
    // The hold of three seconds is over: it waits for STOP alone.
    const times = { dueAt: Date.now() - 1, publishedVersion: null, publishedAt: null };
    desk.items = [deskItem('01H', 'held', { headline: 'The bridge opens tonight', attribution: 'AFP' }, times)];
    return { status: 202, body: { id: '01H', version: 1, state: 'held' } };
  };
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('.stop.on').waitFor();
  await page.keyboard.type(line);
  await page.keyboard.press('Control+Enter');
  const said = page.locator('.composer .said');
  await poll(() => said.textContent()).toBe(`STOP holds this line. It goes out when STOP is released: ${line}`);
  await poll(() => page.locator('.held .countdown').textContent()).toBe('Nour Haddad: held by STOP');
  const row = page.locator('[data-id="01H"] .about');
  await poll(() => row.textContent()).toContain('waits for the release of STOP');
  // Released: the result in the box claims no longer that STOP holds it.
  desk.stop = { stopped: false };
  desk.items = [deskItem('01H', 'published', { headline: 'The bridge opens tonight', attribution: 'AFP' })];
  await poll(() => said.textContent()).toBe('');
});

test('a correction under STOP says in its row that readers still have the version before', async () => {
  const desk = new FakeDesk();
  desk.stop = pulled;
  desk.items = [deskItem('01C', 'published', { headline: 'Corrected' }, { version: 4, dueAt: Date.now() - 60_000 })];
  await using open = await pages.open(desk);
  await poll(() => open.page.locator('[data-id="01C"] .about').textContent()).toContain(
    'correction waits for the release of STOP',
  );
});

test('STOP is released only after a list of what will go out, with age, edition and urgency', async () => {
  const desk = new FakeDesk();
  desk.stop = pulled;
  desk.held = {
    en: [
      heldItem('01H', 'The bridge closes', 65, { urgency: 'flash' }),
      heldItem('01C', 'Corrected', 3, {}, { publishedVersion: 2 }),
    ],
    ar: [heldItem('01R', 'الجسر', 0)],
  };
  await using open = await pages.open(desk);
  const { page } = open;
  await page.getByRole('button', { name: 'Release STOP…' }).click();
  const rows = page.locator('.release li');
  await poll(() => rows.count()).toBe(3);
  expect(await rows.first().textContent()).toMatch(/English.*Flash.*The bridge closes.*1 hr\. ago.*Nour Haddad/);
  expect(await rows.last().textContent()).toMatch(/العربية.*الجسر/);
  expect(open.sent()).toEqual([]);
  await page.getByRole('button', { name: 'Let these 3 lines go out' }).click();
  await poll(open.sent).toEqual(['PUT /v1/stop {"stopped":false}']);
});

test('the desk counts the lines that the list has no room for, and reads the list again while it is open', async () => {
  const desk = new FakeDesk();
  desk.stop = pulled;
  desk.held = { en: [heldItem('01H', 'The bridge closes', 65)] };
  desk.moreHeld = 20;
  await using open = await pages.open(desk);
  const { page } = open;
  await page.clock.install();
  await page.getByRole('button', { name: 'Release STOP…' }).click();
  // Twenty in each of two editions.
  await poll(() => page.locator('.release .more-lines').textContent()).toBe(
    'More lines that go out, not listed here: 40',
  );
  expect(await page.locator('.release .danger').textContent()).toBe('Let these 41 lines go out');
  // A scheduled line comes due without a word of the stream.
  desk.moreHeld = 21;
  await page.clock.fastForward(5_000);
  await poll(() => page.locator('.release .danger').textContent()).toBe('Let these 43 lines go out');
});

test('a single line is taken out before the release, and a hidden one is hidden again', async () => {
  const desk = new FakeDesk();
  desk.stop = pulled;
  const shown = {
    ...heldItem('01S', 'Shown again', 2, {}, { state: 'published', publishedVersion: 2 }),
    kind: 'release',
  };
  desk.held = { en: [heldItem('01H', 'A hoax', 5), shown] };
  desk.onRequest = ({ method }) => {
    if (method === 'DELETE') desk.held = { en: [shown] };
  };
  await using open = await pages.open(desk);
  const { page } = open;
  await page.getByRole('button', { name: 'Release STOP…' }).click();
  await page.getByRole('button', { name: 'Take out: A hoax' }).click();
  await poll(open.sent).toEqual(['DELETE /v1/items/01H null']);
  // While the pointer is in the list, no other line comes to the place of this one.
  await poll(() => page.locator('.release li').count()).toBe(2);
  await poll(() => page.locator('.release li').first().textContent()).toContain('No longer in this list');
  expect(await page.locator('.release .danger').textContent()).toBe('Let this line go out');
  await page.getByRole('button', { name: 'Take out: Shown again' }).click();
  await poll(open.sent).toHaveLength(2);
  expect(open.sent()[1]).toMatch(/^POST \/v1\/items\/01S\/withhold /);
});

test('a line that joined since the list was read is shown before anything goes out', async () => {
  const desk = new FakeDesk();
  desk.stop = pulled;
  desk.held = { en: [heldItem('01H', 'One', 5)] };
  await using open = await pages.open(desk);
  const { page } = open;
  await page.getByRole('button', { name: 'Release STOP…' }).click();
  const release = page.getByRole('button', { name: 'Let this line go out' });
  await release.waitFor();
  // Just before the press, and sooner than the list is read again.
  await release.evaluate((button) => button.addEventListener('mousedown', () => fetch('/joins', { method: 'POST' })));
  desk.onRequest = ({ path }) => {
    if (path === '/joins') desk.held = { en: [heldItem('01H', 'One', 5), heldItem('01J', 'Two', 0)] };
  };
  await release.click();
  await poll(() => page.locator('.release li').count()).toBe(2);
  expect(open.sent().filter((request) => request.startsWith('PUT'))).toEqual([]);
});

test('the list of what will go out follows the stream', async () => {
  const desk = new FakeDesk();
  desk.stop = pulled;
  desk.held = { en: [heldItem('01H', 'One', 5)] };
  await using open = await pages.open(desk);
  const { page } = open;
  await page.getByRole('button', { name: 'Release STOP…' }).click();
  await poll(() => page.locator('.release li').count()).toBe(1);
  desk.held = { en: [heldItem('01H', 'One', 5), heldItem('01J', 'Two', 0)] };
  desk.items = [deskItem('01J', 'queued', { headline: 'Two' }, { publishedVersion: null, publishedAt: null })];
  await poll(() => page.locator('.release li').count()).toBe(2);
});

test('a release without a held line says that nothing waits', async () => {
  const desk = new FakeDesk();
  desk.stop = pulled;
  await using open = await pages.open(desk);
  const { page } = open;
  await page.getByRole('button', { name: 'Release STOP…' }).click();
  await poll(() => page.locator('.release').textContent()).toContain('Nothing waits.');
  await page.getByRole('button', { name: 'Keep STOP' }).click();
  await page.locator('.release').waitFor({ state: 'detached' });
  expect(open.sent()).toEqual([]);
});

test('no button of a colleague’s line comes under the pointer when another line joins the bar', async () => {
  const desk = new FakeDesk();
  const by = { keyId: 'other', name: 'Luz Pardo' };
  const line = (id: string, change: object) =>
    deskItem(id, 'held', { headline: id }, { dueAt: Date.now() + 60_000, publishedVersion: null, ...change });
  desk.items = [line('01C', { by }), line('01B', { by }), line('01A', {})];
  await using open = await pages.open(desk);
  const { page } = open;
  const lines = page.locator('section.held li .text');
  const undo = page.locator('section.held .undo');
  await undo.hover();
  desk.items = [line('01D', { by }), ...desk.items];
  await page.locator('.items [data-id="01D"]').waitFor();
  await page.mouse.down();
  await page.mouse.up();
  await poll(open.sent).toEqual(['DELETE /v1/items/01A null']);
  expect(await lines.allTextContents()).toEqual(['01C', '01B', '01A']);
  await page.mouse.move(2, 2);
  await poll(() => lines.allTextContents()).toEqual(['01D', '01C', '01B']);
});
