import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { readCommandLine, root } from './step.mjs';

/** The ticker goes to other people's pages, so every byte counts: its components make elements at once, without Preact. */
const embedded = { ticker: 'src/ui/ticker/define.ts' };

/**
 * Properties of the ticker's own objects, which its build makes short (200 B of the 12,000 that it may have, compressed).
 * None of them is in JSON, in the protocol, or a name that a browser or JavaScript itself has.
 */
const ownProperties = `allowSilence announcer answered better board choices clock cursor failed filler hear improve
  hold isOpen isStill isUrgent linked missing onAnswered onFrame onHidden onHide onItems onList onLost onOffline onOnline onPause onState
  onText onVisible openList position restart restyle retrying root rotation setItems setOpen setPaused setState silenceMs since
  strings turn`;

const scripts = {
  sdk: 'src/client/index.ts',
  pages: 'src/ui/pages/pages.tsx',
  embed: 'src/ui/embed/embed.tsx',
  desk: 'src/ui/desk/page/desk.tsx',
};

const files = {
  'pages.css': 'src/ui/pages/pages.css',
  'desk.css': 'src/ui/desk/page/desk.css',
  'favicon.svg': 'src/ui/favicon.svg',
  'share.png': 'src/ui/share.png',
  examples: 'src/ui/examples',
};

/** Builds everything a browser loads (scripts, style sheets, pictures) into `outDir`; says what the ticker's release is called, and its hash. */
export async function buildBrowser(outDir) {
  await mkdir(outDir, { recursive: true });
  await Promise.all([
    bundle(scripts, outDir),
    bundle(embedded, outDir, {
      alias: { 'preact/jsx-runtime': './src/ui/dom/jsx-runtime.ts' },
      mangleProps: new RegExp(`^(${ownProperties.split(/\s+/).join('|')})$`),
    }),
  ]);
  await Promise.all(
    Object.entries(files).map(([name, from]) => cp(join(root, from), join(outDir, name), { recursive: true })),
  );
  return nameRelease(outDir);
}

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
    plugins: [styleText],
    legalComments: 'none',
    logLevel: 'warning',
  });
}

/** A style sheet that a script imports is its minified text. */
const styleText = {
  name: 'style-text',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code, loader: 'text' };
    });
  },
};

/**
 * The ticker under the name of its release, for pages that pin it with its hash. A release that has been made keeps its
 * bytes (src/ui/releases, the last five); the one that is being made has those of this build.
 */
async function nameRelease(outDir) {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const file = `ticker-${version}.js`;
  const releases = join(root, 'src/ui/releases');
  const made = (await readdir(releases)).filter((name) => name.endsWith('.js'));
  await Promise.all(made.map((name) => cp(join(releases, name), join(outDir, name))));
  if (!made.includes(file)) await cp(join(outDir, 'ticker.js'), join(outDir, file));
  const integrity = `sha384-${createHash('sha384')
    .update(await readFile(join(outDir, file)))
    .digest('base64')}`;
  await writeFile(join(outDir, 'scripts.json'), `${JSON.stringify({ version, file, integrity })}\n`);
  return `${file} ${integrity}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  readCommandLine('usage: node scripts/build-browser.mjs');
  console.log(await buildBrowser(join(root, 'dist/public')));
}
