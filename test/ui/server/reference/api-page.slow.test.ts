import { expect, test } from 'vitest';
import { openApiOf } from '../../../../src/api/openapi/openapi.ts';
import { createDeskPage } from '../../../../src/ui/server/desk-page.ts';
import { FakeFeed } from '../../../client/fake-feed.ts';
import { site } from '../../../resources/site.ts';
import { axeViolations } from '../../axe.ts';
import { visit } from '../../browser.ts';
import { useBuiltPages } from '../../built-pages.ts';

const built = useBuiltPages();

function serveDesk() {
  const page = createDeskPage({ publicDir: built.publicDir, site, api: openApiOf(site, '0.0.0') });
  return FakeFeed.start((request, response) => {
    if (!page.handleRequest(request, response)) response.writeHead(404).end();
  });
}

test.each([320, 360, 1_280])('the API page fits %i px, and shows the examples of one language', async (width) => {
  await using server = await serveDesk();
  await using visited = await visit(built.browser, `${server.url}/desk/api`, { viewport: { width, height: 740 } });
  const { page, faults } = visited;
  const shown = () =>
    page.evaluate(() =>
      ['curl', 'typescript'].map((name) => document.querySelector(`#retract .${name}`)?.checkVisibility()),
    );
  expect(await shown()).toEqual([true, false]);
  await page.getByRole('radio', { name: 'TypeScript' }).check();
  expect(await shown()).toEqual([false, true]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  await page
    .locator('.contents')
    .getByRole('link', { name: /^items$/i })
    .click();
  const top = await page.locator('#items').evaluate((section) => section.getBoundingClientRect().top);
  expect(Math.abs(top)).toBeLessThan(100);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axeViolations(page), colorScheme).toEqual([]);
  }
  expect(faults.filter((fault) => !fault.includes('unsafe-eval'))).toEqual([]);
});
