import { chmod, cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWith, hashOf, readCommandLine, requireNode, root, run, say, unlessDone } from './step.mjs';

const sources = [
  'src',
  'workers',
  'bench',
  'torture',
  'test/resources',
  'test/redis-server.ts',
  'scripts',
  'docs/sdk.md',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.build.json',
];

/**
 * Installs what package-lock.json says, when it says something new. No package's install script is run. Not `npm ci`: a
 * lock file made where a registry lacks another platform's optional binary is refused by it, on every platform.
 */
export async function install() {
  await unlessDone('node_modules/.flashwire-lock', hashOf(['package-lock.json']), async () => {
    say('installing packages');
    await run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      hint: 'Is the npm registry reachable?',
    });
  });
}

/** Builds dist/ when a source has changed: the server, its Lua scripts, everything a browser loads, and the SDK as a package. */
export async function build() {
  await unlessDone('dist/.stamp', hashOf(sources), async () => {
    say('building');
    await rm(join(root, 'dist'), { recursive: true, force: true });
    await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
    await copyScripts();
    const { buildBrowser } = await import('./build-browser.mjs');
    say(await buildBrowser(join(root, 'dist/public')));
    const { buildSdk } = await import('./build-sdk.mjs');
    await buildSdk(join(root, 'dist/sdk'));
    await chmod(join(root, 'dist/src/main.js'), 0o755);
  });
}

async function copyScripts() {
  for (const name of await readdir(join(root, 'src/log'), { recursive: true }))
    if (name.endsWith('.lua')) await cp(join(root, 'src/log', name), join(root, 'dist/src/log', name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    requireNode();
    readCommandLine('usage: npm run build');
    await install();
    await build();
  } catch (error) {
    endWith(error);
  }
}
