import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { serveFanout } from '../../fanout/fanout-server.ts';
import { facets, MemoryLog } from '../../fanout/memory-log.ts';
import { startBrowser, visit } from '../browser.ts';
import { hostPage } from '../host-page.ts';

const release = new URL('../../../src/ui/releases/ticker-0.1.0.js', import.meta.url);

function logOf(...headlines: readonly string[]): MemoryLog {
  const log = new MemoryLog();
  for (const [at, headline] of headlines.entries())
    log.publish(`01J000000000000000000000${at}0`, facets(), headline, { publishedAt: new Date().toISOString() });
  return log;
}

test('the first released ticker shows the items of a log that lost its tail, and continues', async () => {
  const script = await readFile(release);
  const host = hostPage(
    '<breaking-ticker edition="en" open></breaking-ticker>',
    (_request, response) => void response.setHeader('Content-Type', 'text/javascript').end(script),
    '/ticker-0.1.0.js',
  );
  const pages = () => (request: Parameters<typeof host>[0], response: Parameters<typeof host>[1]) => {
    host(request, response);
    return true;
  };
  const options = { acceptRate: 1_000_000 };
  const browser = await startBrowser();
  let server = await serveFanout(logOf('One', 'Two', 'Three'), options, { pages });
  try {
    await using visited = await visit(browser, `${server.origin}/host`);
    const headlines = async () => {
      const text = await visited.page.locator('breaking-ticker').evaluate((ticker) => ticker.shadowRoot?.textContent);
      return [...new Set(text?.match(/One|Two|Three|Four/g))];
    };
    const reads = (...expected: readonly string[]) => expect.poll(headlines, { timeout: 15_000 }).toEqual(expected);
    await reads('Three', 'Two', 'One');
    const short = logOf('One');
    const { port } = server;
    await server[Symbol.asyncDispose]();
    server = await serveFanout(short, options, { pages, port });
    await reads('One');
    short.publish('01J00000000000000000000090', facets(), 'Four', { publishedAt: new Date().toISOString() });
    await reads('Four', 'One');
  } finally {
    await browser.close();
    await server[Symbol.asyncDispose]();
  }
});
