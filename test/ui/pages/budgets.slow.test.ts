import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { facets } from '../../resources/memory-log.ts';
import { type ServedPages, servePages } from '../../resources/served-pages.ts';
import { recordShifts, visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { linesOf } from '../lines.ts';

const built = useBuiltPages();

/** gzip, what a page may run. */
const mostScript = 60_000;
const idOf = (number: number) => `01J0000000000000000000${String(number).padStart(4, '0')}`;

const pagesOf = (edition: 'en' | 'ar') => [
  `/?edition=${edition}`,
  `/live/${edition}`,
  `/live/${edition}?before=3`,
  `/section/${edition}/politics`,
  `/region/${edition}/europe`,
  `/topic/${edition}/talks`,
  `/item/${idOf(2)}`,
  `/article/${edition === 'ar' ? 'iftitah-jisr-velda' : 'velda-bridge-reopens'}`,
  `/embed?edition=${edition}`,
  `/embed/${edition}`,
];

/** The front page and an article have pictures. */
const isStory = (path: string) => /^\/(\?|article)/.test(path);

async function siteWith(edition: 'en' | 'ar'): Promise<ServedPages> {
  const served = await servePages(built.publicDir);
  for (const [index, { headline, attribution }] of linesOf(edition).toReversed().entries())
    served[edition].publish(
      idOf(index + 1),
      facets(['politics'], { topics: ['talks'], urgency: index % 3 === 0 ? 'flash' : 'urgent' }),
      headline,
      { topics: ['talks'], ...(attribution && { attribution }), urgency: index % 3 === 0 ? 'flash' : 'urgent' },
    );
  return served;
}

/** Notes what is painted largest from now on, in the global `largest`. */
async function recordLargest(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const largest: string[] = [];
    Object.assign(globalThis, { largest });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { element, url } = entry as PerformanceEntry & { element: Element | null; url: string };
        largest.push(url === '' ? `text ${element?.tagName}` : url);
      }
    }).observe({ type: 'largest-contentful-paint', buffered: true });
  });
}

async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

test.each([
  ['en', 360, 740],
  ['en', 1_280, 900],
  ['ar', 360, 740],
  ['ar', 1_280, 900],
] as const)(
  'every page of %s, %i px wide, is text first, moves nothing, loads no font and little script',
  async (edition, width, height) => {
    await using served = await siteWith(edition);
    for (const path of pagesOf(edition)) {
      await using visited = await visit(built.browser, 'about:blank', { viewport: { width, height } });
      const { page } = visited;
      await recordLargest(page);
      await recordShifts(page);
      let script = 0;
      const fonts: string[] = [];
      page.on('response', (response) => {
        const type = response.request().resourceType();
        if (type === 'script') script += Number(response.headers()['content-length']);
        if (type === 'font') fonts.push(response.url());
      });
      await page.goto(served.url + path);
      await settle(page);
      const { largest, shifts } = await page.evaluate(() => {
        const { largest, shifts } = globalThis as unknown as { largest: string[]; shifts: number[] };
        return { largest, shifts };
      });
      expect(script, path).toBeLessThanOrEqual(mostScript);
      expect(fonts, path).toEqual([]);
      // On a phone the picture of a story is larger than each of its texts.
      if (width > 360 || !isStory(path)) expect(largest.at(-1), path).toMatch(/^text/);
      // What is less is a part of a pixel. The form of /embed learns its own address in the browser.
      const moved = shifts.reduce((sum, shift) => sum + shift, 0);
      if (!path.startsWith('/embed?')) expect(moved, path).toBeLessThan(0.001);
    }
  },
);
