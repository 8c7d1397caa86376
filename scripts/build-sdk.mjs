import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildTicker } from './build-browser.mjs';
import { readCommandLine, root, run } from './step.mjs';

/**
 * The tag in JSX, in the terms of each library.
 * @type {Readonly<Record<string, string>>}
 */
const elements = {
  react:
    "import('react').DetailedHTMLProps<import('react').HTMLAttributes<BreakingTickerElement>, BreakingTickerElement>",
  preact: "import('preact').HTMLAttributes<BreakingTickerElement>",
};

/** @param {string} library */
function jsxTypes(library) {
  return `import type { BreakingTickerElement, TickerAttributes, TickerListeners } from './types/ui/ticker/element.js';
declare module '${library}' {
  namespace JSX {
    interface IntrinsicElements {
      'breaking-ticker': ${elements[library]} & TickerAttributes & TickerListeners;
    }
  }
}
`;
}

/** The tag in a template of Vue, where `@flashwire:new` is the property `onFlashwire:new`. */
const vueTypes = `import type { HTMLAttributes, ReservedProps } from 'vue';
import type { BreakingTickerElement, TickerAttributes } from './types/ui/ticker/element.js';
import type { TickerEvents } from './types/ui/ticker/events.js';
type TickerListeners = {
  readonly [Name in keyof TickerEvents as \`on\${Capitalize<Name>}\`]?: (event: TickerEvents[Name]) => void;
};
declare module 'vue' {
  interface GlobalComponents {
    'breaking-ticker': new () => BreakingTickerElement & {
      $props: HTMLAttributes & ReservedProps & TickerAttributes & TickerListeners;
    };
  }
}
`;

/** The declarations of each library. */
const declarations = { react: jsxTypes('react'), preact: jsxTypes('preact'), vue: vueTypes };

/**
 * Builds the npm package of the SDK into `outDir`: one module without dependencies, the ticker, their types and a README. Run
 * `npm pack` there.
 * @param {string} outDir
 */
export async function buildSdk(outDir) {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const { version, license, engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const description = {
    name: 'flashwire-client',
    version,
    description: 'Follow a Flashwire feed: breaking news, its corrections and its withdrawals, in real time.',
    license,
    type: 'module',
    engines,
    sideEffects: ['./ticker.js'],
    exports: {
      '.': { types: './types/client/index.d.ts', default: './index.js' },
      './ticker': tickerEntry('./types/ui/ticker/element.d.ts'),
      ...Object.fromEntries(
        Object.keys(declarations).map((library) => [`./${library}`, tickerEntry(`./${library}.d.ts`)]),
      ),
    },
  };
  await Promise.all([
    writeFile(join(outDir, 'package.json'), `${JSON.stringify(description, null, 2)}\n`),
    cp(join(root, 'docs/sdk.md'), join(outDir, 'README.md')),
    ...['sdk-states.md', 'sdk-api.md'].map((page) => cp(join(root, 'docs', page), join(outDir, page))),
    cp(join(root, 'LICENSE'), join(outDir, 'LICENSE')),
    build({
      absWorkingDir: root,
      entryPoints: ['src/client/index.ts'],
      outfile: join(outDir, 'index.js'),
      bundle: true,
      format: 'esm',
      target: ['es2022'],
      legalComments: 'none',
      logLevel: 'warning',
    }),
    buildTicker(outDir),
    writeFile(join(outDir, 'server.js'), 'export {};\n'),
    ...Object.entries(declarations).map(([library, text]) => writeFile(join(outDir, `${library}.d.ts`), text)),
    emitTypes(join(outDir, 'types')),
  ]);
  await nameModules(join(outDir, 'types'));
}

/**
 * A server has no elements: it gets an empty module.
 * @param {string} types
 */
function tickerEntry(types) {
  return { types, node: './server.js', default: './ticker.js' };
}

/**
 * Writes the declarations of the SDK, and of what it imports, into a folder.
 * @param {string} dir
 * @param {readonly string[]} flags of the compiler
 */
export function emitTypes(dir, ...flags) {
  return run(process.execPath, [
    'node_modules/typescript/bin/tsc',
    '-p',
    'tsconfig.sdk.json',
    '--outDir',
    dir,
    ...flags,
  ]);
}

/**
 * Declarations import `.ts` files; the package has `.js` modules.
 * @param {string} dir
 */
async function nameModules(dir) {
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/(from\s+['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2'));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  readCommandLine('usage: node scripts/build-sdk.mjs');
  await buildSdk(join(root, 'dist/sdk'));
}
