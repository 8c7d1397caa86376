import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { UsableItem } from '../../src/item/item.ts';
import { facets } from '../resources/memory-log.ts';
import { type ServedPages, servePages } from '../resources/served-pages.ts';
import { site, siteEdition } from '../resources/site.ts';
import { visit } from './browser.ts';
import { useBuiltPages } from './built-pages.ts';
import { linesOf } from './lines.ts';

const built = useBuiltPages();
let axe: string;

beforeAll(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});

type Edition = 'en' | 'ar' | 'es' | 'fr';
const withFrench = [...site.editions, siteEdition('fr', { name: 'Français' })];
const articles: Readonly<Partial<Record<Edition, string>>> = {
  en: 'velda-bridge-reopens',
  ar: 'iftitah-jisr-velda',
  es: 'reabre-el-puente-del-velda',
};
const idOf = (number: number) => `01J0000000000000000000${String(number).padStart(4, '0')}`;

/** Every page that there is, with the newest line `1`, a corrected one `2`, a withdrawn one `3`. */
function pathsOf(edition: Edition): readonly string[] {
  return [
    `/?edition=${edition}`,
    `/live/${edition}`,
    `/live/${edition}?debug`,
    `/live/${edition}?before=3`,
    `/section/${edition}/politics`,
    `/region/${edition}/europe`,
    `/topic/${edition}/talks`,
    `/item/${idOf(1)}`,
    `/item/${idOf(2)}`,
    `/item/${idOf(3)}`,
    `/section/${edition}/nowhere`,
    ...(articles[edition] ? [`/article/${articles[edition]}`] : []),
    `/embed?edition=${edition}`,
    '/host',
  ];
}

async function pagesOf(edition: Edition, lines: readonly Partial<UsableItem>[]): Promise<ServedPages> {
  const served = await servePages(
    built.publicDir,
    undefined,
    `<breaking-ticker edition="${edition}" open></breaking-ticker>`,
    {},
    withFrench,
  );
  const log = served[edition];
  const more = { topics: ['talks'], urgency: 'flash' } as const;
  for (const [index, { headline, ...rest }] of [...lines.entries()].toReversed())
    log.publish(idOf(index + 1), facets(['politics'], { ...more, ...rest }), headline, rest);
  return served;
}

async function seeAlive(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  const state = () =>
    page.evaluate(() => {
      const ticker = document.querySelector('breaking-ticker');
      return ticker ? (ticker.shadowRoot?.querySelector('section')?.dataset['state'] ?? 'none') : 'live';
    });
  await expect.poll(state, { timeout: 15_000, interval: 10 }).toBe('live');
}

describe.each(['en', 'ar', 'es', 'fr'] as const)('the pages of %s', (edition) => {
  test('the pages have no accessibility violation that axe finds, light or dark', async () => {
    await using served = await pagesOf(edition, linesOf(edition));
    const note = linesOf(edition)[1]?.headline ?? '';
    served[edition].correct(idOf(2), facets(), note, { kind: 'corrected', note, at: '2026-01-01T00:00:00.000Z' });
    served[edition].retract(idOf(3), note);
    await using visited = await visit(built.browser, 'about:blank', { viewport: { width: 1000, height: 900 } });
    const { page } = visited;
    for (const path of pathsOf(edition)) {
      await page.goto(served.url + path);
      await seeAlive(page);
      await page.evaluate(axe);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const found = await page.evaluate(async () => {
          const { axe: runner } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
          interface Violation {
            readonly id: string;
            readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
          }
          const { violations } = await runner.run();
          return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
        });
        expect(found, `${path} ${colorScheme}`).toEqual([]);
      }
    }
  });

  test('the pages fit 320 px without scrolling sideways', async () => {
    await using served = await pagesOf(edition, [
      { attribution: 'x'.repeat(80), headline: `${'Wörter '.repeat(12)}${'y'.repeat(190)}` },
      ...linesOf(edition),
    ]);
    await using visited = await visit(built.browser, 'about:blank', { viewport: { width: 320, height: 640 } });
    for (const path of pathsOf(edition)) {
      await visited.page.goto(served.url + path);
      await seeAlive(visited.page);
      expect(await visited.page.evaluate(() => document.documentElement.scrollWidth), path).toBe(320);
    }
  });
});

/** Rows 40 and 41 of the faults that readers' pages must bear: markup, links, ends of data blocks; overrides and odd characters. */
const hostile = [
  '<script>hit()</script>',
  '<img src=x onerror=hit()>',
  '"><svg onload=hit()>',
  "' onmouseover='hit()",
  '</script><script>hit()</script>',
  '<!--<script>hit()',
  '</title><script>hit()</script>',
  '{{constructor.constructor("hit()")()}}',
  'line\u2028separator\u2029here',
  '&lt;script&gt;hit()&lt;/script&gt;',
  '\u202eevil\u202c \u2066isolate\u2069 \u200b\ufeff',
  '\u{e0041}\u{e0042} \ud800 z\u0300\u0301\u0302\u0303\u0304',
  'ВREAKING \0 \u0085',
];

describe('hostile text', () => {
  test('hostile text runs on no page and in no field', async () => {
    const lines = hostile.map((text) => ({
      headline: text,
      attribution: text,
      url: 'javascript:hit()',
      topics: ['talks', text],
      correction: { kind: 'corrected' as const, note: text, at: '2026-01-01T00:00:00.000Z' },
    }));
    await using served = await pagesOf('en', lines);
    served.en.retract(idOf(3), hostile[4] ?? '');
    await using visited = await visit(built.browser, 'about:blank');
    const { page } = visited;
    const hits: string[] = [];
    await page.exposeFunction('hit', () => hits.push(page.url()));
    page.on('dialog', (dialog) => hits.push(dialog.message()));
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective, event.sourceFile));
    });
    for (const path of pathsOf('en')) {
      await page.goto(served.url + path);
      await seeAlive(page);
      const odd = await page.evaluate(() => {
        const roots = [document, ...[...document.querySelectorAll('breaking-ticker')].map((found) => found.shadowRoot)];
        return roots.flatMap((root) =>
          [
            ...(root?.querySelectorAll(
              '[onerror], [onload], [onmouseover], a[href^="javascript:"], svg, img:not([width])',
            ) ?? []),
          ].map((element) => element.outerHTML),
        );
      });
      expect(odd, path).toEqual([]);
    }
    served.en.publish('LATE', facets(['politics'], { topics: ['talks'] }), hostile[0], {
      attribution: hostile[1] ?? '',
    });
    await page.goto(`${served.url}/live/en`);
    await seeAlive(page);
    expect(await page.locator('.updates .line').first().textContent()).toBe(`${hostile[1]}: ${hostile[0]}`);
    expect(hits).toEqual([]);
    expect(visited.faults.filter((fault) => !/status of (404|410|503)/.test(fault))).toEqual([]);
  });
});
