import { expect, test } from 'vitest';
import { FakeFeed } from '../../client/fake-feed.ts';
import { axeViolations } from '../axe.ts';
import { visit } from '../browser.ts';
import { FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

test('the sign-in page names the site and offers the languages of the desk', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page, url } = open;
  desk.signedIn = false;
  await page.goto(`${url}/desk?again`);
  const form = page.locator('.sign-in');
  await form.waitFor();
  expect(await form.locator('.site').textContent()).toBe(new URL(url).host);
  // The words change with their direction, in one frame.
  const dirs = await form.evaluateHandle((element) => {
    const seen: string[] = [];
    const look = () => {
      if (element.textContent?.includes('دخول')) seen.push(document.documentElement.dir);
    };
    new MutationObserver(look).observe(element, { subtree: true, childList: true, characterData: true });
    return seen;
  });
  await form.locator('[name=language]').selectOption('ar');
  await poll(() => form.locator('button[type=submit]').textContent()).toBe('دخول');
  expect([...new Set(await dirs.jsonValue())]).toEqual(['rtl']);
  expect(await axeViolations(page)).toEqual([]);
  await page.reload();
  await poll(() => form.locator('button[type=submit]').textContent()).toBe('دخول');
});

test('without JavaScript the desk says in every language what it needs', async () => {
  await using open = await pages.open(new FakeDesk());
  const html = await (await fetch(`${open.url}/desk/en`)).text();
  await using server = await FakeFeed.start((_request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(html);
  });
  await using visited = await visit(pages.browser, server.url, { javaScriptEnabled: false });
  const sentences = visited.page.locator('noscript p');
  expect(await sentences.count()).toBe(4);
  // biome-ignore lint/performance/useDomNodeTextContent: what is seen counts
  const text = await visited.page.locator('body').innerText();
  expect(text).toContain('The desk needs JavaScript.');
  expect(text).toContain('JavaScript');
});
