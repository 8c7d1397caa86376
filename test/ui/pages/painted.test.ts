import { expect, test } from 'vitest';
import { facets } from '../../resources/memory-log.ts';
import { servePages } from '../../resources/served-pages.ts';
import { useBuiltPages } from '../built-pages.ts';

const built = useBuiltPages();

const id = '01KAM0000000000000000000AA';

/** `luck` is what Math.random says: 0 is the one in fifty, and at once. */
async function pageWith(luck: number, path: string) {
  const served = await servePages(built.publicDir, undefined, '<breaking-ticker edition="en"></breaking-ticker>');
  const context = await built.browser.newContext();
  await context.addInitScript((value) => {
    Math.random = () => value;
  }, luck);
  await context.addCookies([{ name: 'id', value: 'somebody', url: served.url }]);
  const page = await context.newPage();
  const samples: { readonly url: URL; readonly method: string; readonly headers: Record<string, string> }[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/v1/painted'))
      samples.push({ url: new URL(request.url()), method: request.method(), headers: request.headers() });
  });
  await page.goto(`${served.url}${path}`);
  return {
    served,
    page,
    samples,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await served[Symbol.asyncDispose]();
    },
  };
}

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000 });

test.each(['/live/en', '/host'])(
  '%s says of one browser in fifty what it has painted, and not who that is',
  async (path) => {
    await using open = await pageWith(0, path);
    // What comes with the snapshot is no news.
    await open.page
      .locator(path === '/host' ? '.ticker[data-state=live]' : '.state.live')
      .first()
      .waitFor({ state: 'attached' });
    open.served.en.publish(id, facets(['politics']));
    await poll(() => open.samples.length).toBe(1);
    const [sample] = open.samples;
    expect(Object.fromEntries(sample?.url.searchParams ?? [])).toEqual({
      edition: 'en',
      id,
      version: '1',
      ms: expect.stringMatching(/^\d+$/),
    });
    expect(sample?.method).toBe('POST');
    for (const name of ['cookie', 'referer', 'authorization']) expect(sample?.headers[name] ?? '').toBe('');
    open.served.en.retract(id);
    await poll(() => open.samples.length).toBe(2);
    expect(open.samples[1]?.url.searchParams.get('version')).toBe('2');
  },
);

test('says nothing of the other forty-nine', async () => {
  await using open = await pageWith(0.021, '/live/en');
  await poll(() => open.served.server.fanout.stats().connections).toBeGreaterThan(0);
  open.served.en.publish(id, facets(['politics']), 'Line of somebody');
  await open.page.getByText('Line of somebody').first().waitFor();
  await open.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  expect(open.samples).toEqual([]);
});
