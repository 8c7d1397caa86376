import { existsSync } from 'node:fs';
import { type Browser, launch } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPages, type Pages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { snapshot } from '../../client/frames.ts';
import { site } from '../../resources/site.ts';
import { linesOf } from '../lines.ts';
import { noNews } from '../no-news.ts';
import { publicFiles } from '../public-files.ts';
import { boxesIn, faultsOf, hostilePages, shells } from './hostile-pages.ts';

const executablePath = '/usr/bin/firefox-esr';
let browser: Browser;
let pages: Pages;

beforeAll(async () => {
  browser = await launch({ browser: 'firefox', protocol: 'webDriverBiDi', executablePath, headless: true });
  pages = createPages({ publicDir: await publicFiles(), site, news: noNews, onError: () => {} });
});

afterAll(() => browser?.close());

test.skipIf(!existsSync(executablePath))(
  'a ticker has a real width and a sane height in Firefox, whatever the page makes of it',
  async () => {
    await using feed = await FakeFeed.start(
      hostilePages(
        (request, response) => void (pages.handleRequest(request, response) || response.writeHead(404).end()),
      ),
    );
    feed.welcomeWith((query) => snapshot(10, linesOf(query.get('edition') ?? ''), { beatMs: 600_000 }));
    const page = await browser.newPage();
    const faults: string[] = [];
    for (const shell of shells) {
      await page.goto(`${feed.url}/host/${shell}`);
      await expect
        .poll(() =>
          page.evaluate(
            () =>
              [...document.querySelectorAll('breaking-ticker')].filter((ticker) =>
                ticker.shadowRoot?.querySelector('.current'),
              ).length,
          ),
        )
        .toBe(5);
      for (const width of [320, 768, 1280]) {
        await page.setViewport({ width, height: 900 });
        faults.push(...faultsOf(shell, width, await page.evaluate(boxesIn)));
      }
    }
    expect(faults).toEqual([]);
  },
);
