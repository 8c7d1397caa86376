import { expect, test } from 'vitest';
import { wordingOf } from '../../../src/ui/desk/words/words.ts';
import { languageTags, stringsOf } from '../../../src/ui/strings/strings.ts';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

test('the rehearsal uses the words of the live desk with TEST in front, in every language', () => {
  for (const words of languageTags().map((language) => stringsOf('desk', language))) {
    const [live, rehearsed] = [wordingOf(words, false).verbs, wordingOf(words, true).verbs];
    const { switchOver: begin, ...trained } = live;
    expect(rehearsed).toEqual({
      ...Object.fromEntries(Object.entries(trained).map(([name, text]) => [name, `TEST: ${text}`])),
      switchOver: `TEST: ${words.endRehearsal}`,
    });
    expect(Object.values({ begin, ...trained }).join(' ')).not.toContain('TEST');
  }
});

test('the rehearsal is another store in another colour, with TEST on the box and on every button', async () => {
  const desk = new FakeDesk();
  desk.items = [
    deskItem('01C', 'published', { headline: 'Out' }),
    deskItem('01H', 'held', { headline: 'x' }, { dueAt: Date.now() + 9e4 }),
  ];
  await using open = await pages.open(desk);
  const { page } = open;
  const colour = () =>
    page.locator('.composer .primary').evaluate((button) => getComputedStyle(button).backgroundColor);
  const live = await colour();
  await page.locator('.menu summary').click();
  await page.locator('.switch-over').click();
  await poll(() => page.locator('.test-bar').textContent()).toBe('TEST. Rehearsal: nothing here can reach a reader.');
  expect((await page.locator('.test-bar').boundingBox())?.width).toBe(await page.evaluate(() => innerWidth));
  expect(await colour()).not.toBe(live);
  expect(await page.locator('.composer .test-mark').textContent()).toBe('TEST');
  expect(await page.locator('.composer .primary').textContent()).toBe('TEST: Send to English');
  expect(await page.title()).toBe('TEST · English · Desk · Demonstration newsroom');
  await page.locator('.item button.correct').first().click();
  await page.locator('.composer textarea').fill('A missile is on its way');
  await page.locator('.composer textarea').press('Enter');
  const buttons = await page.locator('button:visible').allTextContents();
  expect(buttons.length).toBeGreaterThan(7);
  expect(buttons.filter((button) => !button.startsWith('TEST') && !button.includes('×'))).toEqual([]);
  await page.locator('.composer textarea').press('Enter');
  await poll(() => open.sent().length).toBe(1);
  expect(open.sent()[0]).toMatch(/^POST \/v1\/test\/items /);
  // Back to what is live, and nothing of the rehearsal comes along.
  await page.locator('.menu summary').click();
  await page.locator('.switch-over').click();
  await page.locator('.test-bar').waitFor({ state: 'detached' });
  expect(await page.locator('.composer textarea').inputValue()).toBe('');
});
