import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { openApiOf } from '../../../src/api/openapi/openapi.ts';
import { createDeskPage } from '../../../src/ui/server/desk-page.ts';
import type { Pages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { site } from '../../resources/site.ts';
import { startBrowser, type Visit, visit } from '../browser.ts';
import { buildPages } from '../build.ts';
import type { FakeDesk } from './fake-desk.ts';

export const deskSecret = 'fw_good_0123456789abcdefghijklmnopqrstuvwxyz';

/** A browser and the desk page as it is built, for a file of tests. */
export interface DeskPages extends AsyncDisposable {
  readonly browser: Browser;
  readonly page: Pages;
  open(desk: FakeDesk, options?: BrowserContextOptions): Promise<OpenDeskPage>;
}

/** A desk that has signed in, in a browser of its own. */
export interface OpenDeskPage extends AsyncDisposable {
  readonly page: Page;
  readonly url: string;
  readonly faults: Visit['faults'];
  /** What has been sent, sessions left out. */
  sent(): readonly string[];
}

export async function startDeskPages(executablePath?: string): Promise<DeskPages> {
  const publicDir = await mkdtemp(join(tmpdir(), 'flashwire-desk-'));
  const [browser] = await Promise.all([startBrowser(executablePath), buildPages(publicDir)]);
  const page = createDeskPage({ publicDir, site, api: openApiOf(site, '0.0.0') });
  return {
    browser,
    page,
    open: async (desk, options) => {
      const server = await FakeFeed.start((request, response) => {
        if (!page.handleRequest(request, response)) void desk.handle(request, response);
      });
      const visited = await visit(browser, `${server.url}/desk#key=${deskSecret}`, options);
      await visited.page.locator('.composer textarea').waitFor();
      return {
        page: visited.page,
        url: server.url,
        faults: visited.faults,
        sent: () =>
          desk.requests
            .filter(({ path }) => path !== '/v1/session')
            .map(({ method, path, body }) => `${method} ${path} ${JSON.stringify(body)}`),
        [Symbol.asyncDispose]: async () => {
          await visited[Symbol.asyncDispose]();
          await server[Symbol.asyncDispose]();
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await rm(publicDir, { recursive: true });
    },
  };
}

/** The desk pages of a file of tests: opened before its first test, closed after its last. */
export function useDeskPages(): Pick<DeskPages, 'open' | 'browser'> {
  let pages: DeskPages | null = null;
  const started = () => {
    if (!pages) throw new Error('the desk pages are opened before the first test');
    return pages;
  };
  beforeAll(async () => {
    pages = await startDeskPages();
  });
  afterAll(() => pages?.[Symbol.asyncDispose]());
  return {
    get browser() {
      return started().browser;
    },
    open: (desk, options) => started().open(desk, options),
  };
}

/** A key as a keyboard of any layout sends it: where it is, and what stands on it. */
export function pressAt(
  page: Page,
  code: string,
  key: string,
  more: { readonly [name in 'repeat' | 'isComposing' | 'altKey' | 'ctrlKey' | 'shiftKey']?: boolean } = {},
): Promise<void> {
  return page.evaluate(
    (init) =>
      void document.activeElement?.dispatchEvent(
        new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }),
      ),
    { code, key, ...more },
  );
}

export const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000 });

/** Until a click in the list counts again: the desk ignores one in a row that has moved within 0.5 s. */
export async function pastMovement(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
}
