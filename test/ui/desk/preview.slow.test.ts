import type { FrameLocator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();
const frame = (page: Page, name: string): FrameLocator => page.frameLocator(`.preview.${name} iframe`);

async function review(page: Page, line: string, urgency = 'Alt+Digit2') {
  const box = page.locator('.composer textarea');
  await box.fill(line);
  await box.press(urgency);
  await box.press('Enter');
  await page.locator('.review').waitFor();
}

test('the preview is the ticker and the live page that readers get, at the width of a phone and at a wide one', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  await review(page, 'AFP: The bridge opens tonight');
  for (const [name, width] of [
    ['phone', 390],
    ['wide', 800],
  ] as const) {
    const shown = frame(page, name);
    await poll(() => shown.locator('breaking-ticker .current .line').textContent()).toBe(
      'AFP: The bridge opens tonight',
    );
    expect(await shown.locator('.updates .entry .line').textContent()).toBe('AFP: The bridge opens tonight');
    expect(await shown.locator('.updates .entry .urgency').textContent()).toBe('Urgent');
    expect(await shown.locator('html').evaluate(() => innerWidth)).toBe(width);
  }
  // The ticker lays itself out by its own width.
  const widthOf = (name: string) =>
    frame(page, name)
      .locator('breaking-ticker')
      .evaluate((ticker) => ticker.getBoundingClientRect().width);
  expect(await widthOf('phone')).toBeLessThan(390);
  expect(await widthOf('wide')).toBeGreaterThan(700);
  expect(open.faults).toEqual([]);
});

test('a flash is as bold in the preview as readers see it', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  await review(page, 'AFP: The bridge closes', 'Alt+Digit1');
  const weightOf = (selector: string) =>
    frame(page, 'phone')
      .locator(selector)
      .evaluate((line) => getComputedStyle(line).fontWeight);
  await frame(page, 'phone').locator('breaking-ticker .top').waitFor();
  expect(await weightOf('breaking-ticker .top .headline')).toBe('600');
  expect(await weightOf('.updates .headline')).toBe('700');
});

test('the preview is in the language, the direction and the digits of the edition, and in the colours of the system', async () => {
  await using open = await pages.open(new FakeDesk(), { colorScheme: 'dark' });
  const { page } = open;
  await page.locator('[name=edition]').selectOption('ar');
  await review(page, 'أ ف ب: الجسر يفتح الليلة');
  const shown = frame(page, 'phone');
  await shown.locator('breaking-ticker .current').waitFor();
  expect(await shown.locator('html').getAttribute('dir')).toBe('rtl');
  const background = () => shown.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
  expect(await background()).toBe('rgb(17, 19, 24)');
});

test('a preview of a correction shows the mark and the note that readers get', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'The bridge closes', urgency: 'flash' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01C"] button.correct').click();
  await page.locator('[name=note]').fill('It stays open.');
  await page.locator('[name=note]').press('Control+Enter');
  const shown = page.frameLocator('.item .preview.phone iframe');
  await poll(() => shown.locator('.updates .note').textContent()).toBe('It stays open.');
  expect(await shown.locator('.updates .corrected').textContent()).toBe('Corrected');
});

test('an editor who has hidden the ticker as a reader still sees it in the preview, and no key gets into it', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  await page.evaluate(() => localStorage.setItem('flashwire-ticker', '{"hidden":true,"paused":true}'));
  await review(page, 'AFP: The bridge opens tonight');
  await frame(page, 'phone').locator('breaking-ticker .current').waitFor();
  expect(await page.evaluate(() => localStorage.getItem('flashwire-ticker'))).toBe('{"hidden":true,"paused":true}');
  for (let tab = 0; tab < 12; tab++) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('IFRAME');
  }
});

test('the preview of a long line claims no cut and no smaller type', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  const line = `AFP: ${'The bridge opens tonight after a long wait '.repeat(4)}`;
  await review(page, line);
  expect(await page.locator('.review').textContent()).not.toMatch(/cut/i);
  expect(await page.locator('.warnings .too-long').textContent()).toMatch(/^17\d characters: short lines get read$/);
  const size = () =>
    frame(page, 'phone')
      .locator('breaking-ticker .current .line')
      .evaluate((shown) => Number.parseFloat(getComputedStyle(shown).fontSize));
  await frame(page, 'phone').locator('breaking-ticker .current').waitFor();
  expect(await size()).toBe(16);
});

test('only the desk can put the preview in a frame, and the preview connects to nothing', async () => {
  await using open = await pages.open(new FakeDesk());
  const { headers } = await fetch(`${open.url}/desk.preview`);
  expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
  expect(headers.get('content-security-policy')).toContain("connect-src 'none'");
  expect((await fetch(`${open.url}/desk`)).headers.get('x-frame-options')).toBe('DENY');
});

test.each([800, 1_080])(
  'the button that sends is in view beside the preview, in a window %i px high',
  async (height) => {
    await using open = await pages.open(new FakeDesk(), { viewport: { width: 1_280, height } });
    const { page } = open;
    await review(
      page,
      'AFP: The bridge opens tonight after a long night of talks between the two cities',
      'Alt+Digit1',
    );
    await frame(page, 'wide').locator('breaking-ticker .top').waitFor();
    const isInView = () =>
      page.locator('.composer .primary').evaluate((button) => {
        const { top, bottom } = button.getBoundingClientRect();
        return (
          top >= 0 &&
          bottom <= innerHeight &&
          button.contains(document.elementFromPoint(innerWidth / 8, (top + bottom) / 2))
        );
      });
    await poll(isInView).toBe(true);
  },
);
