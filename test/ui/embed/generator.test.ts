import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { site } from '../../resources/site.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { noNews } from '../no-news.ts';

const built = useBuiltPages();
let server: FakeFeed;
let listed: FakeFeed;

beforeAll(async () => {
  const serve = (more: { readonly allowedOrigins?: string }) => {
    const pages = createPages({ publicDir: built.publicDir, site, news: noNews, onError: () => {}, ...more });
    return FakeFeed.start((request, response) => {
      if (!pages.handleRequest(request, response)) response.writeHead(404).end();
    });
  };
  [server, listed] = await Promise.all([serve({}), serve({ allowedOrigins: 'https://paper.example' })]);
});

afterAll(() => Promise.all([server, listed].map((one) => one[Symbol.asyncDispose]())));

const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true });
const panel = (page: Page) => page.getByRole('tabpanel');
const poll = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 15_000 });

describe('the page that makes an embed', () => {
  test('the recipes are tabs that arrow keys move through, in the direction of the page', async () => {
    for (const [edition, forward, back] of [
      ['en', 'ArrowRight', 'ArrowLeft'],
      ['ar', 'ArrowLeft', 'ArrowRight'],
    ] as const) {
      await using visited = await visit(built.browser, `${server.url}/embed?edition=${edition}`);
      const { page } = visited;
      await tab(page, '<script>').focus();
      const chosen = () => page.locator('[role=tab][aria-selected=true]').textContent();
      for (const [key, name] of [
        [forward, '<iframe>'],
        [forward, 'WordPress'],
        [back, '<iframe>'],
        ['End', 'Vue'],
        [forward, '<script>'],
        [back, 'Vue'],
        ['Home', '<script>'],
      ] as const) {
        await page.keyboard.press(key);
        await poll(chosen).toBe(name);
        expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(name);
        expect(await panel(page).count()).toBe(1);
      }
      expect(await page.locator('[role=tab][tabindex="0"]').count()).toBe(1);
      expect(visited.faults).toEqual([]);
    }
  });

  test('each recipe has what is chosen, and a release stays pinned by its hash', async () => {
    await using visited = await visit(built.browser, `${server.url}/embed?edition=en`);
    const { page } = visited;
    const choose = (name: string, value: string) => page.getByRole('combobox', { name }).selectOption(value);
    await choose('Section', 'politics');
    await choose('Form', 'card');
    await choose('Light or dark', 'dark');
    await page.getByLabel('Keep its room').check();
    await page.getByLabel('Pin this release').check();
    const tag = '<breaking-ticker edition="en" section="politics" variant="card" theme="dark" reserve>';
    await poll(() => panel(page).textContent()).toContain(tag);
    expect(await panel(page).textContent()).toMatch(/ticker-[\d.]+\.js" integrity="sha384-[^"]+" crossorigin>/);
    await choose('Form', 'list');
    await poll(() => panel(page).textContent()).toMatch(
      /ticker-list-[\d.]+\.js" integrity="sha384-[^"]+" crossorigin>/,
    );
    await choose('Form', 'card');
    const address = `${server.url}/embed/en?section=politics&variant=card&theme=dark`;
    await tab(page, '<iframe>').click();
    expect(await panel(page).textContent()).toContain(`<iframe src="${address.replaceAll('&', '&amp;')}"`);
    await tab(page, 'WordPress').click();
    expect(await panel(page).locator('pre').first().textContent()).toBe(address);
    await tab(page, 'React, Next.js').click();
    expect(await panel(page).textContent()).toMatch(/integrity="sha384-[^"]+" crossOrigin="anonymous"><\/script>/);
    expect(await panel(page).textContent()).toContain(tag.replace('reserve', 'reserve=""'));
    await tab(page, 'Vue').click();
    expect(await panel(page).textContent()).toContain(tag);
    expect(await panel(page).textContent()).toContain("declare module 'vue' {");
    expect(visited.faults).toEqual([]);
  });

  test('the preview shows the usual ticker, a flash, none, and one without connection, and remembers nothing', async () => {
    await using visited = await visit(built.browser, `${server.url}/embed?edition=en`);
    const { page } = visited;
    const ticker = page.locator('.preview breaking-ticker');
    const state = () => ticker.locator('[data-state]').getAttribute('data-state');
    const show = (name: string) => page.getByRole('radio', { name }).check();
    await poll(state).toBe('live');
    expect(await ticker.locator('.current .urgency').textContent()).toBe('Update');
    await show('A flash');
    await poll(() => ticker.locator('.top .urgency').textContent()).toBe('Flash');
    await show('The reader is offline');
    await poll(state).toBe('offline');
    await show('Nothing to show');
    await poll(() => ticker.locator('.entry').count()).toBe(0);
    await show('A usual report');
    await page.getByRole('combobox', { name: 'Edition' }).selectOption('ar');
    await poll(() => ticker.locator('.current .line').textContent()).toMatch(/\p{Script=Arabic}/u);
    await ticker.locator('button.hide').click();
    await page.reload();
    await poll(state).toBe('live');
    expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
    expect(server.readers).toEqual([]);
    expect(visited.faults).toEqual([]);
  });

  test('the recipes stand below each other without script', async () => {
    await using visited = await visit(built.browser, `${server.url}/embed?edition=en`, { javaScriptEnabled: false });
    const { page } = visited;
    expect(await page.locator('.recipe h3').filter({ visible: true }).allTextContents()).toEqual([
      '<script>',
      '<iframe>',
      'WordPress',
      'React, Next.js',
      'Vue',
    ]);
    expect(await page.getByRole('button').count()).toBe(0);
  });

  test('a site with a list of origins does not say that an address can be pasted', async () => {
    await using visited = await visit(built.browser, `${listed.url}/embed?edition=en`);
    await tab(visited.page, 'WordPress').click();
    expect(await panel(visited.page).locator('pre').count()).toBe(1);
    // An iframe without an origin of its own may not read the feed there.
    expect(await panel(visited.page).textContent()).toMatch(/<iframe[^>]+sandbox="[^"]*allow-same-origin"/);
  });
});
