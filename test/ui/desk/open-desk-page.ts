import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, expect } from 'vitest';
import { openApiOf } from '../../../src/api/openapi/openapi.ts';
import { createDeskPage } from '../../../src/ui/server/desk-page.ts';
import type { Pages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { site } from '../../resources/site.ts';
import { useBrowser, type Visit, visit } from '../browser.ts';
import { publicFiles } from '../public-files.ts';
import type { FakeDesk } from './fake-desk.ts';

export const deskSecret = 'fw_good_0123456789abcdefghijklmnopqrstuvwxyz';

/** A browser and the desk page as it is built, for a file of tests. */
export interface DeskPages {
  readonly browser: Browser;
  open(desk: FakeDesk, options?: BrowserContextOptions): Promise<OpenDeskPage>;
}

/** A desk that has signed in, in a context of its own. */
export interface OpenDeskPage extends AsyncDisposable {
  readonly page: Page;
  readonly url: string;
  readonly faults: Visit['faults'];
  /** What has been sent, sessions left out. */
  sent(): readonly string[];
}

/** The desk pages of a file of tests, in a browser that it shares or in one of its own. */
export function useDeskPages(browser = useBrowser()): DeskPages {
  let page: Pages | null = null;
  beforeAll(async () => {
    page = createDeskPage({ publicDir: await publicFiles(), site, api: openApiOf(site, '0.0.0') });
  });
  return {
    get browser() {
      return browser();
    },
    open: async (desk, options) => {
      const server = await FakeFeed.start((request, response) => {
        if (!page?.handleRequest(request, response)) void desk.handle(request, response);
      });
      const visited = await visit(browser(), `${server.url}/desk#key=${deskSecret}`, options);
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
  };
}

/** A key as a keyboard of any layout sends it: where it is, and what stands on it. */
export function pressAt(
  page: Page,
  code: string,
  key: string,
  more: { readonly [name in 'repeat' | 'isComposing' | 'altKey' | 'ctrlKey' | 'shiftKey']?: boolean } & {
    readonly keyCode?: number;
  } = {},
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
