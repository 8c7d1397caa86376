import { spawnSync } from 'node:child_process';
import { chmod, cp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildNative } from '../native/build.mjs';
import { endWith, hashOf, readCommandLine, requireNode, root, run, say, unlessDone } from './step.mjs';

const sources = [
  'src',
  'workers',
  'bench',
  'torture',
  'test/resources',
  'scripts',
  'docs/sdk.md',
  'docs/sdk-api.md',
  'docs/sdk-states.md',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.build.json',
];

/**
 * Installs the packages of package-lock.json when it has changed, without their install scripts. Not `npm ci`: it refuses, on
 * every platform, a lock file that lacks the optional binary of one platform.
 */
export async function install() {
  await unlessDone('node_modules/.flashwire-lock', hashOf(['package-lock.json']), async () => {
    say('installing packages');
    await run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      hint: 'Is the npm registry reachable?',
    });
  });
}

/**
 * Builds dist/ when a source has changed: the server, its Lua scripts, everything that a browser loads, the SDK package, and the native
 * part, which has a stamp of its own.
 */
export async function build() {
  await unlessDone('dist/.stamp', hashOf(sources), async () => {
    say('building');
    await rm(join(root, 'dist'), { recursive: true, force: true });
    await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
    await copyScripts();
    await writeStringsSchema();
    const { buildBrowser } = await import('./build-browser.mjs');
    say(await buildBrowser(join(root, 'dist/public')));
    const { buildSdk } = await import('./build-sdk.mjs');
    await buildSdk(join(root, 'dist/sdk'));
    await chmod(join(root, 'dist/src/main.js'), 0o755);
  });
  await buildNative();
}

/**
 * Installs and builds what has changed, then runs a program of dist/ with the arguments of this script.
 * @param {string} program
 */
export async function runBuilt(program) {
  try {
    requireNode();
    await install();
    await build();
    const { status } = spawnSync(process.execPath, ['--enable-source-maps', program, ...process.argv.slice(2)], {
      cwd: root,
      stdio: 'inherit',
    });
    process.exitCode = status ?? 1;
  } catch (error) {
    endWith(error);
  }
}

/** For text editors, beside the file that a translation begins as. */
async function writeStringsSchema() {
  const folder = join(root, 'dist/src/ui/strings');
  const { stringsJsonSchema } = await import(join(folder, 'strings-schema.js'));
  await writeFile(join(folder, 'strings.schema.json'), `${JSON.stringify(stringsJsonSchema(), null, 2)}\n`);
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
