import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

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

export function startBrowser(executablePath = existsSync(shellPath) ? shellPath : chromiumPath): Promise<Browser> {
  return chromium.launch({ executablePath, args });
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
