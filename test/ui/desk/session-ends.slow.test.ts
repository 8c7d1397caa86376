import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { deskSecret, poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

const signIn = async (page: Awaited<ReturnType<typeof pages.open>>['page'], key = deskSecret) => {
  const box = page.locator('input[type=password]');
  await box.fill(key);
  await box.press('Enter');
};

test('a session that ends in mid-sentence keeps the text in the box and in an open correction, and the cursor', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01B', 'published', { headline: 'Ten minutes' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('.composer textarea').fill('Half a li');
  const row = page.locator('[data-id="01B"]');
  await row.locator('button.correct').click();
  await row.locator('textarea').fill('Eleven min');
  await row.locator('[name=note]').fill('It is eleven.');
  await row.locator('textarea').focus();
  desk.signedIn = false;
  await page.locator('.sign-in').waitFor();
  expect(await page.locator('.sign-in [role=alert]').textContent()).toBe(
    'Your session has ended. Sign in again: what you were writing is still here.',
  );
  expect(await row.isVisible()).toBe(false);
  await signIn(page);
  await row.waitFor();
  expect(await row.locator('textarea').inputValue()).toBe('Eleven min');
  expect(await row.locator('[name=note]').inputValue()).toBe('It is eleven.');
  expect(await page.locator('.composer textarea').inputValue()).toBe('Half a li');
  await poll(() => row.locator('textarea').evaluate((box) => box === document.activeElement)).toBe(true);
  await page.keyboard.type('utes');
  // With the key: a click right after rows have moved is ignored.
  await row.getByRole('button', { name: /^Send the correction/ }).press('Enter');
  await poll(() => desk.requests.at(-1)).toMatchObject({
    method: 'PUT',
    body: { headline: 'Eleven minutes', correction: { note: 'It is eleven.' } },
  });
  expect(open.faults.filter((fault) => !fault.includes('401'))).toEqual([]);
});

test('a signed-out desk sends no request until somebody signs in', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  await page.clock.install();
  desk.signedIn = false;
  await page.clock.runFor(2_000);
  await page.locator('.sign-in').waitFor();
  desk.asked.length = 0;
  for (let turn = 0; turn < 10; turn++) await page.clock.runFor(2_000);
  expect(desk.asked).toEqual([]);
  await signIn(page);
  await page.locator('.composer textarea').waitFor();
  await poll(() => desk.asked.some((path) => path.startsWith('/v1/stream?'))).toBe(true);
});

test.each([
  ['shared by all windows', ''],
  ['of the window itself', 'delete window.SharedWorker'],
])('the stream %s stops with the session, and the next sign-in opens it again', async (_whose, script) => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01B', 'published', { headline: 'First' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.addInitScript(script);
  await page.reload();
  const lines = page.locator('.item .text');
  await poll(() => lines.allTextContents()).toEqual(['First']);
  desk.signedIn = false;
  await page.locator('.sign-in').waitFor();
  expect(await lines.allTextContents()).toEqual(['First']);
  desk.items = [deskItem('02C', 'published', { headline: 'Missed' }, { acceptedAt: 1_772_359_300_000 }), ...desk.items];
  await signIn(page);
  await poll(() => lines.allTextContents()).toEqual(['Missed', 'First']);
  expect(desk.streams).toBe(1);
  // A request hears of the end before the stream does.
  desk.answer = () => ({ status: 401, body: { title: 'Sign in first.', status: 401 } });
  await page.locator('.composer textarea').fill('A line');
  await page.locator('.composer textarea').press('Control+Enter');
  await page.locator('.sign-in').waitFor();
  await poll(() => desk.streams).toBe(0);
  await signIn(page);
  await poll(() => desk.streams).toBe(1);
  expect(await page.locator('.service.broken').count()).toBe(0);
});

test('every window of the browser says that the session has ended, also on the audit trail', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  const other = await page.context().newPage();
  await other.goto(`${open.url}/desk#audit`);
  await other.locator('.audit').waitFor();
  desk.signedIn = false;
  await page.locator('.sign-in').waitFor();
  await other.locator('.sign-in').waitFor();
  await signIn(page);
  await page.locator('.composer textarea').waitFor();
  await other.evaluate(() => void window.dispatchEvent(new Event('focus')));
  await other.locator('.audit').waitFor();
  expect(desk.streams).toBe(1);
});

test('another person who signs in finds none of the open forms, nor the text of the box, and the first one finds both', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01B', 'published', { headline: 'Ten minutes' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01B"] button.correct').click();
  await page.locator('[data-id="01B"] textarea').fill('Eleven min');
  await page.locator('.composer textarea').fill('Half a li');
  const nour = desk.who;
  desk.signedIn = false;
  await page.locator('.sign-in').waitFor();
  desk.who = { ...nour, keyId: 'fw_good_luz', name: 'Luz Pardo' };
  await signIn(page);
  await poll(() => page.locator('.who').textContent()).toBe('Luz Pardo editor');
  await page.locator('[data-id="01B"] button.correct').waitFor();
  expect(await page.locator('[data-id="01B"] textarea').count()).toBe(0);
  expect(await page.locator('.composer textarea').inputValue()).toBe('');
  desk.signedIn = false;
  await page.locator('.sign-in').waitFor();
  desk.who = nour;
  await signIn(page);
  await poll(() => page.locator('.composer textarea').inputValue()).toBe('Half a li');
  expect(await page.locator('[data-id="01B"] textarea').inputValue()).toBe('Eleven min');
});

test('a window whose session has ended goes on when another window of the browser has signed in', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('.composer textarea').fill('Half a li');
  desk.signedIn = false;
  await page.locator('.sign-in').waitFor();
  desk.signedIn = true;
  await page.evaluate(() => void window.dispatchEvent(new Event('focus')));
  await page.locator('.composer textarea').waitFor();
  expect(await page.locator('.composer textarea').inputValue()).toBe('Half a li');
});

test.each([
  ['en', 'This key is not valid. Check that it was copied whole, or ask an admin for a new one.'],
  ['es', 'Esta clave no es válida. Compruebe que la copió entera o pida una nueva a quien administra.'],
  ['ar', 'هذا المفتاح غير صالح. تأكد من نسخه كاملًا، أو اطلب مفتاحًا جديدًا من المدير.'],
])('a wrong key is answered with one clear message in %s', async (locale, message) => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk, { locale });
  const { page } = open;
  desk.signedIn = false;
  await page.reload();
  await signIn(page, 'fw_evil_0');
  await poll(() => page.locator('.sign-in [role=alert]').allTextContents()).toEqual([message]);
});

test('an unreachable server at sign-in is said in one message, and the key stays in the box', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  desk.signedIn = false;
  await page.locator('.sign-in').waitFor();
  desk.isUnreachable = true;
  await signIn(page);
  await poll(() => page.locator('.sign-in [role=alert]').allTextContents()).toEqual([
    'No answer from the server. You are not signed in. Try again.',
  ]);
  desk.isUnreachable = false;
  await page.locator('.sign-in button[type=submit]').click();
  await page.locator('.composer textarea').waitFor();
});
