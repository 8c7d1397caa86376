import { describe, expect, test } from 'vitest';
import { facets } from '../../resources/memory-log.ts';
import { servePages } from '../../resources/served-pages.ts';
import { site, siteEdition } from '../../resources/site.ts';
import { axeSource, axeViolations } from '../axe.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { linesOf } from '../lines.ts';

const built = useBuiltPages();
const languages = ['en', 'ar', 'es', 'fr'] as const;
const idOf = (number: number) => `01J0000000000000000000${String(number).padStart(4, '0')}`;

/** A newsroom with lines in a language, the newest a flash, the second corrected and the third withdrawn. */
async function newsroom(language: (typeof languages)[number]) {
  const editions = [...site.editions, siteEdition('fr', { name: 'Français' })];
  const served = await servePages(built.publicDir, undefined, '', {}, editions);
  const log = served[language];
  const [first, ...others] = linesOf(language);
  for (const [index, { headline, ...rest }] of [...others.entries()].toReversed())
    log.publish(idOf(index + 2), facets(['politics'], rest), headline, rest);
  log.publish(idOf(1), facets(['politics'], { urgency: 'flash' }), first?.headline);
  const note = first?.headline ?? '';
  log.correct(idOf(2), facets(), note, { kind: 'corrected', note, at: '2026-01-01T00:00:00.000Z' });
  log.retract(idOf(3), note);
  return served;
}

describe.each(languages)('axe finds no fault', (language) => {
  test(`with the ticker for iframes, in any form, in ${language}`, async () => {
    await using served = await newsroom(language);
    await using visited = await visit(built.browser, 'about:blank', { reducedMotion: 'reduce' });
    const { page } = visited;
    for (const query of ['', '?theme=dark', '?variant=card', '?variant=list', '?variant=list&theme=dark']) {
      await page.goto(`${served.url}/embed/${language}${query}`);
      await page.locator('breaking-ticker .entry').first().waitFor();
      expect(await axeViolations(page), query).toEqual([]);
    }
    await page.goto(`${served.url}/embed/${language}?topic=nothing`);
    await page.locator('breaking-ticker [data-state=live]').waitFor({ state: 'attached' });
    expect(await axeViolations(page), 'without a line').toEqual([]);
    const iframe = `<iframe title="News" src="/embed/${language}" sandbox="allow-scripts"></iframe>`;
    const body = `<!doctype html><html lang="en"><title>A paper</title><main><h1>A paper</h1>${iframe}</main></html>`;
    await page.route('**/paper', (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.goto(`${served.url}/paper`);
    const frame = page.frames()[1];
    await frame?.locator('breaking-ticker .entry').first().waitFor();
    await frame?.evaluate(axeSource);
    expect(await axeViolations(page), 'on another page').toEqual([]);
    expect(await frame?.locator('h1, [role=main]').filter({ visible: true }).count()).toBe(0);
  });

  test(`with each recipe and each preview of the generator, in ${language}`, async () => {
    await using served = await newsroom(language);
    await using visited = await visit(built.browser, `${served.url}/embed?edition=${language}`, {
      reducedMotion: 'reduce',
    });
    const { page } = visited;
    await page.locator('.preview breaking-ticker [data-state=live]').waitFor();
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      expect(await axeViolations(page), (await tab.textContent()) ?? '').toEqual([]);
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const state of await page.getByRole('radio').all()) {
        await state.check();
        expect(await axeViolations(page), `preview ${await state.getAttribute('value')} ${colorScheme}`).toEqual([]);
      }
    }
  });
});
