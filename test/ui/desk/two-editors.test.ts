import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

test('two corrections of one line are shown side by side, and the later one does not win by being later', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'Ten minutes' })];
  const theirs = deskItem(
    '01C',
    'published',
    { headline: 'Twelve minutes' },
    { version: 4, by: { name: 'Luz Pardo' } },
  );
  desk.item = theirs;
  desk.answer = ({ headers }) =>
    headers['if-match'] === '"4"'
      ? { status: 200, body: { id: '01C', version: 5, state: 'published' } }
      : { status: 412, body: { title: 'Another version', status: 412 } };
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('button.correct').click();
  await page.locator('.item textarea').fill('Eleven minutes');
  await page.locator('[name=note]').fill('It is eleven.');
  await page.locator('[name=note]').press('Control+Enter');
  await page.locator('.conflict').waitFor();
  expect(await page.locator('.conflict').textContent()).toContain(
    'Luz Pardo has changed it in the meantime (version 4)',
  );
  expect(await page.locator('.sides .text').allTextContents()).toEqual(['Twelve minutes', 'Eleven minutes']);
  await page.getByRole('button', { name: 'Replace theirs with yours' }).click();
  await poll(() => open.sent().length).toBe(2);
  expect(desk.requests.at(-1)?.headers['if-match']).toBe('"4"');
});

test('a flash that replaces the text of another editor is shown first', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'Ten minutes', urgency: 'flash' })];
  desk.item = deskItem('01C', 'published', { headline: 'Twelve minutes', urgency: 'flash' }, { version: 4 });
  desk.answer = ({ headers }) =>
    headers['if-match'] === '"4"'
      ? { status: 200, body: { id: '01C', version: 5, state: 'published' } }
      : { status: 412, body: { title: 'Another version', status: 412 } };
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('button.correct').click();
  await page.locator('.item textarea').fill('Eleven minutes');
  await page.locator('[name=note]').fill('It is eleven.');
  await page.locator('[name=note]').press('Control+Enter');
  await page.locator('.item .review').waitFor();
  await page.locator('[name=note]').press('Control+Enter');
  await page.getByRole('button', { name: 'Replace theirs with yours' }).click();
  expect(await page.locator('.item textarea').inputValue()).toBe('Eleven minutes');
  expect(open.sent()).toHaveLength(1);
  await page.locator('[name=note]').press('Control+Enter');
  await page.locator('.item .review').waitFor();
  await page.locator('[name=note]').press('Control+Enter');
  await poll(() => open.sent().length).toBe(2);
});

test('a translation is posted from the original in one step, linked to the version that was translated', async () => {
  const desk = new FakeDesk();
  const body = { headline: 'The bridge opens', sections: ['politics'], urgency: 'urgent' };
  desk.items = [deskItem('01C', 'published', body)];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('button.translate').click();
  const box = page.locator('.translate textarea');
  expect(await box.getAttribute('dir')).toBe('rtl');
  await box.fill('أ ف ب: الجسر يُفتح');
  await box.press('Control+Enter');
  await poll(() => open.sent().length).toBe(1);
  expect(JSON.stringify(desk.requests.at(-1)?.body)).toBe(
    JSON.stringify({
      edition: 'ar',
      attribution: 'أ ف ب',
      headline: 'الجسر يُفتح',
      urgency: 'urgent',
      sections: ['politics'],
      regions: [],
      topics: [],
      translationOf: { id: '01C', version: 3 },
      holdSeconds: 3,
    }),
  );
});

test('a translation shows that its original has changed or was retracted', async () => {
  const desk = new FakeDesk();
  const body = { headline: 'El puente', translationOf: { id: '01O', version: 1 } };
  const original = { id: '01O', edition: 'ar', version: 2, state: 'published', of: null };
  desk.items = [deskItem('01C', 'published', body, { original })];
  await using open = await pages.open(desk);
  await poll(() => open.page.locator('.stale').textContent()).toBe('The original is at version 2 now');
  desk.items = [deskItem('01C', 'published', body, { original: { ...original, state: 'retracted' } })];
  await poll(() => open.page.locator('.stale').textContent()).toBe('The original was retracted');
});
