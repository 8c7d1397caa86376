import { expect, test } from 'vitest';
import { usualFlashesPerMinute } from '../../../src/item/site.ts';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

/** A desk whose server had many flashes in the last minute. */
function blownDesk(): FakeDesk {
  const desk = new FakeDesk();
  desk.answer = ({ method, path, headers, body }) => {
    const isDraftEdit = method === 'PUT' && Object(body).urgency !== 'flash';
    return String(headers['prefer']).includes('confirm=flash-fuse') || isDraftEdit
      ? { status: path.endsWith('/items') ? 201 : 200, body: { id: '01A', version: 2, state: 'held' } }
      : { status: 409, body: { type: '/problems/flash-fuse', title: 'Many flashes.', status: 409 } };
  };
  return desk;
}

type Open = Awaited<ReturnType<typeof pages.open>>;

/** The desk asks in words, and the confirmation is the same request with the confirmation. */
async function isAskedOnce({ page }: Open, desk: FakeDesk, place: string, confirm: () => Promise<void>) {
  await poll(() => page.locator(`${place} .confirm.fuse`).textContent()).toMatch(
    /^\d+ flashes or more in (English|العربية) in the last minute\. Send this one as well\?$/,
  );
  expect(await page.locator(`${place} .confirm.fuse`).textContent()).toContain(String(usualFlashesPerMinute));
  expect(await page.locator('.problem').count()).toBe(0);
  await confirm();
  const sent = () => desk.requests.filter(({ path }) => path.startsWith('/v1/items'));
  await poll(sent).toHaveLength(2);
  const [first, second] = sent();
  expect(first?.headers['prefer']).toBe('wait=5');
  expect(second?.headers['prefer']).toBe('wait=5, confirm=flash-fuse');
  const { method, path, body } = first ?? {};
  expect(second).toMatchObject({ method, path, body });
  expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  expect(second?.headers['if-match']).toBe(first?.headers['if-match']);
  await page.locator(`${place} .confirm.fuse`).waitFor({ state: 'detached' });
}

async function sendFlash({ page }: Open, text = 'AFP: The bridge closes') {
  const box = page.locator('.composer textarea');
  await box.fill(text);
  await box.press('Alt+Digit1');
  await box.press('Control+Enter');
  await box.press('Control+Enter');
  return box;
}

test('one flash more is asked about, and goes out with the same key', async () => {
  const desk = blownDesk();
  await using open = await pages.open(desk);
  const box = await sendFlash(open);
  await open.page.locator('.composer .confirm.fuse').waitFor();
  expect(await box.inputValue()).toBe('AFP: The bridge closes');
  await box.press('Enter'); // not enough for a question
  await isAskedOnce(open, desk, '.composer', () => box.press('Control+Enter'));
  expect(await box.inputValue()).toBe('');
});

test('a second Enter while Ctrl is still held does not confirm', async () => {
  const desk = blownDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  const box = page.locator('.composer textarea');
  await box.fill('AFP: The bridge closes');
  await box.press('Alt+Digit1');
  await box.press('Control+Enter');
  await page.keyboard.down('Control');
  await page.keyboard.press('Enter');
  await page.locator('.composer .confirm.fuse').waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.up('Control');
  await isAskedOnce(open, desk, '.composer', () => box.press('Control+Enter'));
});

test('a flash whose box is taken keeps its text, and is confirmed below the box', async () => {
  const desk = blownDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  let letThrough = () => {};
  const typed = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  await page.route('**/v1/items', async (route) => {
    await typed;
    await route.continue();
  });
  const box = await sendFlash(open);
  await box.fill('The next line');
  letThrough();
  await isAskedOnce(open, desk, '.outgoing', () => page.locator('.outgoing button.primary').click());
  expect(await box.inputValue()).toBe('The next line');
});

test('a correction that makes a flash is confirmed', async () => {
  const desk = blownDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'The bridge closes', urgency: 'update' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01C"] button.correct').click();
  await page.locator('.item .urgency input[value=flash]').check();
  const note = page.locator('[name=note]');
  await note.fill('It is.');
  await note.press('Control+Enter');
  await page.locator('.item .review').waitFor();
  await note.press('Control+Enter');
  await isAskedOnce(open, desk, '.item', () => note.press('Control+Enter'));
});

test('a translation is confirmed', async () => {
  const desk = blownDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'The bridge closes', urgency: 'flash' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01C"] button.translate').click();
  const box = page.locator('.translate textarea');
  await box.fill('أ ف ب: الجسر يُغلق');
  await box.press('Control+Enter');
  await page.locator('.item .review').waitFor();
  await box.press('Control+Enter');
  await isAskedOnce(open, desk, '.translate', () => box.press('Control+Enter'));
});

test.each([
  ['withheld', 'show'],
  ['draft', 'publish'],
])('a %s flash that "%s" lets out is confirmed', async (state, action) => {
  const desk = blownDesk();
  desk.items = [deskItem('01C', state, { headline: 'The bridge closes', urgency: 'flash' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator(`[data-id="01C"] button.${action}`).click();
  const submit = page.locator('.item form button[type=submit]');
  await submit.click();
  await isAskedOnce(open, desk, '.item', () => submit.click());
});
