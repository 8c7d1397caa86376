import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const scripts = {
  sdk: 'src/client/index.ts',
  ticker: 'src/ui/ticker/define.ts',
  front: 'src/ui/front/front.ts',
  desk: 'src/ui/desk/desk.tsx',
};

const files = {
  'front.css': 'src/ui/front/front.css',
  'desk.css': 'src/ui/desk/desk.css',
  'favicon.svg': 'src/ui/favicon.svg',
};

/** Builds everything a browser loads (`sdk.js`, `ticker.js`, `front.js`, `desk.js`, style sheets, icon) into `outDir`. */
export async function buildBrowser(outDir) {
  await mkdir(outDir, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: Object.entries(scripts).map(([out, entry]) => ({ in: entry, out })),
    outdir: outDir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    loader: { '.css': 'text' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
  });
  await Promise.all(Object.entries(files).map(([name, from]) => cp(join(root, from), join(outDir, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildBrowser(join(root, 'dist/public'));
