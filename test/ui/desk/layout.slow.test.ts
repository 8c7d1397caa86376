import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { axeViolations } from '../axe.ts';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { pastMovement, poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

/** Texts of 100 characters. */
const hundred = {
  en: 'The ministers of eleven countries have agreed on a common price for gas until the end of next winter',
  ar: 'اتفق وزراء الطاقة في إحدى عشرة دولة على سعر موحد للغاز حتى نهاية الشتاء المقبل بعد محادثات طويلة جد',
};

const proven = {
  version: 3,
  what: 'published',
  state: 'proven',
  targeted: 9_998,
  written: 9_998,
  caughtUp: 0,
  left: 2,
  waiting: 0,
  silent: [],
  latencyMs: { p50: 90, p99: 170, max: 180 },
};

function fullDesk(language: 'en' | 'ar' = 'en'): FakeDesk {
  const desk = new FakeDesk();
  desk.items = Array.from({ length: 40 }, (_, at) =>
    deskItem(
      `01${String.fromCharCode(65 + (at % 26))}${at}`,
      'published',
      {
        headline: hundred[language],
        language,
        dir: language === 'ar' ? 'rtl' : 'ltr',
        urgency: at % 7 === 0 ? 'flash' : 'urgent',
      },
      { reach: proven },
    ),
  );
  return desk;
}

/** How many rows can be read whole without scrolling. */
const wholeRows = (page: Page) =>
  page
    .locator('.items > li')
    .evaluateAll(
      (rows) =>
        rows.map((row) => row.getBoundingClientRect()).filter(({ top, bottom }) => top >= 0 && bottom <= innerHeight)
          .length,
    );

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** WCAG 1.4.12. */
const textSpacing = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
  p { margin-block-end: 2em !important; }`;

/** Texts that their own boxes or the buttons of other rows cut off. */
const cutTexts = (page: Page) =>
  page.locator('.desk :is(p, button, label, summary, span, bdi, time, h1):visible').evaluateAll((elements) =>
    elements
      .filter((element) => !element.matches('.unseen, .unseen *') && getComputedStyle(element).overflow !== 'visible')
      .filter(
        (element) => element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1,
      )
      .map((element) => element.textContent),
  );

const overlaps = (page: Page) =>
  page.locator('.items > li').evaluateAll((rows) =>
    rows.slice(0, 5).flatMap((row) => {
      const parts = [...row.querySelectorAll(':scope > :not(.mark), .mark > summary')].map((part) =>
        part.getBoundingClientRect(),
      );
      return parts.flatMap((one, at) =>
        parts
          .slice(at + 1)
          .filter(
            (other) =>
              one.left < other.right - 1 &&
              other.left < one.right - 1 &&
              one.top < other.bottom - 1 &&
              other.top < one.bottom - 1,
          )
          .map(() => row.textContent),
      );
    }),
  );

describe.each(['en', 'ar'] as const)('the layout of the desk in %s', (locale) => {
  test.each([
    [1280, 800, 12],
    [1920, 1080, 20],
  ])('at %i x %i the composer is beside whole lines of 100 characters: %i', async (width, height, count) => {
    await using open = await pages.open(fullDesk(locale), { locale, viewport: { width, height } });
    const { page } = open;
    await page.locator('.items > li').first().waitFor();
    expect(await wholeRows(page)).toBeGreaterThanOrEqual(count);
    const [box, list] = [await page.locator('.composer').boundingBox(), await page.locator('.items').boundingBox()];
    if (!box || !list) throw new Error('the composer or the list has no box');
    const [first, second] = locale === 'ar' ? [list, box] : [box, list];
    expect(first.x + first.width).toBeLessThanOrEqual(second.x);
    expect(await overflow(page)).toBe(0);
    // The composer stays while the list is scrolled.
    await page.mouse.wheel(0, 600);
    await page.locator('.items > li').nth(25).scrollIntoViewIfNeeded();
    const { top, bottom } = await page.locator('.composer').evaluate((form) => form.getBoundingClientRect());
    expect([top >= 0, bottom <= height]).toEqual([true, true]);
  });

  test('from 320 to 1920 px every target of a row is at least 24 px, and text spacing breaks nothing', async () => {
    await using open = await pages.open(fullDesk(locale), { locale });
    const { page } = open;
    await page.locator('.items > li').first().waitFor();
    const spaced = (css: string) =>
      page.evaluate((text) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(text);
        document.adoptedStyleSheets = [sheet];
      }, css);
    for (const width of [320, 640, 1024, 1280, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      const small = await page
        .locator('.items > li :is(button, summary):visible')
        .evaluateAll((targets) =>
          targets
            .map((target) => target.getBoundingClientRect())
            .filter((target) => target.width < 24 || target.height < 24),
        );
      expect(small, `${width} px`).toEqual([]);
      expect(await overlaps(page), `${width} px`).toEqual([]);
      await spaced(textSpacing);
      expect(await overflow(page), `${width} px`).toBe(0);
      expect(await cutTexts(page), `${width} px`).toEqual([]);
      expect(await overlaps(page), `${width} px`).toEqual([]);
      await spaced('');
    }
  });

  test('at 320 px, as at 400 % zoom, nothing scrolls sideways with a form and the menu open', async () => {
    await using open = await pages.open(fullDesk(locale), { locale, viewport: { width: 320, height: 256 } });
    const { page } = open;
    await page.locator('button.correct').first().click();
    expect(await overflow(page)).toBe(0);
    const outside = await page.locator('.item form *:visible').evaluateAll((parts) =>
      parts
        .filter((part) => {
          const [inner, outer] = [part.getBoundingClientRect(), part.closest('.item')?.getBoundingClientRect()];
          return !part.matches('.unseen') && outer && (inner.left < outer.left || inner.right > outer.right);
        })
        .map((part) => part.outerHTML),
    );
    expect(outside).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('button.retract').first().click();
    await page.locator('.menu summary').click();
    expect(await overflow(page)).toBe(0);
    await page.keyboard.press('Escape');
    await page.locator('.composer textarea').fill('test: the bridge');
    await page.locator('.composer textarea').press('Enter');
    await page.locator('.confirm.source').waitFor();
    expect(await overflow(page)).toBe(0);
    // The word is part of the line.
    await page.locator('.confirm.source button').last().click();
    await page.locator('.confirm.source').waitFor({ state: 'detached' });
    await page.locator('.composer textarea').press('Enter');
    await page.locator('.review').waitFor();
    expect(await overflow(page)).toBe(0);
  });
});

test.each([
  [1280, 800, 12],
  [1920, 1080, 20],
])('at %i x %i an editor with another clock sees as many lines: %i', async (width, height, count) => {
  const desk = fullDesk('en');
  await using open = await pages.open(desk, { viewport: { width, height }, timezoneId: 'Asia/Beirut', locale: 'es' });
  const { page } = open;
  await poll(() => page.locator('.about time').first().textContent()).toContain('aquí)');
  expect(await wholeRows(page)).toBeGreaterThanOrEqual(count);
});

test.each([320, 1280, 1920])('axe finds nothing at %i px in light, dark and forced colours', async (width) => {
  const desk = fullDesk();
  desk.items = [
    deskItem('01H', 'held', { headline: 'Going out' }, { dueAt: Date.now() + 90_000 }),
    deskItem(
      '01S',
      'published',
      { headline: 'Out' },
      { reach: { ...proven, state: 'partial', written: 1, silent: ['x'] } },
    ),
    ...desk.items.slice(0, 3),
  ];
  await using open = await pages.open(desk, { viewport: { width, height: 800 } });
  const { page } = open;
  await page.locator('.reach').first().waitFor();
  await page.locator('.menu summary').click();
  for (const media of [
    { colorScheme: 'light', forcedColors: 'none' },
    { colorScheme: 'dark', forcedColors: 'none' },
    { colorScheme: 'light', forcedColors: 'active' },
  ] as const) {
    await page.emulateMedia(media);
    expect(await axeViolations(page), JSON.stringify(media)).toEqual([]);
  }
});

test('forced colours show the dot of the status', async () => {
  await using open = await pages.open(fullDesk(), { forcedColors: 'active' });
  const { page } = open;
  const dot = await page.locator('.service .state').evaluate((state) => ({
    dot: getComputedStyle(state, '::before').backgroundColor,
    page: getComputedStyle(document.body).backgroundColor,
  }));
  expect(dot.dot).not.toBe(dot.page);
});

test('the menu covers nothing, closes on Escape, on a click elsewhere and after use, and keeps the work of that click', async () => {
  for (const width of [320, 1280]) {
    const desk = fullDesk();
    await using open = await pages.open(desk, { viewport: { width, height: 800 } });
    const { page } = open;
    const menu = page.locator('.menu[open]');
    const summary = page.locator('.menu summary');
    await summary.click();
    const [items, stop] = [
      await page.locator('.menu-items').boundingBox(),
      await page.locator('.stop button').boundingBox(),
    ];
    if (!items || !stop) throw new Error('the menu or STOP has no box');
    expect(items.y + items.height).toBeLessThanOrEqual(stop.y);
    await page.locator('.menu-items [name=sound]').focus();
    await page.keyboard.press('Escape');
    expect(await menu.count()).toBe(0);
    expect(await summary.evaluate((element) => element === document.activeElement)).toBe(true);
    await summary.click();
    await page.locator('.menu-items [name=sound]').click();
    expect(await menu.count()).toBe(1);
    await page.locator('.stop button').click();
    await poll(() => JSON.stringify(desk.stop)).toContain('true');
    expect(await menu.count()).toBe(0);
    await summary.click();
    await page.locator('.menu-items a[href="#audit"]').click();
    await poll(() => menu.count()).toBe(0);
  }
});

test('a row shows one mark until something is wrong, and the proof in words on demand', async () => {
  const desk = new FakeDesk();
  const item = (id: string, reach: object, change: object = {}) =>
    deskItem(id, 'published', { headline: id }, { reach: { ...proven, ...reach }, ...change });
  desk.items = [
    item('01A', {}),
    item('01B', { targeted: 0, written: 0, left: 0, latencyMs: {} }),
    item('01C', { state: 'partial', waiting: 3 }, { updatedAt: Date.now() + 60_000 }),
    item('01D', { state: 'partial', silent: ['p2'] }),
  ];
  await using open = await pages.open(desk);
  const { page } = open;
  const row = (id: string) => page.locator(`[data-id="${id}"]`);
  await row('01A').locator('.mark.proven').waitFor({ state: 'attached' });
  await row('01C').locator('.mark.pending').waitFor({ state: 'attached' });
  expect(await page.locator('.reach:visible').count()).toBe(1);
  expect(await row('01D').locator('.reach:visible').textContent()).toContain('1 process has not reportedNOT PROVEN');
  await row('01A').getByLabel('proven').click();
  expect(await row('01A').locator('.reach:visible').textContent()).toContain('On 9,998 of 9,998 connections in 0.18 s');
  await row('01B').locator('.mark summary').press('Enter');
  expect(await row('01B').locator('.reach:visible').textContent()).toBe('No reader was connectedproven');
  // Late by the clock of this page, although the time of the line is ahead of it.
  await poll(() => row('01C').locator('.reach.unproven').count()).toBe(1);
});

test('a form that opens in the last row in sight is in sight', async () => {
  await using open = await pages.open(fullDesk(), { viewport: { width: 1280, height: 600 } });
  const { page } = open;
  for (const action of ['correct', 'retract', 'translate']) {
    const row = page.locator('.items > li').nth(7);
    await row.locator(`button.${action}`).click();
    const { top, bottom } = await row.locator('form').evaluate((form) => form.getBoundingClientRect());
    expect([action, top >= 0, bottom <= 600]).toEqual([action, true, true]);
    await page.keyboard.press('Escape');
    await page.evaluate(() => scrollTo(0, 0));
    await pastMovement(page);
  }
});

test('the box itself says how a source is named, what Enter and Ctrl+Enter do, and which keys choose the urgency', async () => {
  await using open = await pages.open(new FakeDesk(), { viewport: { width: 1280, height: 800 } });
  const { page } = open;
  expect(await page.locator('.composer textarea').getAttribute('placeholder')).toBe('AFP: the line');
  expect(await page.locator('.composer .urgency .key:visible').allTextContents()).toEqual(['Alt+1', 'Alt+2', 'Alt+3']);
  expect(await page.locator('.composer .hint:visible').textContent()).toMatch(/Enter.*Ctrl\+Enter/);
});
