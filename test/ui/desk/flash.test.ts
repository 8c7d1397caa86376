import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

/** Presses Ctrl+Enter twice: the first press shows the flash and sends nothing, the second one sends it. */
async function isShownFirst(open: Awaited<ReturnType<typeof pages.open>>, press: () => Promise<void>) {
  const { page } = open;
  await press();
  await poll(() => page.locator('.item .review .consequence').textContent()).toMatch(
    /^Flash to [\d,]+ open connections$/,
  );
  expect(open.sent()).toEqual([]);
  await press();
  await poll(open.sent).toHaveLength(1);
}

test('a correction that makes an update a flash is shown before it goes out', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'The bridge closes', urgency: 'update' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01C"] button.correct').click();
  await page.locator('.item .urgency input[value=flash]').check();
  await page.locator('[name=note]').fill('It is.');
  await isShownFirst(open, () => page.locator('[name=note]').press('Control+Enter'));
  expect(open.sent()[0]).toContain('"urgency":"flash"');
});

test('a change goes back from the preview of a correction, and a correction of an update needs none', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'The bridge closes', urgency: 'flash' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01C"] button.correct').click();
  await page.locator('[name=note]').fill('It is.');
  await page.locator('[name=note]').press('Control+Enter');
  await page.locator('.item .review').waitFor();
  await page.locator('.item .urgency input[value=update]').check();
  await page.locator('.item .review').waitFor({ state: 'detached' });
  await page.locator('[name=note]').press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
});

test('a translation of a flash is shown to the readers of its own edition before it goes out', async () => {
  const desk = new FakeDesk();
  desk.status = { readers: { en: 7, ar: 1_204 }, processes: [], provenAgoMs: 4_000 };
  desk.items = [deskItem('01C', 'published', { headline: 'The bridge closes', urgency: 'flash' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01C"] button.translate').click();
  const box = page.locator('.translate textarea');
  await box.fill('أ ف ب: الجسر يُغلق');
  expect(await page.locator('.translate button[type=submit]').textContent()).toMatch(/^Send the flash to العربية/);
  await isShownFirst(open, () => box.press('Control+Enter'));
});

test('a translation in the script of the original asks before it goes to the other edition', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'The bridge closes' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01C"] button.translate').click();
  const box = page.locator('.translate textarea');
  await box.fill('AFP: The bridge closes');
  await box.press('Control+Enter');
  await poll(() => page.locator('.translate .confirm').textContent()).toContain('the readers of العربية');
  expect(open.sent()).toEqual([]);
});

test.each([
  ['withheld', 'show', /\/release /],
  ['draft', 'publish', /\/publish /],
])('a %s flash is shown before "%s" lets it out', async (state, action, request) => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', state, { headline: 'The bridge closes', urgency: 'flash' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator(`[data-id="01C"] button.${action}`).click();
  await page.locator('.item .review').waitFor();
  expect(open.sent()).toEqual([]);
  await page.locator('.item form button[type=submit]').click();
  await poll(open.sent).toHaveLength(1);
  expect(open.sent()[0]).toMatch(request);
});

test('a flash that is scheduled is shown before it is accepted', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  const box = page.locator('.composer textarea');
  await box.fill('AFP: The bridge closes');
  await box.press('Alt+Digit1');
  await page.locator('details.more summary').first().click();
  await page.locator('[name=notBefore]').fill('2030-01-31T09:30');
  await box.press('Control+Enter');
  await poll(() => page.locator('.review').textContent()).toContain('Goes out at 31/01/2030, 09:30');
  expect(open.sent()).toEqual([]);
});

test('a second Enter sends no draft flash and shows no hidden one: Ctrl+Enter or the button does', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'draft', { headline: 'The bridge closes', urgency: 'flash' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01C"] button.publish').press('Enter');
  await page.locator('.item .review').waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  expect(open.sent()).toEqual([]);
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
});
