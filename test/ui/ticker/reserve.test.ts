import { beforeAll, expect, test } from 'vitest';
import { type EmbedOptions, snippetOf } from '../../../src/ui/embed/snippet.ts';
import { createPages, type Pages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { itemAt, itemFrame, snapshot } from '../../client/frames.ts';
import { site } from '../../resources/site.ts';
import { recordShifts, visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { noNews } from '../no-news.ts';

const built = useBuiltPages();
let pages: Pages;

beforeAll(() => {
  pages = createPages({ publicDir: built.publicDir, site, news: noNews, onError: () => {} });
});

const script = { file: 'ticker.js', integrity: '', list: { file: 'ticker-list.js', integrity: '' } };
const words = { title: 'Breaking news, live' };
const options = {
  edition: 'en',
  section: '',
  region: '',
  topic: '',
  limit: '10',
  theme: 'auto',
  look: 'plain',
} as const;

/** A page with the snippet between two paragraphs, whose script comes only after `release()`. */
async function slowPage(chosen: Pick<EmbedOptions, 'variant'> & Partial<EmbedOptions>) {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const snippet = snippetOf(
    { ...options, ...chosen, open: false, pinned: false, reserve: true },
    { origin: '', script, offersOEmbed: true },
    words,
  );
  const page = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A site</title><body><h1>A site</h1>${snippet}<p id="after">What follows</p></body></html>`;
  const feed = await FakeFeed.start(async (request, response) => {
    if (request.url === '/ticker.js') await released;
    if (request.url === '/host') response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
    else if (!pages.handleRequest(request, response)) response.writeHead(404).end();
  });
  feed.welcomeWith(() => snapshot(10, [], { beatMs: 600_000 }));
  return { feed, release };
}

test.each([
  ['banner', 320],
  ['banner', 768],
  ['banner', 1280],
  ['banner', 1920],
  ['card', 1280],
] as const)(
  'nothing shifts when the script of a %s with `reserve` comes late, at %i px (E14)',
  async (variant, width) => {
    const { feed, release } = await slowPage({ variant });
    await using _feed = feed;
    await using visited = await visit(built.browser, 'about:blank', { viewport: { width, height: 700 } });
    const { page } = visited;
    await recordShifts(page);
    const painted = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    await page.goto(`${feed.url}/host`, { waitUntil: 'commit' });
    await page.locator('#after').waitFor();
    await painted();
    const place = () => page.locator('#after').boundingBox();
    const before = await place();
    release();
    await expect.poll(() => page.locator('breaking-ticker .empty').isVisible(), { timeout: 15_000 }).toBe(true);
    const now = new Date().toISOString();
    const item = itemAt(11, { urgency: 'flash', publishedAt: now, updatedAt: now });
    feed.readers.at(-1)?.send(itemFrame(11, 10, item));
    await page.locator('breaking-ticker .top').waitFor();
    await painted();
    expect(await place()).toEqual(before);
    expect(await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts)).toEqual([]);
  },
);

test.each([
  ['en', 'Central bank holds its key rate, citing a slow but steady fall in prices. '],
  ['ar', 'البنك المركزي يُبقي سعر الفائدة عند 3.25% ويتوقع تراجع الأسعار بنسبة 2-3%. '],
] as const)(
  'a flash of 190 characters has room at every width of a page from 320 to 1,920 px, in %s',
  async (edition, words) => {
    const { feed, release } = await slowPage({ variant: 'banner', edition });
    await using _feed = feed;
    release();
    const now = new Date().toISOString();
    const { attribution: _, ...item } = itemAt(11, {
      headline: words.repeat(3).slice(0, 190),
      language: edition,
      dir: edition === 'ar' ? 'rtl' : 'ltr',
      urgency: 'flash',
      publishedAt: now,
      updatedAt: now,
    });
    feed.welcomeWith(() => snapshot(11, [item], { beatMs: 600_000 }));
    await using visited = await visit(built.browser, `${feed.url}/host`);
    const top = visited.page.locator('breaking-ticker .top');
    await top.waitFor();
    const cut: number[] = [];
    for (let width = 320; width <= 1_920; width += width === 320 ? 20 : 40) {
      await visited.page.setViewportSize({ width, height: 700 });
      if (await top.evaluate((line) => line.scrollHeight > line.clientHeight)) cut.push(width);
    }
    expect(cut).toEqual([]);
  },
);
