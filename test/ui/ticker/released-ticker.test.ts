import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { serveFanout } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';
import { useBrowser, visit } from '../browser.ts';
import { hostPage } from '../host-page.ts';

const browser = useBrowser();
const root = new URL('../../../', import.meta.url);
const releases = new URL('src/ui/releases/', root);
const textOf = (path: string) => readFile(new URL(path, root), 'utf8');

function logOf(...headlines: readonly string[]): MemoryLog {
  const log = new MemoryLog();
  for (const [at, headline] of headlines.entries())
    log.publish(`01J000000000000000000000${at}0`, facets(), headline, { publishedAt: new Date().toISOString() });
  return log;
}

test('the ticker of each released version keeps the bytes that pages have pinned', async () => {
  const table = await textOf('src/ui/releases/README.md');
  const pinned = [...table.matchAll(/^\| ([\d.]+) \|.*`(sha384-.+)` \|$/gm)].map(([, version, hash]) => [
    version,
    hash,
  ]);
  const files = (await readdir(releases)).filter((file) => file.endsWith('.js'));
  const kept = files.map(async (file) => {
    const hash = createHash('sha384').update(await readFile(new URL(file, releases)));
    return [file.slice('ticker-'.length, -'.js'.length), `sha384-${hash.digest('base64')}`];
  });
  expect(Object.fromEntries(await Promise.all(kept))).toEqual(Object.fromEntries(pinned));
});

test('a version in the changelog has its released ticker, and the next build has another version', async () => {
  const { version } = JSON.parse(await textOf('package.json'));
  const changelog = await textOf('CHANGELOG.md');
  const released = [...changelog.matchAll(/^## \[(\d[\d.]*)\]/gm)].map(([, number]) => number ?? '').slice(0, 5);
  expect(released).not.toContain(version);
  expect(await readdir(releases)).toEqual(expect.arrayContaining(released.map((number) => `ticker-${number}.js`)));
});

test.each(['0.1.0', '0.2.0'])('ticker %s as released follows a log that lost its tail', async (version) => {
  const script = await readFile(new URL(`ticker-${version}.js`, releases));
  const host = hostPage(
    '<breaking-ticker edition="en" open></breaking-ticker>',
    (_request, response) => void response.setHeader('Content-Type', 'text/javascript').end(script),
    `/ticker-${version}.js`,
  );
  const pages = () => (request: Parameters<typeof host>[0], response: Parameters<typeof host>[1]) => {
    host(request, response);
    return true;
  };
  const options = { acceptRate: 1_000_000 };
  let server = await serveFanout(logOf('One', 'Two', 'Three'), options, { pages });
  try {
    await using visited = await visit(browser(), `${server.origin}/host`);
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
    await server[Symbol.asyncDispose]();
  }
});
