import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

async function openWithTopics() {
  const desk = new FakeDesk();
  desk.items = [
    deskItem('01C', 'published', { headline: 'One', topics: ['gaza-talks', 'harbour-strike'] }),
    deskItem('01D', 'published', { headline: 'Two', topics: ['gaza-talks', 'talks'] }),
  ];
  const open = await pages.open(desk);
  await open.page.locator('[data-id="01C"]').waitFor();
  return open;
}

const offered = '.composer .offers [role=option]';

test('topics in use are offered with their titles, by the beginning of a word and by a part of it', async () => {
  await using open = await openWithTopics();
  const { page } = open;
  const facets = page.locator('.composer [name=facets]');
  for (const [typed, offers] of [
    ['gaza', ['#gaza-talks']],
    ['#gaz', ['#gaza-talks', 'New topic: #gaz']],
    ['lisb', ['The talks in Lisbon']],
    ['talks', ['The talks in Lisbon', '#gaza-talks']],
    ['rbour', ['#harbour-strike']],
  ] as const) {
    await facets.fill(typed);
    await poll(() => page.locator(offered).allTextContents()).toEqual(offers);
  }
  await facets.fill('#gaz');
  await facets.press('Enter');
  expect(await page.locator('.composer .picker .chip').allTextContents()).toEqual(['#gaza-talks ×']);
});

test('a topic that no line has is a question once', async () => {
  await using open = await openWithTopics();
  const { page } = open;
  const facets = page.locator('.composer [name=facets]');
  await facets.fill('#gazatalks2');
  await facets.press('Enter');
  await poll(() => page.locator('.composer .new-topic').textContent()).toBe(
    'No line in the list has the topic #gazatalks2. Enter again adds it.',
  );
  expect(await page.locator('.composer .picker .chip').count()).toBe(0);
  await facets.press('Enter');
  await poll(() => page.locator('.composer .picker .chip').allTextContents()).toEqual(['#gazatalks2 ×']);
  expect(await page.locator('.composer .new-topic').count()).toBe(0);
});

test('a change of the text takes the question back', async () => {
  await using open = await openWithTopics();
  const { page } = open;
  const facets = page.locator('.composer [name=facets]');
  await facets.fill('#new');
  await facets.press('Enter');
  await page.locator('.composer .new-topic').waitFor();
  await facets.fill('#newer');
  await facets.press('Enter');
  await poll(() => page.locator('.composer .new-topic').textContent()).toContain('#newer');
  expect(await page.locator('.composer .picker .chip').count()).toBe(0);
});
