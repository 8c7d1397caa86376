import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openApiOf } from '../../../src/api/openapi/openapi.ts';
import { createDeskPage } from '../../../src/ui/server/desk-page.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { facets } from '../../resources/memory-log.ts';
import { type ServedPages, servePages } from '../../resources/served-pages.ts';
import { site } from '../../resources/site.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { deskItem, FakeDesk } from '../desk/fake-desk.ts';
import { translate } from './translator.ts';

const built = useBuiltPages();

const idOf = (number: number) => `01J0000000000000000000${String(number).padStart(4, '0')}`;
const poll = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 15_000 });
const correction = { kind: 'corrected', note: 'One word was wrong.', at: '2026-01-01T00:00:00.000Z' } as const;
const ticker = '<breaking-ticker edition="en" open></breaking-ticker>';

async function pagesWith(lines: number): Promise<ServedPages> {
  const served = await servePages(built.publicDir, undefined, ticker);
  for (let number = 1; number <= lines; number++) publish(served, number);
  return served;
}

function publish({ en }: ServedPages, number: number): void {
  const publishedAt = new Date().toISOString();
  const more = { publishedAt, attribution: 'AFP', url: `https://news.example/${number}` };
  en.publish(idOf(number), facets(['politics'], { topics: ['talks'] }), `Line ${number}`, more);
}

/** What can be read of the news of a page: in its own list or item, and in its ticker. */
function newsOf(page: Page, surfaces: string): Promise<readonly string[]> {
  return page.evaluate((selector) => {
    const read = (node: Node): string => {
      if (node instanceof Text) return node.data;
      if (node instanceof Element && ['STYLE', 'SLOT'].includes(node.tagName)) return '';
      if (node instanceof Element && node.className === 'announcer') return '';
      const { childNodes } = (node instanceof Element && node.shadowRoot) || node;
      return [...childNodes].map(read).join(' ');
    };
    return [...document.querySelectorAll(selector)].map((root) => read(root).replace(/\s+/g, ' '));
  }, surfaces);
}

describe('a page that the browser translates', () => {
  const paths = [
    '/host',
    '/live/en',
    '/section/en/politics',
    '/?edition=en',
    `/item/${idOf(3)}`,
    '/article/velda-bridge-reopens',
  ];

  test.each(['while it is open', 'before its script runs'])(
    '%s shows what becomes of a line, and of its connection',
    async (when) => {
      await using served = await pagesWith(4);
      const visits = await Promise.all(paths.map(() => visit(built.browser, 'about:blank')));
      const pages = visits.map(({ page }) => page);
      await Promise.all(
        pages.map(async (page, index) => {
          if (when === 'before its script runs') {
            await page.route(/\/(pages|ticker)\.js$/, async (route) => {
              await page.waitForFunction(() => document.querySelector('#after, footer'));
              await translate(page);
              await route.continue();
            });
          }
          await page.goto(served.url + paths[index]);
        }),
      );
      /** On every surface of every page. */
      const show = (there: RegExp, gone = /^$/, surfaces = '#news, breaking-ticker') =>
        poll(async () => {
          const texts = await Promise.all(pages.map((page) => newsOf(page, surfaces)));
          return texts.flat().filter((text) => !there.test(text) || gone.test(text));
        }).toEqual([]);
      const withState = '#news:has(.state), breaking-ticker';
      await show(/Live/, /^$/, withState);
      if (when === 'while it is open') await Promise.all(pages.map(translate));
      await show(/«Line 3»/);
      const facets3 = facets(['politics'], { urgency: 'flash', topics: ['talks'] });
      served.en.correct(idOf(3), facets3, 'Put right', correction);
      await show(/«Flash».*«Corrected».*«Put right»/, /Line 3/);
      await Promise.all(pages.map((page) => page.context().setOffline(true)));
      await show(/«Offline since /, /«Live»/, withState);
      await Promise.all(pages.map((page) => page.context().setOffline(false)));
      await show(/«Live»/, /Offline since/, withState);
      served.en.retract(idOf(3), 'A line was withdrawn.');
      await show(/«(Withdrawn|This report has been withdrawn)».*«A line was withdrawn\.»/, /Put right|Corrected/);
      const faults = visits.flatMap((visited) => visited.faults);
      expect(faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED|WebSocket/.test(fault))).toEqual([]);
      await Promise.all(visits.map((visited) => visited[Symbol.asyncDispose]()));
    },
  );

  test('a page that the browser translates counts what waits, and keeps the focus and the place of its reader', async () => {
    await using served = await pagesWith(20);
    await using visited = await visit(built.browser, `${served.url}/live/en`, {
      viewport: { width: 900, height: 600 },
    });
    const { page } = visited;
    await poll(() => page.locator('.state.live').count()).toBe(1);
    await translate(page);
    const moved = page.evaluate(() => new Promise((resolve) => addEventListener('scroll', resolve, { once: true })));
    await page.evaluate(() => scrollTo(0, 900));
    await moved;
    publish(served, 21);
    const button = page.locator('.waiting button');
    await poll(() => button.textContent()).toBe('«1 new»');
    await button.evaluate((element) => element.focus({ preventScroll: true }));
    const scrolledTo = await page.evaluate(() => scrollY);
    const readable = page.locator('.waiting');
    await readable.evaluate((element) => Object.assign(globalThis, { live: element }));
    publish(served, 22);
    await poll(() => page.locator('.waiting button:focus').textContent()).toBe('«2 new»');
    expect(await readable.evaluate((element) => element === (globalThis as { live?: Element }).live)).toBe(true);
    expect(await page.evaluate(() => scrollY)).toBe(scrolledTo);
    await page.goto(`${served.url}/?edition=en`);
    await poll(() => page.locator('.latest .state.live').count()).toBe(1);
    await translate(page);
    await page.locator('.latest a.whole').nth(2).focus();
    served.en.correct(idOf(20), facets(['politics']), 'Put right', correction);
    await poll(() => page.locator('a.whole:focus').textContent()).toBe('«Put right»');
    expect(visited.faults).toEqual([]);
  });

  test('a page that the browser translates lets times go on, and says that a link was copied', async () => {
    await using served = await pagesWith(2);
    await using visited = await visit(built.browser, 'about:blank', { permissions: ['clipboard-write'] });
    const { page } = visited;
    await page.clock.install();
    await page.goto(`${served.url}/section/en/politics`);
    await poll(() => page.locator('.state.live').count()).toBe(1);
    await poll(() => page.locator('breaking-ticker time').count()).toBe(2);
    await translate(page);
    const times = () => page.locator('breaking-ticker time, .ago').allTextContents();
    expect(await times()).toEqual(Array(4).fill('«now»'));
    await page.clock.runFor(150_000);
    expect(await times()).toEqual(Array(4).fill('«2 min. ago»'));
    await page.evaluate(() => Object.defineProperty(navigator, 'share', { value: undefined }));
    const share = page.locator('.share').first();
    await share.click();
    await poll(() => share.textContent()).toBe('«Link copied»');
    expect(await share.evaluate((button) => button === document.activeElement)).toBe(true);
    expect(visited.faults).toEqual([]);
  });

  test('a page that the browser translates shows on the desk what others do, and leaves a writer where they are', async () => {
    const desk = new FakeDesk();
    desk.signedIn = true;
    const held = { dueAt: Date.now() + 600_000, publishedAt: null, publishedVersion: null };
    desk.items = [
      deskItem('01B', 'held', { headline: 'On its way' }, held),
      deskItem('01A', 'published', { headline: 'Line 3', attribution: 'AFP' }),
    ];
    const deskPage = createDeskPage({ publicDir: built.publicDir, site, api: openApiOf(site, '0.0.0') });
    await using server = await FakeFeed.start((request, response) => {
      if (!deskPage.handleRequest(request, response)) void desk.handle(request, response);
    });
    await using visited = await visit(built.browser, `${server.url}/desk`);
    const { page } = visited;
    const read = (selector: string) => page.locator(selector).allTextContents();
    await poll(() => read('[data-id="01A"] .text')).toEqual(['AFP: Line 3']);
    await translate(page);
    const box = page.locator('.composer textarea');
    await box.fill('Half a line');
    await page.locator('[data-id="01A"] .correct').focus();
    const standing = await page.locator('[data-id="01A"] .badge').textContent();
    const reach = {
      what: 'new',
      version: 4,
      targeted: 7,
      done: 7,
      left: 0,
      waiting: 0,
      silent: 0,
      maxMs: 20,
      isProven: true,
    };
    desk.items = [
      deskItem('01B', 'cancelled', { headline: 'On its way' }),
      deskItem(
        '01A',
        'published',
        { headline: 'Put right', attribution: 'Reuters' },
        { version: 4, publishedVersion: 4, reach },
      ),
    ];
    desk.status = { readers: { en: 77 }, processes: [], provenAgoMs: 4_000 };
    desk.stop = { stopped: true, by: 'Ana', at: '2026-03-01T10:00:00.000Z' };
    await poll(() => read('[data-id="01A"] .text')).toEqual(['«Reuters»«: »«Put right»']);
    await poll(async () => (await read('.service .readers'))[0]).toContain('77');
    await poll(async () => (await read('.stop p'))[0]).toContain('Ana');
    await poll(() => read('.held li')).toEqual([]);
    expect(await read('[data-id="01A"] .version')).toEqual(['«v»«4»']);
    expect(await page.locator('.correct:focus').count()).toBe(1);
    expect(await page.locator('.correct:focus').getAttribute('aria-label')).toContain('Put right');
    expect(await box.inputValue()).toBe('Half a line');
    desk.items = [deskItem('01A', 'retracted', { headline: 'Put right', attribution: 'Reuters' }, { version: 5 })];
    await poll(() => read('[data-id="01A"] .badge')).not.toEqual([standing]);
    await page.locator('.menu summary').click();
    await page.locator('[name=language]').selectOption('es');
    await poll(() => read('.menu-items .sign-out')).toEqual(['«Salir»']);
    expect(await page.locator('[name=edition] option').allTextContents()).toEqual(['«English»', '«العربية»']);
    expect((await page.locator('header, main').allInnerTexts()).join()).not.toMatch(/Sign out|Edition|Withdrawn/);
    expect(visited.faults).toEqual([]);
  });
});
