import { beforeAll, describe, expect, test } from 'vitest';
import { createPages } from '../../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../../client/fake-feed.ts';
import { site } from '../../../resources/site.ts';
import { noNews } from '../../no-news.ts';
import { publicFiles } from '../../public-files.ts';

let publicDir: string;

beforeAll(async () => {
  publicDir = await publicFiles();
});

function serve(more: { readonly allowedOrigins?: string; readonly publicUrl?: string } = {}) {
  const closed = { ...site, editions: site.editions.map((one) => (one.id === 'es' ? { ...one, access: 'key' } : one)) };
  const pages = createPages({ publicDir, site: closed as typeof site, news: noNews, onError: () => {}, ...more });
  return FakeFeed.start((request, response) => {
    if (!pages.handleRequest(request, response)) response.writeHead(404).end();
  });
}

const policyOf = async (url: string) => ((await fetch(url)).headers.get('content-security-policy') ?? '').split('; ');

describe('the page for iframes', () => {
  test('the page has the ticker alone, and a link to the live page for readers without script', async () => {
    await using server = await serve();
    const response = await fetch(`${server.url}/embed/ar?section=politics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    const text = await response.text();
    expect(text).toContain('<html lang="ar" dir="rtl">');
    expect(text).toMatch(
      /<body>\s*<div id="alone"><h1 hidden>[^<]+<\/h1>\s*<breaking-ticker edition="ar"[^>]*><a href="\/live\/ar"[^>]*>[^<]+<\/a><\/breaking-ticker><\/div>\s*<\/body>/,
    );
    expect(text).toContain('<base target="_top">');
    expect(text).toContain('<meta name="robots" content="noindex">');
    // What the address asks for is not in the page, so that one copy serves all.
    expect(text).not.toContain('politics');
  });

  test('a page may be shown by the pages that may read the feed', async () => {
    await using open = await serve();
    expect(await policyOf(`${open.url}/embed/en`)).toContain('frame-ancestors *');
    await using listed = await serve({ allowedOrigins: 'https://paper.example, http://localhost:3000' });
    for (const path of ['/', '/live/en', '/embed', '/live/nowhere', '/embed/en?variant=card'])
      expect(await policyOf(listed.url + path), path).toContain(
        "frame-ancestors 'self' https://paper.example http://localhost:3000",
      );
    expect(await policyOf(`${open.url}/live/en`)).not.toContainEqual(expect.stringContaining('frame-ancestors'));
  });

  test('a page without an origin of its own can load the scripts of the page', async () => {
    await using server = await serve({ publicUrl: 'https://news.example' });
    const page = await (await fetch(`${server.url}/embed/en`)).text();
    const scripts = [...page.matchAll(/<script type="module" src="([^"]+)" crossorigin><\/script>/g)];
    expect(scripts.length).toBeGreaterThan(0);
    expect(page.match(/<script/g)).toHaveLength(scripts.length);
    for (const [, path = ''] of scripts) {
      const { status, headers } = await fetch(server.url + path, { headers: { Origin: 'null' } });
      expect([path, status, headers.get('access-control-allow-origin')]).toEqual([path, 200, '*']);
    }
  });

  test('an unknown edition and one that needs a key look alike', async () => {
    await using server = await serve();
    const answers = await Promise.all(
      ['/embed/nowhere', '/embed/es', '/embed/en/more'].map(async (path) => (await fetch(server.url + path)).status),
    );
    expect(answers).toEqual([404, 404, 404]);
  });
});
