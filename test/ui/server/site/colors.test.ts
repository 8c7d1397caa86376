import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { contrastOf } from '../../../../src/item/contrast.ts';
import { brandOf, sheetOf } from '../../../../src/ui/server/site/colors.ts';
import { facets } from '../../../resources/memory-log.ts';
import { servePages } from '../../../resources/served-pages.ts';
import { site } from '../../../resources/site.ts';
import { visit } from '../../browser.ts';
import { useBuiltPages } from '../../built-pages.ts';

const built = useBuiltPages();

/** The colours of the elements that a selector finds, `#rrggbb`. */
function colorsOf(page: Page, selector: string) {
  return page.locator(selector).evaluateAll((elements) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const hex = (color: string) => {
      if (!canvas) throw new Error('no canvas');
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return alpha === 0 ? null : `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    };
    return elements.map((element) => {
      let behind: Element | null = element;
      while (behind?.parentElement && !hex(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
      const { color, borderBlockEndColor, borderBlockStartStyle } = getComputedStyle(element);
      return {
        text: hex(color) ?? '',
        background: (behind && hex(getComputedStyle(behind).backgroundColor)) ?? '#ffffff',
        border: hex(borderBlockEndColor) ?? '',
        style: borderBlockStartStyle,
      };
    });
  });
}

describe('the colours of a site', () => {
  test('the usual ones are those of the theme', () => {
    const theme = readFileSync('src/ui/theme.css', 'utf8');
    expect(theme).toContain(`--band: ${brandOf(site).background};`);
    expect(sheetOf(site, built.publicDir, 'pages.css')).toBe(readFileSync(`${built.publicDir}/pages.css`, 'utf8'));
  });

  test.each(['light', 'dark'] as const)('are backgrounds, with readable text on them, in %s', async (colorScheme) => {
    const colors = { brand: '#ffd400', flash: '#0a7d33' };
    await using served = await servePages(built.publicDir, undefined, '', { colors });
    served.en.publish('01J00000000000000000000001', facets(), 'A flash', { urgency: 'flash' });
    await using visited = await visit(built.browser, `${served.url}/section/en/politics`, { colorScheme });
    const { page } = visited;
    await page.locator('breaking-ticker .entry').first().waitFor();
    const band = await colorsOf(page, '.masthead :is(a, p)');
    expect(band.length).toBeGreaterThan(8);
    for (const { text, background } of band) expect(contrastOf(text, background)).toBeGreaterThanOrEqual(4.5);
    expect(await colorsOf(page, '.masthead .live-link')).toMatchObject([{ background: '#0a7d33', text: '#ffffff' }]);
    expect(await colorsOf(page, '.masthead .name')).toMatchObject([{ background: '#ffd400', text: '#000000' }]);
    expect(await colorsOf(page, 'breaking-ticker h2')).toMatchObject([{ background: '#0a7d33', text: '#ffffff' }]);
    const shown = await colorsOf(page, 'main .flash .urgency, breaking-ticker .flash .urgency');
    for (const { text, background } of shown) expect([background, text]).toEqual(['#0a7d33', '#ffffff']);
    expect(shown).toHaveLength(2);
    const others = await colorsOf(page, 'main :is(a, p, h1, h2, time, span), .foot-of-page a');
    for (const { text } of others) expect(Object.values(colors)).not.toContain(text);
    expect(visited.faults).toEqual([]);
  });

  test.each(['#ffffff', '#ffd400'])(
    'a brand as bright as %s is no band on a dark page: the name alone has it',
    async (brand) => {
      await using served = await servePages(built.publicDir, undefined, '', { colors: { brand } });
      await using visited = await visit(built.browser, `${served.url}/live/en`, { colorScheme: 'dark' });
      const { page } = visited;
      const shown = await colorsOf(page, '.masthead :is(a, p)');
      for (const { text, background } of shown) expect(contrastOf(text, background)).toBeGreaterThanOrEqual(4.5);
      expect(await colorsOf(page, '.masthead .name')).toMatchObject([{ background: brand, text: '#000000' }]);
      const [{ background: paper = '' } = {}] = await colorsOf(page, 'body');
      for (const { background } of await colorsOf(page, '.masthead, .sections, .regions'))
        expect(contrastOf(background, paper)).toBeLessThan(1.2);
      const dark = await page
        .locator('meta[name=theme-color][media="(prefers-color-scheme: dark)"]')
        .getAttribute('content');
      expect(dark).toBe(paper);
      await page.emulateMedia({ colorScheme: 'light' });
      expect(await colorsOf(page, '.masthead .brand, .masthead .sections')).toMatchObject([
        { background: brand },
        { background: brand },
      ]);
    },
  );

  test('a white masthead has an edge on a white page', async () => {
    await using served = await servePages(built.publicDir, undefined, '', { colors: { brand: '#ffffff' } });
    await using visited = await visit(built.browser, `${served.url}/live/en`, { colorScheme: 'light' });
    const [edge] = await colorsOf(visited.page, '.masthead');
    expect([edge?.background, edge?.border]).toEqual(['#ffffff', '#cccccc']);
  });

  test('forced colours show Live with a border, and which link of the navigation is the current one', async () => {
    await using served = await servePages(built.publicDir);
    await using visited = await visit(built.browser, `${served.url}/section/en/politics`, { forcedColors: 'active' });
    const { page } = visited;
    expect(await colorsOf(page, '.masthead .live-link')).toMatchObject([{ style: 'solid' }]);
    const [current] = await colorsOf(page, '.masthead .sections [aria-current]');
    expect(current?.border).not.toBe(current?.background);
    for (const { border, background } of await colorsOf(page, '.sections a:not(.live-link, [aria-current])'))
      expect(border).toBe(background);
  });
});
