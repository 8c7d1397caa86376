import { expect, test } from 'vitest';
import { FakeDesk } from './fake-desk.ts';
import { useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

test('the box itself says how a source is named, what Enter and Ctrl+Enter do, and which keys choose the urgency', async () => {
  await using open = await pages.open(new FakeDesk(), { viewport: { width: 1280, height: 800 } });
  const { page } = open;
  expect(await page.locator('.composer textarea').getAttribute('placeholder')).toBe('AFP: the line');
  expect(await page.locator('.composer .urgency .key:visible').allTextContents()).toEqual(['Alt+1', 'Alt+2', 'Alt+3']);
  expect(await page.locator('.composer .hint:visible').textContent()).toMatch(/Enter.*Ctrl\+Enter/);
});
