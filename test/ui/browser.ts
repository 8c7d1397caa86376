import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type LaunchOptions, type Page } from 'playwright-core';
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
  });
  return () => {
    if (!browser) throw new Error('the browser starts before the first test');
    return browser;
  };
}

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // One page in fifty says that it has painted; the ids of these tests are not ones that a server would take.
    const isSample = message.location().url.includes('/v1/painted');
    if (message.type() === 'error' && !isSample) faults.push(message.text());
  });
  await page.goto(url);
  return { page, faults, [Symbol.asyncDispose]: () => context.close() };
}
