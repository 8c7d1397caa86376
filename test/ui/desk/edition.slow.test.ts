import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

test('the edition is in the address, and /desk goes to the first one, then to the one that this browser used last', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page, url } = open;
  await poll(() => page.url()).toBe(`${url}/desk/en`);
  await page.locator('[name=edition]').selectOption('ar');
  await poll(() => page.url()).toBe(`${url}/desk/ar`);
  await page.reload();
  await poll(() => page.locator('.composer .edition-mark').textContent()).toBe('العربية');
  await page.goto(`${url}/desk`);
  await poll(() => page.url()).toBe(`${url}/desk/ar`);
  expect(await page.locator('[name=edition]').inputValue()).toBe('ar');
  expect(await page.title()).toContain('العربية');
  expect(open.faults).toEqual([]);
});

test('the Back button of the browser returns to the edition before', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page, url } = open;
  await page.locator('[name=edition]').selectOption('ar');
  await poll(() => page.url()).toBe(`${url}/desk/ar`);
  await page.goBack();
  await poll(() => page.url()).toBe(`${url}/desk/en`);
  await poll(() => page.locator('.composer .edition-mark').textContent()).toBe('English');
});

test('a link to a line goes with its edition, and not to another one', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'Linked' })];
  await using open = await pages.open(desk);
  const { page, url } = open;
  await page.evaluate(() => {
    location.hash = '#line?edition=en&id=01C';
  });
  const isLinked = () => page.locator('[data-id="01C"]').evaluate((row) => row === document.activeElement);
  await poll(isLinked).toBe(true);
  await page.locator('[name=edition]').selectOption('ar');
  await poll(() => page.url()).toBe(`${url}/desk/ar`);
  // The same link again.
  await page.evaluate(() => {
    location.hash = '#line?edition=en&id=01C';
  });
  await poll(() => page.url()).toBe(`${url}/desk/en#line?edition=en&id=01C`);
  await poll(isLinked).toBe(true);
});

test('the edition is visible in words and colour at the box, and in words on the button', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  const colour = () => page.locator('.edition-mark').evaluate((mark) => getComputedStyle(mark).backgroundColor);
  const button = page.locator('.composer .primary');
  expect(await button.textContent()).toBe('Send to English');
  const english = await colour();
  await page.locator('[name=edition]').selectOption('ar');
  await poll(() => button.textContent()).toBe('Send to العربية');
  expect(await colour()).not.toBe(english);
  await page.locator('.composer textarea').press('Alt+Digit1');
  expect(await button.textContent()).toBe('Send the flash to العربية');
  await page.locator('details.more summary').first().click();
  await page.locator('[name=notBefore]').fill('2030-01-31T09:30');
  expect(await button.textContent()).toBe('Schedule for العربية');
});

test('an edition that does not exist, or that the key is not for, gets a page that says so and leads to the others', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page, url } = open;
  for (const id of ['nope', 'es']) {
    await page.goto(`${url}/desk/${id}`);
    const message = page.locator('.no-edition');
    await poll(() => message.locator('h2').textContent()).toBe(`There is no edition “${id}” for you here`);
    expect(await page.locator('.composer').count()).toBe(0);
    await message.getByRole('link', { name: 'العربية' }).click();
    await poll(() => page.locator('.composer .edition-mark').textContent()).toBe('العربية');
  }
});

test('a line in another script than the edition’s goes out only after a confirmation, even with Ctrl+Enter', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  const box = page.locator('.composer textarea');
  await box.fill('رويترز: الجسر يفتح الليلة');
  await box.press('Control+Enter');
  await poll(() => page.locator('.confirm').textContent()).toBe(
    'Most letters are not in the script of English. Send this to the readers of English?',
  );
  expect(await page.locator('.composer .primary').textContent()).toBe('Yes, send to English');
  expect(open.sent()).toEqual([]);
  await box.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  // Names and figures in another script are no reason to ask.
  await box.fill('AFP: Al Jazeera (الجزيرة) opens 3 offices');
  await box.press('Control+Enter');
  await poll(open.sent).toHaveLength(2);
});

test('a line in the script of another edition moves to its box by one press, and overwrites nothing there', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page, url } = open;
  const box = page.locator('.composer textarea');
  const move = page.getByRole('button', { name: 'Move it to العربية' });
  await box.fill('رويترز: الجسر يفتح الليلة');
  await page.locator('details.more summary').first().click();
  await page.locator('[name=notBefore]').fill('2030-01-31T09:30');
  await box.press('Control+Enter');
  await move.click();
  await poll(() => page.url()).toBe(`${url}/desk/ar`);
  await poll(() => box.inputValue()).toBe('رويترز: الجسر يفتح الليلة');
  // It does not go out earlier there.
  expect(await page.locator('[name=notBefore]').inputValue()).toBe('2030-01-31T09:30');
  await page.locator('[name=edition]').selectOption('en');
  await poll(() => page.locator('.composer .edition-mark').textContent()).toBe('English');
  expect(await box.inputValue()).toBe('');
  expect(await page.locator('[name=notBefore]').inputValue()).toBe('');
  await box.fill('رويترز: خبر ثان');
  await box.press('Control+Enter');
  await page.locator('.confirm').waitFor();
  expect(await move.count()).toBe(0);
  expect(open.sent()).toEqual([]);
});

test('a reload, the Back button and another edition keep the time, the urgency and the article of the line in the box', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page, url } = open;
  const box = page.locator('.composer textarea');
  await box.fill('AFP: The budget in full');
  await box.press('Alt+Digit1');
  await page.locator('details.more summary').first().click();
  await page.locator('[name=notBefore]').fill('2030-01-31T09:30');
  await page.locator('[name=url]').fill('https://news.example/budget');
  const isWhole = async () => {
    await poll(() => page.url()).toBe(`${url}/desk/en`);
    await poll(() => box.inputValue()).toBe('AFP: The budget in full');
    expect(await page.locator('[name=notBefore]').inputValue()).toBe('2030-01-31T09:30');
    expect(await page.locator('[name=url]').inputValue()).toBe('https://news.example/budget');
    expect(await page.locator('.composer .primary').textContent()).toBe('Schedule for English');
    expect(await page.locator('.urgency input:checked').inputValue()).toBe('flash');
  };
  await page.reload();
  await isWhole();
  await page.locator('[name=edition]').selectOption('ar');
  await poll(() => box.inputValue()).toBe('');
  await page.goBack();
  await isWhole();
  await box.press('Control+Enter');
  await page.locator('.review').waitFor();
  await page.locator('.composer .primary').click();
  await poll(open.sent).toHaveLength(1);
  expect(open.sent()[0]).toContain('"publishAt":"2030-01-31T09:30:00.000Z"');
  // The next line has none of it.
  await page.reload();
  await box.waitFor();
  expect(await page.locator('[name=notBefore]').inputValue()).toBe('');
});

test.each(['urgent', 'flash'])(
  'a draft (%s) in another script than the edition’s is asked about before its row publishes it',
  async (urgency) => {
    const desk = new FakeDesk();
    const change = { publishedVersion: null, publishedAt: null };
    desk.items = [deskItem('01C', 'draft', { headline: 'الجسر يفتح الليلة', urgency }, change)];
    await using open = await pages.open(desk);
    const { page } = open;
    const row = page.locator('[data-id="01C"]');
    await row.locator('button.publish').press('Enter');
    await poll(() => row.locator('.confirm').textContent()).toContain('Send this to the readers of English?');
    expect(await row.locator('form [type=submit]').textContent()).toMatch(/^Yes, send to English/);
    await page.keyboard.press('Enter');
    expect(open.sent()).toEqual([]);
    await page.keyboard.press('Control+Enter');
    // A flash is shown after the answer.
    if (urgency === 'flash') {
      await row.locator('.confirm').waitFor({ state: 'detached' });
      await page.keyboard.press('Control+Enter');
    }
    await poll(open.sent).toHaveLength(1);
    expect(open.sent()[0]).toContain('/01C/publish');
  },
);
