import { expect, test } from 'vitest';
import { axeViolations } from '../axe.ts';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { pastMovement, poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();
const line = 'AFP: The bridge opens tonight';

test('the desk works by thumb at 390 px: post, correct, hide and retract without scrolling sideways', async () => {
  const desk = new FakeDesk();
  desk.items = [
    deskItem('01C', 'published', { headline: 'A line that is long enough to need a second row on a phone' }),
  ];
  desk.answer = () => ({ status: 200, body: { id: '01C', version: 4, state: 'published' } });
  await using open = await pages.open(desk, {
    viewport: { width: 390, height: 780 },
    hasTouch: true,
    isMobile: true,
  });
  const { page } = open;
  const small = await page
    .locator('button:visible')
    .evaluateAll((buttons) =>
      buttons.filter((button) => button.getBoundingClientRect().height < 43).map((button) => button.textContent),
    );
  expect(small).toEqual([]);
  await page.locator('.composer textarea').fill(line);
  await page.locator('.composer .primary').tap();
  await page.locator('.review').waitFor();
  await page.locator('.composer .primary').tap();
  await poll(open.sent).toHaveLength(1);
  // The list has moved up below the box that shrank.
  await pastMovement(page);
  await page.locator('button.hide').tap();
  await poll(open.sent).toHaveLength(2);
  await page.locator('button.correct').tap();
  await page.locator('.item textarea').fill('AFP: Another line');
  await page.locator('[name=note]').fill('Why');
  // Two taps at one place in less than 0.5 s are a double tap, and one press.
  await pastMovement(page);
  await page.getByRole('button', { name: /^Send the correction/ }).tap();
  await poll(open.sent).toHaveLength(3);
  await page.locator('button.retract').tap();
  await page.locator('[name=reason]').fill('Why');
  await page.getByRole('button', { name: /^Retract permanently/ }).tap();
  await poll(open.sent).toHaveLength(4);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test('the desk speaks English, Arabic and Spanish, stores the choice, and runs right to left in Arabic', async () => {
  await using open = await pages.open(new FakeDesk(), { locale: 'es-ES' });
  const { page } = open;
  expect(await page.locator('h1').textContent()).toMatch(/ Mesa$/);
  await page.locator('.menu summary').click();
  await page.locator('[name=language]').selectOption('ar');
  await poll(() => page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`)).toBe(
    'ar rtl',
  );
  await page.reload();
  await poll(() => page.locator('h1').textContent()).toMatch(/ غرفة التحرير$/);
});

test('sign-in over plain HTTP from another machine warns in one sentence', async () => {
  const { isReadableOnTheWay } = await import('../../../src/ui/desk/page/sign-in.tsx');
  expect(isReadableOnTheWay({ protocol: 'http:', hostname: '10.0.0.7' })).toBe(true);
  for (const hostname of ['localhost', 'desk.localhost', '127.0.0.1', '127.3.2.1', '[::1]'])
    expect(isReadableOnTheWay({ protocol: 'http:', hostname })).toBe(false);
  expect(isReadableOnTheWay({ protocol: 'https:', hostname: 'desk.example' })).toBe(false);
});

test.each(['en', 'ar', 'es', 'fr'])(
  'has no accessibility violation that axe can find, in %s, light or dark, live or in rehearsal',
  async (language) => {
    const desk = new FakeDesk();
    desk.items = [
      deskItem('01H', 'held', { headline: 'Going out' }, { dueAt: Date.now() + 90_000 }),
      deskItem(
        '01C',
        'published',
        { headline: 'Out', urgency: 'flash' },
        { reach: { state: 'partial', targeted: 3, written: 1, waiting: 2, silent: ['x'] } },
      ),
      deskItem('01D', 'withheld', { headline: 'Hidden' }),
      deskItem('01F', 'retracted', { headline: 'Gone' }),
    ];
    desk.stop = { stopped: true, by: 'Luz Pardo', at: '2026-03-01T10:00:00.000Z' };
    await using open = await pages.open(desk, { locale: language });
    const { page } = open;
    await page.locator('.stop.on').waitFor();
    await page.locator('[data-id="01C"] button.retract').click();
    await page.locator('[data-id="01F"]').focus();
    await page.locator('.shortcuts summary').click();
    await page.locator('.composer textarea').fill('test: the bridge');
    await page.locator('.composer textarea').press('Enter');
    await page.locator('.confirm.source').waitFor();
    expect(await axeViolations(page), 'question').toEqual([]);
    await page.locator('.confirm.source button').last().click();
    await page.locator('.composer textarea').press('Enter');
    await page.locator('.review').waitFor();
    for (const forcedColors of ['active', 'none'] as const)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, forcedColors });
        expect(await axeViolations(page), `${colorScheme}, forced colours: ${forcedColors}`).toEqual([]);
      }
    await page.locator('.menu summary').click();
    expect(await axeViolations(page), 'menu').toEqual([]);
    await page.locator('.switch-over').click();
    await page.locator('.test-bar').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeViolations(page), `rehearsal ${colorScheme}`).toEqual([]);
    }
  },
);
