import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { urgencies } from '../../../src/item/item.ts';
import { stringsOf } from '../../../src/ui/strings/strings.ts';
import { facets } from '../../resources/memory-log.ts';
import { servePages } from '../../resources/served-pages.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';

const built = useBuiltPages();
const idOf = (number: number) => `01J0000000000000000000${String(number).padStart(4, '0')}`;

/** Filled, outlined or plain. */
function lookOf(label: Locator): Promise<string> {
  return label.first().evaluate((element) => {
    const { backgroundColor, borderBlockStartWidth, color } = getComputedStyle(element);
    const isFilled = !/^rgba.*, 0\)$/.test(backgroundColor) && backgroundColor !== color;
    if (isFilled) return 'filled';
    return Number.parseFloat(borderBlockStartWidth) > 0 ? 'outlined' : 'plain';
  });
}

const looks = ['filled', 'outlined', 'plain'];

describe('the ranks of news', () => {
  test.each(['en', 'ar', 'es', 'fr'])(
    'the words of %s for title, flash, urgent and update share no word',
    (language) => {
      const { title, urgency } = stringsOf('ticker', language);
      const words = [title, ...urgencies.map((name) => urgency[name])].flatMap((text) => text.toLowerCase().split(' '));
      expect(new Set(words).size).toBe(words.length);
      expect(stringsOf('desk', language).box.urgencies).toEqual(urgency);
    },
  );

  test('Arabic has the words of the wires', () => {
    const { title, urgency } = stringsOf('ticker', 'ar');
    expect([title, ...urgencies.map((name) => urgency[name])]).toEqual(['آخر الأخبار', 'عاجل', 'هام', 'مستجدات']);
  });

  test.each(['no-preference', 'active'] as const)(
    'a flash is filled, urgent is outlined and an update is plain in ticker, live page and item page: %s',
    async (forcedColors) => {
      await using served = await servePages(
        built.publicDir,
        undefined,
        '<breaking-ticker edition="ar" open></breaking-ticker>',
      );
      for (const [number, urgency] of urgencies.entries())
        served.ar.publish(idOf(number), facets(['politics'], { urgency }), 'سطر');
      const options = forcedColors === 'active' ? { forcedColors } : {};
      await using visited = await visit(built.browser, `${served.url}/host`, options);
      const { page } = visited;
      const seen = async (...places: readonly string[]) => {
        for (const place of places) await page.locator(place).first().waitFor();
        return Promise.all(places.map((place) => lookOf(page.locator(place))));
      };
      expect(await seen(...urgencies.map((name) => `breaking-ticker .${name} .urgency`))).toEqual(looks);
      await page.goto(`${served.url}/live/ar`);
      expect(await seen(...urgencies.map((name) => `.entry.${name} .urgency`))).toEqual(looks);
      for (const [number, name] of urgencies.entries()) {
        await page.goto(`${served.url}/item/${idOf(number)}`);
        expect(await seen('.item .urgency'), name).toEqual([looks[number]]);
      }
    },
  );

  test('Arabic headings have a leading of 1.35, and text one of 1.65 to 1.7', async () => {
    await using served = await servePages(built.publicDir);
    served.ar.publish(idOf(1), facets(['politics'], { urgency: 'flash' }), 'سطر');
    await using visited = await visit(built.browser, `${served.url}/?edition=ar`);
    const { page } = visited;
    const leading = (place: string) =>
      page.locator(place).evaluateAll((elements) =>
        elements.map((element) => {
          const { lineHeight, fontSize } = getComputedStyle(element);
          return Number((Number.parseFloat(lineHeight) / Number.parseFloat(fontSize)).toFixed(2));
        }),
      );
    const headings = async () =>
      new Set(await leading('main :is(h1, h2, .entry.flash .line, :is(h1, h2, .entry.flash .line) *):lang(ar)'));
    expect(await headings()).toEqual(new Set([1.35]));
    for (const path of ['/live/ar', `/item/${idOf(1)}`, '/article/iftitah-jisr-velda']) {
      await page.goto(served.url + path);
      expect(await headings(), path).toEqual(new Set([1.35]));
      for (const body of await leading('main :is(p, dd):lang(ar):not(.line, .announcer)')) {
        expect(body, path).toBeGreaterThanOrEqual(1.65);
        expect(body, path).toBeLessThanOrEqual(1.7);
      }
    }
  });
});
