import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type DeskRequest, deskItem, FakeDesk } from './fake-desk.ts';
import { deskSecret, poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

const line = (state: string, version: number, change: object = {}) =>
  deskItem(
    '01H',
    state,
    { headline: 'Ten are hurt' },
    {
      version,
      publishedVersion: null,
      publishedAt: null,
      dueAt: state === 'held' ? Date.now() + 60_000 : null,
      ...change,
    },
  );
const outNow = () => line('published', 1, { publishedVersion: 1, publishedAt: Date.now() });

/** A held line, at a desk whose API does what the real one does with edits. */
function heldDesk() {
  const desk = new FakeDesk();
  desk.items = [line('held', 1)];
  desk.answer = ({ method, path, body }: DeskRequest) => {
    if (method === 'PUT' && Object(body).state === 'draft') {
      desk.items = [line('draft', 2)];
      return { status: 202, body: { id: '01H', version: 2, state: 'draft' } };
    }
    const version = path.endsWith('/publish') ? 4 : 3;
    return { status: 202, body: { id: '01H', version, state: path.endsWith('/publish') ? 'held' : 'draft' } };
  };
  return desk;
}

const row = (page: Page) => page.locator('[data-id="01H"]');

test('editing a held line stops its clock, and Ctrl+Enter publishes the new text with a new hold', async () => {
  const desk = heldDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  await row(page).locator('button.correct').press('Enter');
  await poll(() => row(page).locator('form [role=status]').first().textContent()).toBe(
    'Stopped. The line goes out when you publish it.',
  );
  expect(open.sent()).toHaveLength(1);
  expect(desk.requests.at(-1)).toMatchObject({ method: 'PUT', body: { headline: 'Ten are hurt', state: 'draft' } });
  await row(page).locator('textarea').fill('AFP: Eleven are hurt');
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(3);
  expect(desk.requests.at(-2)).toMatchObject({ method: 'PUT', headers: { 'if-match': '"2"' } });
  expect(desk.requests.at(-2)?.body).toMatchObject({ attribution: 'AFP', headline: 'Eleven are hurt' });
  expect(desk.requests.at(-1)).toMatchObject({ path: '/v1/items/01H/publish', headers: { 'if-match': '"3"' } });
  expect(desk.requests.at(-1)?.body).toEqual({ holdSeconds: 3 });
  await row(page).locator('form').waitFor({ state: 'detached' });
  expect(open.faults).toEqual([]);
});

test('Ctrl+Enter waits for the clock to stop', async () => {
  const desk = heldDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  let stop = () => {};
  const isStopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  await page.route('**/v1/items/01H', async (route) => {
    if (route.request().postData()?.includes('"state":"draft"')) await isStopped;
    await route.continue();
  });
  await row(page).locator('button.correct').press('Enter');
  await row(page).locator('textarea').fill('Eleven are hurt');
  await page.keyboard.press('Control+Enter');
  await row(page).locator('button[type=submit]:disabled').waitFor();
  expect(open.sent()).toEqual([]);
  stop();
  await poll(() => desk.requests.slice(1).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'PUT /v1/items/01H',
    'PUT /v1/items/01H',
    'POST /v1/items/01H/publish',
  ]);
});

test.each([
  ['before the edit was accepted', 'refused'],
  ['and the list says so first', 'seen'],
])('a form on a line that has gone out %s becomes a correction and keeps the text', async (_, how) => {
  const desk = heldDesk();
  desk.answer = () => {
    desk.items = [outNow()];
    return { status: how === 'refused' ? 409 : 503, body: { title: 'No', status: 409 } };
  };
  desk.item = outNow();
  await using open = await pages.open(desk);
  const { page } = open;
  await row(page).locator('button.correct').press('Enter');
  await row(page).locator('textarea').fill('Eleven are hurt');
  await poll(() => row(page).locator('form [role=alert]').first().textContent()).toContain(
    'Your text is a correction now',
  );
  expect(await row(page).locator('textarea').inputValue()).toBe('Eleven are hurt');
  desk.answer = () => ({ status: 200, body: { id: '01H', version: 2, state: 'published' } });
  await row(page).locator('textarea').press('Control+Enter');
  // A correction has a note.
  expect(open.sent()).toHaveLength(1);
  await row(page).locator('[name=note]').fill('Counted again.');
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(2);
  expect(desk.requests.at(-1)?.body).toMatchObject({
    headline: 'Eleven are hurt',
    correction: { kind: 'corrected', note: 'Counted again.' },
    holdSeconds: 3,
  });
});

test('a form keeps its text when it is closed, and discards it on request only', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'Ten are hurt' })];
  await using open = await pages.open(desk);
  const { page } = open;
  const item = page.locator('[data-id="01C"]');
  await item.locator('button.correct').click();
  await item.locator('textarea').fill('Eleven are hurt');
  await item.locator('[name=note]').fill('Counted again.');
  await page.keyboard.press('Escape');
  expect(await item.locator('.kept').textContent()).toBe('Your text here is not sent. Continue');
  await item.locator('.reopen').press('Enter');
  expect(await item.locator('textarea').inputValue()).toBe('Eleven are hurt');
  expect(await item.locator('[name=note]').inputValue()).toBe('Counted again.');
  await item.getByRole('button', { name: 'Discard' }).press('Enter');
  await item.locator('button.correct').press('Enter');
  expect(await item.locator('textarea').inputValue()).toBe('Ten are hurt');
  await page.keyboard.press('Escape');
  expect(await item.locator('.kept').count()).toBe(0);
  expect(open.sent()).toEqual([]);
});

test.each([
  ['correct', 'textarea', 'Eleven are hurt'],
  ['translate', 'textarea', 'أحد عشر جريحا'],
  ['retract', '[name=reason]', 'Counted wrong'],
])(
  'an open %s form is open with its text after a reload and after signing in again, and the focus is in the box',
  async (action, field, text) => {
    const desk = new FakeDesk();
    desk.items = [deskItem('01C', 'published', { headline: 'Ten are hurt' })];
    await using open = await pages.open(desk);
    const { page } = open;
    const item = page.locator('[data-id="01C"]');
    await item.locator(`button.${action}`).click();
    await item.locator(field).fill(text);
    await page.reload();
    await poll(() => item.locator(field).inputValue()).toBe(text);
    expect(await page.locator('.composer textarea').evaluate((box) => box === document.activeElement)).toBe(true);
    // The session ends in the middle of it.
    desk.signedIn = false;
    await page.locator('.sign-in input').fill(deskSecret);
    await page.locator('.sign-in input').press('Enter');
    await poll(() => item.locator(field).inputValue()).toBe(text);
  },
);

test('a correction behind a proxy without a server is not called refused and keeps its text over a reload, and a sent one leaves none', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'Ten are hurt' })];
  desk.answer = () => ({ status: 502, body: { message: 'Bad Gateway' } });
  await using open = await pages.open(desk);
  const { page } = open;
  const item = page.locator('[data-id="01C"]');
  await item.locator('button.correct').click();
  await item.locator('textarea').fill('Eleven are hurt');
  await item.locator('[name=note]').fill('Counted again.');
  await page.keyboard.press('Control+Enter');
  await poll(() => item.locator('.problem').textContent()).toMatch(/^No answer from the server. It is unknown/);
  await page.reload();
  await poll(() => item.locator('textarea').inputValue()).toBe('Eleven are hurt');
  desk.answer = () => ({ status: 200, body: { id: '01C', version: 4, state: 'published' } });
  await item.locator('[name=note]').press('Control+Enter');
  await item.locator('form').waitFor({ state: 'detached' });
  await page.reload();
  await item.waitFor();
  expect(await item.locator('form, .kept').count()).toBe(0);
});

test('a text that was typed on an older version is compared with the newest, also after a reload', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'Ten are hurt' })];
  const theirs = deskItem(
    '01C',
    'published',
    { headline: 'Twelve are hurt' },
    { version: 4, by: { name: 'Luz Pardo' } },
  );
  desk.item = theirs;
  desk.answer = ({ headers }) => ({
    status: headers['if-match'] === '"3"' ? 412 : 200,
    body: { title: 'Another version', status: 412 },
  });
  await using open = await pages.open(desk);
  const { page } = open;
  const item = page.locator('[data-id="01C"]');
  await item.locator('button.correct').click();
  await item.locator('textarea').fill('Eleven are hurt');
  await item.locator('[name=note]').fill('Counted again.');
  desk.items = [theirs];
  await page.reload();
  await item.locator('[name=note]').press('Control+Enter');
  await poll(() => page.locator('.sides .text').allTextContents()).toEqual(['Twelve are hurt', 'Eleven are hurt']);
});
