import { existsSync } from 'node:fs';
import {
  type Browser,
  type BrowserContextOptions,
  type ConsoleMessage,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page of a real browser, and everything that went wrong in it. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** Console errors, uncaught exceptions and refusals by the content security policy. */
  readonly faults: readonly string[];
}

/** What people use, window and all. */
export const chromiumPath = '/usr/bin/chromium';
/** The same engine without a window, which costs less CPU. */
const shellPath = '/usr/bin/chromium-headless-shell';

export function startBrowser(
  executablePath = existsSync(shellPath) ? shellPath : chromiumPath,
  options: LaunchOptions = {},
): Promise<Browser> {
  return chromium.launch({ executablePath, ...options, args: [...args, ...(options.args ?? [])] });
}

let shared: Promise<Browser> | undefined;

/** A worker ends with SIGTERM, and its browser with it: Playwright kills what it has started when its process exits. */
function startSharedBrowser(): Promise<Browser> {
  process.once('SIGTERM', () => process.exit());
  return startBrowser(undefined, { handleSIGTERM: false });
}

/**
 * The browser of this worker, for a file of tests. Files share it one after the other: a start costs as much CPU as three tests.
 * What a file leaves open in it is closed with the file.
 */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    shared ??= startSharedBrowser();
    browser = await shared;
  });
  afterAll(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    if (browser) leftPages.delete(browser);
  });
  return () => {
    if (!browser) throw new Error('the browser starts before the first test');
    return browser;
  };
}

/** Of each browser, a page that its last visitor has left as a new one is. A new one has a process of its own to start. */
const leftPages = new WeakMap<Browser, Page>();

/** What a test asks of a page or its context for more than the document that is open: its page is not used again. */
const lasting: ReadonlySet<string | symbol> = new Set<keyof Page>([
  ...(['addInitScript', 'clock', 'close', 'context', 'emulateMedia', 'exposeBinding', 'exposeFunction'] as const),
  ...(['on', 'once', 'route', 'routeWebSocket', 'setExtraHTTPHeaders', 'setViewportSize'] as const),
]);

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  let isLeftAsNew = Object.keys(options).length === 0;
  const left = isLeftAsNew ? leftPages.get(browser) : undefined;
  if (left) leftPages.delete(browser);
  const own = left ?? (await (await browser.newContext(options)).newPage());
  const page = new Proxy(own, {
    get: (target, name) => {
      if (lasting.has(name)) isLeftAsNew = false;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const faults: string[] = [];
  const noteError = (error: Error) => void faults.push(String(error));
  const noteMessage = (message: ConsoleMessage) => {
    // One page in fifty says that it has painted; the ids of these tests are not ones that a server would take.
    const isSample = message.location().url.includes('/v1/painted');
    if (message.type() === 'error' && !isSample) faults.push(message.text());
  };
  own.on('pageerror', noteError).on('console', noteMessage);
  await own.goto(url);
  const leave = async () => {
    own.off('pageerror', noteError).off('console', noteMessage);
    if (isLeftAsNew && !leftPages.has(browser) && (await forget(own, url))) leftPages.set(browser, own);
    else await own.context().close();
  };
  return { page, faults, [Symbol.asyncDispose]: leave };
}

/** Leaves the site and forgets what it has stored; whether that is all there was. */
async function forget(page: Page, url: string): Promise<boolean> {
  const { origin } = new URL(page.url());
  if (page.isClosed() || page.context().pages().length > 1 || origin !== new URL(url).origin) return false;
  // First in the page: a page that is left may store something in its last event, and after the browser has cleared it.
  await page.evaluate(() => {
    localStorage.clear();
    sessionStorage.clear();
  });
  await page.goto('about:blank');
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
  await session.send('Network.clearBrowserCache');
  await session.detach();
  await page.context().clearCookies();
  return true;
}

/** Records every layout shift of the pages that `page` opens from now on, in their global `shifts`. */
export async function recordShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as PerformanceEntry & { value: number }).value);
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** Counts the frames that each page which `page` opens from now on has taken from WebSockets. Returns what reads the count. */
export async function countFrames(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    let taken = 0;
    Object.defineProperty(globalThis, 'framesTaken', { get: () => taken });
    globalThis.WebSocket = class extends WebSocket {
      constructor(url: string | URL) {
        super(url);
        this.addEventListener('message', () => {
          taken += 1;
        });
      }
    };
  });
  return () => page.evaluate(() => Reflect.get(globalThis, 'framesTaken'));
}
