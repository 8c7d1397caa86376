import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

/** 10:00 UTC, which is the zone of every edition of the tests. */
const published = deskItem('01C', 'published', {
  headline: 'The bridge',
  urgency: 'flash',
  expiresAt: '2030-01-31T09:30:00.000Z',
});

test('every time of a line is in the zone of its edition and names it, and says the editor’s own where it differs', async () => {
  const desk = new FakeDesk();
  desk.items = [published];
  desk.stop = { stopped: true, by: 'Luz Pardo', at: '2026-03-01T10:00:00.000Z' };
  await using open = await pages.open(desk, { timezoneId: 'Asia/Beirut' });
  const { page } = open;
  const row = page.locator('[data-id="01C"]');
  await poll(() => row.locator('.about time').textContent()).toBe('10:00:00 UTC (12:00 here)');
  expect(await row.locator('.about').textContent()).toContain('expires 31/01/2030, 09:30 UTC (11:30 here)');
  expect(await page.locator('.stop p').textContent()).toContain('Luz Pardo at 10:00:00 UTC (12:00 here)');
  await row.locator('button.retract').click();
  expect(await page.locator('[name=notice]').inputValue()).toContain('10:00');
  expect(await row.locator('form').textContent()).toContain('Times are those of UTC.');
  const box = page.locator('.composer textarea');
  await box.fill('AFP: The bridge opens');
  await box.press('Alt+Digit1');
  await page.locator('.composer details.more summary').click();
  await page.locator('.composer [name=notBefore]').fill('2030-01-31T09:30');
  await box.press('Enter');
  const review = page.locator('.composer .review');
  await poll(() => review.textContent()).toContain('Goes out at 31/01/2030, 09:30 UTC (11:30 here)');
  expect(await review.textContent()).toContain('the flash of 10:00:00 UTC (12:00 here)');
});

test('an editor in the zone of the edition reads each time once', async () => {
  const desk = new FakeDesk();
  desk.items = [published];
  await using open = await pages.open(desk, { timezoneId: 'UTC' });
  await poll(() => open.page.locator('[data-id="01C"] .about time').textContent()).toBe('10:00:00 UTC');
});

test('a line whose embargo is no time of the calendar is not sent', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  await page.keyboard.type('Not before the year 12026');
  await page.locator('.composer .more summary').click();
  const notBefore = page.locator('.composer [name=notBefore]');
  // As 30112026 is typed where the month comes first.
  for (const value of ['12026-03-01T15:34', '102026-03-01T15:34']) {
    await notBefore.evaluate((element, wanted) => {
      Object.assign(element, { value: wanted });
      element.dispatchEvent(new Event('input', { bubbles: true }));
    }, value);
    await page.locator('.composer textarea').press('Control+Enter');
    expect(await notBefore.evaluate((element) => element === document.activeElement)).toBe(true);
  }
  await page.locator('.composer .primary').click();
  expect(open.sent()).toEqual([]);
});
