import { expect, test } from 'vitest';
import { facets } from '../../resources/memory-log.ts';
import { servePages } from '../../resources/served-pages.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';

const built = useBuiltPages();
const long = 'A headline as long as the newsrooms of the world write them when much happens in little time, number';

test.each([
  ['en', 360, 780],
  ['ar', 360, 780],
  ['en', 320, 640],
])(
  'the newest report of the live page %s is whole in the first %i x %i px, below key moments of one row',
  async (edition, width, height) => {
    await using served = await servePages(built.publicDir);
    const log = edition === 'ar' ? served.ar : served.en;
    for (let number = 1; number <= 6; number++)
      log.publish(
        `01J000000000000000000000${String(number).padStart(2, '0')}`,
        facets(['politics'], { urgency: 'flash' }),
        `${long} ${number}`,
      );
    await using visited = await visit(built.browser, `${served.url}/live/${edition}`, { viewport: { width, height } });
    const { page } = visited;
    const found = await page.evaluate(() => {
      const boxOf = (selector: string) => document.querySelector(selector)?.getBoundingClientRect();
      const moments = [...document.querySelectorAll('.key li')].map((moment) => moment.getBoundingClientRect().top);
      return {
        end: boxOf('.updates .line')?.bottom ?? Number.NaN,
        rows: new Set(moments).size,
        moments: moments.length,
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      };
    });
    expect(found).toMatchObject({ rows: 1, moments: 5, wide: 0 });
    expect(found.end).toBeLessThanOrEqual(height);
  },
);
