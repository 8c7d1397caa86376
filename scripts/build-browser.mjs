import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { minify } from 'terser';
import { readCommandLine, root } from './step.mjs';

/** The same ticker for previews, of the desk and of /embed: its feed stands still, and it remembers nothing. */
const previewed = { 'desk.ticker': 'src/ui/ticker/define.ts' };

/** The same ticker for our own pages: its first lines are in the page. */
const paged = { 'pages.ticker': 'src/ui/ticker/define.ts' };

/** The ticker runs on other sites, so every byte counts: its components create elements directly, without Preact. */
const embedded = { ticker: 'src/ui/ticker/define.ts' };

/** What `variant="list"` needs besides: the ticker's script imports nothing when it runs, so that one hash covers it. */
const listed = { 'ticker-list': 'src/ui/ticker/list/define-list.ts' };

/**
 * Properties of the ticker's own objects, which its build shortens (200 B of its limit of 12,000, compressed). None of them
 * is in JSON from a server, in the protocol or in an event, and none is a name of the browser, of JavaScript, or of an effect in
 * src/client/feed-state.ts.
 */
const ownProperties = `ahead allowSilence announcer answered better board choices choose clock controls cursor element failed flashMs hear hold
  improve isHeld isOpen isUrgent keep limits linked maxAgeMs missing onAnswered onFrame onHidden
  onItems onLost onOffline onOnline onState onText onVisible position reconnects
  restyle root say server setButtons setItems setState shown signals socket stage stats stop tick transport transports turn`;

const scripts = {
  sdk: 'src/client/index.ts',
  pages: 'src/ui/pages/pages.tsx',
  embed: 'src/ui/embed/embed.tsx',
  'embed.frame': 'src/ui/embed/frame.ts',
  desk: 'src/ui/desk/page/desk.tsx',
  'desk-stream': 'src/ui/desk/remote/stream-worker.ts',
  'desk.preview': 'src/ui/desk/preview/preview-page.tsx',
};

/**
 * The groups of English (src/ui/strings) that a script contains. All other texts come from the server.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const groups = {
  ticker: ['ticker'],
  desk: ['desk'],
};

/** Each imports the theme and the sheets of its folders. */
const styles = {
  pages: 'src/ui/pages.css',
  desk: 'src/ui/desk.css',
  api: 'src/ui/api.css',
  'embed.frame': 'src/ui/embed/frame.css',
};

const files = { examples: 'src/ui/examples' };

/**
 * Builds everything that a browser loads (scripts, style sheets, pictures) into `outDir`. Returns the name and the hash of the
 * ticker's release.
 * @param {string} outDir
 */
export async function buildBrowser(outDir) {
  await mkdir(outDir, { recursive: true });
  await Promise.all([
    ...Object.entries(scripts).map(([name, entry]) =>
      bundle({ [name]: entry }, outDir, { plugins: [stringsOf(groups[name] ?? [])] }),
    ),
    bundle(styles, outDir),
    bundle(previewed, outDir, {
      plugins: [styleText, stringsOf(groups['ticker'] ?? []), stillFeed],
      alias: { 'preact/jsx-runtime': './src/ui/dom/jsx-runtime.ts' },
    }),
    bundle(paged, outDir, {
      plugins: [styleText, stringsOf(groups['ticker'] ?? []), startedFeed],
      alias: { 'preact/jsx-runtime': './src/ui/dom/jsx-runtime.ts' },
    }),
    buildTicker(outDir),
    bundle(listed, outDir, { plugins: [styleText] }),
  ]);
  await Promise.all(
    Object.entries(files).map(([name, from]) => cp(join(root, from), join(outDir, name), { recursive: true })),
  );
  return nameRelease(outDir);
}

/**
 * The ticker with its SDK, as `ticker.js`. A second minifier takes 3 % off it. Comparisons compress better as they are written.
 * @param {string} outDir
 */
export async function buildTicker(outDir) {
  await bundle(embedded, outDir, {
    plugins: [styleText, stringsOf(groups['ticker'] ?? []), ownParts],
    alias: { 'preact/jsx-runtime': './src/ui/dom/jsx-runtime.ts' },
    mangleProps: new RegExp(`^(${ownProperties.split(/\s+/).join('|')})$`),
  });
  const file = join(outDir, 'ticker.js');
  const { code = '' } = await minify(await readFile(file, 'utf8'), {
    module: true,
    ecma: 2020,
    compress: { lhs_constants: false, passes: 2 },
  });
  await writeFile(file, code);
}

/**
 * @param {Readonly<Record<string, string>>} entries output name and source of each script
 * @param {string} outDir
 * @param {import('esbuild').BuildOptions} more
 */
function bundle(entries, outDir, more = {}) {
  return build({
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, entry]) => ({ in: entry, out })),
    outdir: outDir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    ...more,
    legalComments: 'none',
    logLevel: 'warning',
  });
}

/**
 * A style sheet that a script imports becomes its minified text. esbuild keeps the names and the spaces of custom properties. Those that
 * are neither a page's (`--flashwire-`) nor a script's (`--site-`) become `--a`, `--b` and so on.
 * @type {import('esbuild').Plugin}
 */
const styleText = {
  name: 'style-text',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
      const own = [...new Set(code.match(/--(?!flashwire-|site-)[a-z-]+/g))];
      const contents = code
        .replace(/--(?!flashwire-|site-)[a-z-]+/g, (name) => `--${(own.indexOf(name) + 10).toString(36)}`)
        .replace(/(?<=[,:/]) | (?=\/)/g, '');
      return { contents: contents.trim(), loader: 'text' };
    });
  },
};

/**
 * The feed of the previewed ticker, and what it remembers, are those of src/ui/desk/preview.
 * @type {import('esbuild').Plugin}
 */
const stillFeed = {
  name: 'still-feed',
  setup({ onResolve }) {
    /** @param {string} name */
    const instead = (name) => ({ path: join(root, 'src/ui/desk/preview', name) });
    onResolve({ filter: /\/choices\.ts$/ }, () => instead('no-choices.ts'));
    onResolve({ filter: /\/client\/feed\.ts$/ }, ({ importer }) =>
      importer.endsWith('breaking-ticker.ts') ? instead('still-feed.ts') : null,
    );
  },
};

/**
 * The feed of the ticker on our own pages, and what it learns of its edition, are those of src/ui/pages.
 * @type {import('esbuild').Plugin}
 */
const startedFeed = {
  name: 'started-feed',
  setup({ onResolve }) {
    /** @type {Readonly<Record<string, string>>} */
    const instead = { 'feed.ts': 'started-feed.ts', 'site-editions.ts': 'tag-edition.ts' };
    onResolve({ filter: /\/(client\/feed|site-editions)\.ts$/ }, ({ path, importer }) =>
      importer.endsWith('breaking-ticker.ts')
        ? { path: join(root, 'src/ui/pages', instead[basename(path)] ?? '') }
        : null,
    );
  },
};

/**
 * The ticker reads frames with a smaller parser, and knows fewer transports.
 * @type {import('esbuild').Plugin}
 */
const ownParts = {
  name: 'own-parts',
  setup({ onResolve }) {
    onResolve({ filter: /\/(frame-parse|http-sockets)\.ts$/ }, ({ path }) => ({
      path: join(root, 'src/ui/ticker', basename(path)),
    }));
  },
};

/**
 * English becomes the groups of this script, and the list of the other languages is empty.
 * @param {readonly string[]} groupsOfScript
 * @returns {import('esbuild').Plugin}
 */
function stringsOf(groupsOfScript) {
  return {
    name: 'strings',
    setup({ onLoad }) {
      onLoad({ filter: /\/strings\/shipped\.ts$/ }, () => ({ contents: 'export const shipped = []' }));
      onLoad({ filter: /\/strings\/en\.json$/ }, async ({ path }) => {
        const { language, dir, ...all } = JSON.parse(await readFile(path, 'utf8'));
        const chosen = Object.entries(all).filter(([group]) => groupsOfScript.includes(group));
        // A form that is the same as the rest is left out.
        /** @type {(key: string, value: Record<string, string>) => unknown} */
        const short = (_, value) =>
          value?.['other'] && value['one'] === value['other'] ? { other: value['other'] } : value;
        return { contents: JSON.stringify({ language, dir, ...Object.fromEntries(chosen) }, short), loader: 'json' };
      });
    },
  };
}

/**
 * Copies the ticker and its list to the names of their release, for pages that pin them with their hashes. The last five
 * releases keep their bytes (src/ui/releases); the coming release has the bytes of this build.
 * @param {string} outDir
 */
async function nameRelease(outDir) {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const releases = join(root, 'src/ui/releases');
  const released = (await readdir(releases)).filter((name) => name.endsWith('.js'));
  await Promise.all(released.map((name) => cp(join(releases, name), join(outDir, name))));
  /** @param {string} name */
  const pinned = async (name) => {
    const file = `${name}-${version}.js`;
    if (!released.includes(file)) await cp(join(outDir, `${name}.js`), join(outDir, file));
    const hash = createHash('sha384').update(await readFile(join(outDir, file)));
    return { file, integrity: `sha384-${hash.digest('base64')}` };
  };
  const ticker = await pinned('ticker');
  const list = await pinned('ticker-list');
  await writeFile(join(outDir, 'scripts.json'), `${JSON.stringify({ version, ...ticker, list })}\n`);
  return `${ticker.file} ${ticker.integrity}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  readCommandLine('usage: node scripts/build-browser.mjs');
  console.log(await buildBrowser(join(root, 'dist/public')));
}
