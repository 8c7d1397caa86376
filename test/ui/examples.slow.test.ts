import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { facets } from '../resources/memory-log.ts';
import { servePages } from '../resources/served-pages.ts';
import { visit } from './browser.ts';
import { useBuiltPages } from './built-pages.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const local = 'http://127.0.0.1:8080';
const built = useBuiltPages();

/** Serves these files on a port of its own. */
async function serveFiles(files: Readonly<Record<string, readonly [type: string, text: string]>>) {
  const server = createServer((request, response) => {
    const [type, text] = files[request.url ?? ''] ?? ['text/plain', ''];
    response.writeHead(text === '' ? 404 : 200, { 'Content-Type': `${type}; charset=utf-8` }).end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const poll = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 15_000 });

describe('the examples', () => {
  test('the HTML example shows the ticker in its own theme', async () => {
    await using served = await servePages(built.publicDir);
    served.en.publish('a', facets(), 'The first line');
    const page = (await readFile(join(examples, 'html/index.html'), 'utf8')).replaceAll(local, served.url);
    const theme = await readFile(join(examples, 'themes/broadsheet.css'), 'utf8');
    await using files = await serveFiles({
      '/html/index.html': ['text/html', page],
      '/themes/broadsheet.css': ['text/css', theme],
    });
    await using visited = await visit(built.browser, `${files.url}/html/index.html`);
    const ticker = visited.page.locator('breaking-ticker .ticker');
    await poll(() => ticker.locator('.current .line').textContent()).toBe('The first line');
    expect(await ticker.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(251, 246, 234)');
  });

  test('the React example shows a list', async () => {
    await using served = await servePages(built.publicDir);
    served.en.publish('a', facets(), 'The first line');
    const folder = await mkdtemp(join(tmpdir(), 'flashwire-react-'));
    const root = fileURLToPath(new URL('../../', import.meta.url));
    const { outputFiles } = await build({
      stdin: {
        contents: `import { createElement } from 'react'; import { createRoot } from 'react-dom/client'; import { BreakingNews } from './breaking-news.jsx'; createRoot(document.body).render(createElement(BreakingNews, { url: '${served.url}' }));`,
        resolveDir: join(examples, 'react'),
      },
      alias: {
        react: 'preact/compat',
        'react-dom/client': 'preact/compat/client',
        'react/jsx-runtime': 'preact/jsx-runtime',
        'flashwire-client': join(root, 'src/client/index.ts'),
      },
      nodePaths: [join(root, 'node_modules')],
      jsx: 'automatic',
      bundle: true,
      write: false,
      format: 'esm',
      outdir: folder,
    });
    await rm(folder, { recursive: true });
    await using files = await serveFiles({
      '/': ['text/html', '<!doctype html><title>x</title><body><script type="module" src="/x.js"></script>'],
      '/x.js': ['text/javascript', outputFiles[0]?.text ?? ''],
    });
    await using visited = await visit(built.browser, files.url);
    await poll(() => visited.page.locator('li').allTextContents()).toEqual(['The first line']);
    served.en.retract('a', 'It was withdrawn.');
    await poll(() => visited.page.locator('li').allTextContents()).toEqual(['It was withdrawn.']);
  });

  test('the Node example prints a feed', async () => {
    await using served = await servePages(built.publicDir);
    served.en.publish('a', facets(['politics']), 'The first line');
    served.en.publish('b', facets(['sports']), 'Not this one');
    const folder = await mkdtemp(join(tmpdir(), 'flashwire-node-'));
    const { buildSdk } = await import(new URL('../../scripts/build-sdk.mjs', import.meta.url).href);
    await buildSdk(folder);
    const script = (await readFile(join(examples, 'node/follow.mjs'), 'utf8')).replace('../../dist/sdk/', `${folder}/`);
    const child = spawn(process.execPath, ['--input-type=module', '-', 'en', 'section=politics'], {
      env: { ...process.env, FLASHWIRE_URL: served.url },
    });
    child.stdin.end(script);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    try {
      expect((await lines.next()).value).toBe('The first line');
      served.en.correct('a', facets(['politics']), 'The first line, put right');
      expect((await lines.next()).value).toBe('corrected: The first line, put right');
      served.en.withhold('a');
      expect((await lines.next()).value).toBe('withheld: a');
    } finally {
      child.kill();
      await once(child, 'close');
      await rm(folder, { recursive: true });
    }
  });
});
