import { expect, test } from 'vitest';
import { FakeDesk } from './fake-desk.ts';
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
