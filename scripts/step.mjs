import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import util from 'node:util';

/** @typedef {NonNullable<import('node:util').ParseArgsConfig['options']>} ParseArgsOptions */

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Ends a script with one line that says what is wrong and what to do. */
export class Stop extends Error {}

/**
 * The options and words of the command line. Answers --help, -h and --version. Ends the script with 2 and one line for an option
 * that is not in `options`, an empty value, or more than `mostWords` words.
 * @template {ParseArgsOptions} [Options={}]
 * @param {string} usage
 * @param {{ options?: Options, mostWords?: number }} rules
 */
export function readCommandLine(usage, { options, mostWords = 0 } = {}) {
  try {
    const { values, words } = parse(options ?? /** @type {Options} */ ({}));
    if (/** @type {{ help?: boolean }} */ (values).help) answer(usage);
    if (/** @type {{ version?: boolean }} */ (values).version)
      answer(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
    if (words.length > mostWords) throw new Error(`unexpected ${JSON.stringify(words[mostWords])}`);
    const empty = Object.entries(values).find(([, value]) => [value].flat().includes(''))?.[0];
    if (empty !== undefined) throw new Error(`--${empty} needs a value`);
    return { values, words };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return refuse(`${message.split('\n')[0]}; ${usage.split('\n')[0]}`);
  }
}

/**
 * @template {ParseArgsOptions} Options
 * @param {Options} options
 */
function parse(options) {
  const own = /** @type {const} */ ({ help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } });
  const { values, positionals: words } = util.parseArgs({ options: { ...options, ...own }, allowPositionals: true });
  return { values, words };
}

/**
 * Ends the script with 2, for a wrong command line.
 * @param {string} line
 * @returns {never}
 */
export function refuse(line) {
  process.stderr.write(`flashwire: ${line}\n`);
  process.exit(2);
}

/** @param {string} text */
function answer(text) {
  process.stdout.write(`${text}\n`);
  process.exit(0);
}

/**
 * Quotes a word for a shell.
 * @param {string} text
 */
export function shellWord(text) {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Prints progress on stderr; stdout is for results.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`flashwire: ${line}\n`);
}

/**
 * Prints why the script ends: one line for a `Stop`, the stack for a defect. The caller stops what it started.
 * @param {unknown} error
 */
export function endWith(error) {
  const text = error instanceof Stop ? `flashwire: ${error.message}` : error instanceof Error ? error.stack : error;
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

/**
 * Runs a command and resolves with its output. Prints the output only when the command fails, and rejects with a `Stop`.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, hint?: string }} options `hint`: what to check when it fails
 */
export async function run(command, args, { env = process.env, hint = '' } = {}) {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {Buffer[]} */
  const output = [];
  child.stdout.on('data', (data) => output.push(data));
  child.stderr.on('data', (data) => output.push(data));
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (status) => resolve(status ?? 1));
  });
  if (code === 0) return Buffer.concat(output).toString();
  process.stderr.write(Buffer.concat(output));
  throw new Stop(`\`${[command, ...args].join(' ')}\` failed with ${code}.${hint && ` ${hint}`}`);
}

/** Throws a `Stop` if Node is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Stop(
    `Node ${process.versions.node} is too old: install Node 20.19 or newer (24 is best) from https://nodejs.org.`,
  );
}

/**
 * Hash of the names and contents of the files below these paths.
 * @param {readonly string[]} paths
 */
export function hashOf(paths) {
  const hash = createHash('sha256');
  /** @param {string} path */
  const add = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else hash.update(path.slice(root.length)).update(readFileSync(path));
  };
  for (const path of paths) add(join(root, path));
  return hash.digest('hex');
}

/**
 * Does the work, unless the stamp file has this hash from an earlier run.
 * @param {string} stamp
 * @param {string} hash
 * @param {() => Promise<void>} work
 */
export async function unlessDone(stamp, hash, work) {
  const file = join(root, stamp);
  if (existsSync(file) && readFileSync(file, 'utf8') === hash) return;
  await work();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, hash);
}
