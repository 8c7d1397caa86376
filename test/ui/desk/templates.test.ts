import { expect, test } from 'vitest';
import { siteEdition } from '../../resources/site.ts';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

/** An edition with templates: one that needs a key, whose templates come with the session. */
async function openWithTemplates(desk = new FakeDesk()) {
  const templates = [
    { name: 'Sirens', text: 'Army: Sirens in {place} and {other place}', urgency: 'flash' },
    { name: 'Vote', text: '{who} votes' },
  ];
  desk.keyEditions = [
    siteEdition('vip', { name: 'Ministers', language: 'en', access: 'key', ...{ templates } } as object),
  ];
  const open = await pages.open(desk);
  await open.page.goto(`${open.url}/desk/vip`);
  await open.page.locator('.composer [name=template]').waitFor();
  return open;
}

const selected = (box: HTMLElement | SVGElement) => {
  const { value, selectionStart, selectionEnd } = box as unknown as HTMLTextAreaElement;
  return value.slice(selectionStart, selectionEnd);
};

test('a template opens in the box with its urgency, and Tab moves through its slots', async () => {
  await using open = await openWithTemplates();
  const { page } = open;
  const box = page.locator('.composer textarea');
  await page.locator('.composer [name=template]').selectOption('Sirens');
  await poll(() => box.inputValue()).toBe('Army: Sirens in {place} and {other place}');
  expect(await page.locator('.composer .urgency :checked').inputValue()).toBe('flash');
  await poll(() => box.evaluate(selected)).toBe('{place}');
  await page.keyboard.type('Lisbon');
  await page.keyboard.press('Tab');
  expect(await box.evaluate(selected)).toBe('{other place}');
  await page.keyboard.press('Shift+Tab');
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('TEXTAREA');
  await box.focus();
  // Home alone goes to the start of the visual line, and the line wraps.
  await box.press('Control+Home');
  await box.press('Tab');
  await page.keyboard.type('Faro');
  expect(await box.inputValue()).toBe('Army: Sirens in Lisbon and Faro');
  // No slot is left: Tab goes on as everywhere.
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('TEXTAREA');
});

test('a line with an open slot is not sent, in whatever way, and can be saved as a draft', async () => {
  await using open = await openWithTemplates();
  const { page } = open;
  const box = page.locator('.composer textarea');
  await page.locator('.composer [name=template]').selectOption('Vote');
  for (const key of ['Enter', 'Control+Enter']) {
    await box.press('End');
    await box.press(key);
    await poll(() => page.locator('.composer .said').textContent()).toBe('Fill in “{who}” first.');
    await poll(() => box.evaluate(selected)).toBe('{who}');
  }
  await page.locator('.composer .primary').click();
  expect(open.sent()).toEqual([]);
  await box.press('Control+s');
  await poll(open.sent).toHaveLength(1);
  expect(open.sent()[0]).toContain('"state":"draft"');
});

test('a draft with an open slot opens for editing instead of going out', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01D', 'draft', { headline: '{who} votes' }, { edition: 'vip', publishedVersion: null })];
  await using open = await openWithTemplates(desk);
  const { page } = open;
  await page.locator('[data-id="01D"] button.publish').click();
  await poll(() => page.locator('.item textarea').inputValue()).toBe('{who} votes');
  expect(open.sent()).toEqual([]);
});

test('a template overwrites no text', async () => {
  await using open = await openWithTemplates();
  const { page } = open;
  await page.locator('.composer textarea').fill('Half a line');
  expect(await page.locator('.composer [name=template]').isDisabled()).toBe(true);
});
