import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import util from 'node:util';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What ends a script: one line that says what is wrong and what to do. */
export class Stop extends Error {}

/**
 * The options and words that a script was given. Answers --help, -h and --version, and ends with 2 and one line for anything that
 * is not in `options` or stands behind `mostWords` words.
 */
export function readCommandLine(usage, { options = {}, mostWords = 0 } = {}) {
  const own = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } };
  try {
    const { values, positionals: words } = util.parseArgs({ options: { ...options, ...own }, allowPositionals: true });
    if (values.help) answer(usage);
    if (values.version) answer(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
    if (words.length > mostWords) throw new Error(`unexpected ${JSON.stringify(words[mostWords])}`);
    const empty = Object.entries(values).find(([, value]) => [value].flat().includes(''))?.[0];
    if (empty !== undefined) throw new Error(`--${empty} needs a value`);
    return { values, words };
  } catch (error) {
    refuse(`${error.message.split('\n')[0]}; ${usage.split('\n')[0]}`);
  }
}

/** Ends the script as one that was started wrongly. */
export function refuse(line) {
  process.stderr.write(`flashwire: ${line}\n`);
  process.exit(2);
}

function answer(text) {
  process.stdout.write(`${text}\n`);
  process.exit(0);
}

/** A word as a shell reads it back, whatever is in it. */
export function shellWord(text) {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Says on stderr what is being done, while it is done: stdout is for results. */
export function say(line) {
  process.stderr.write(`flashwire: ${line}\n`);
}

/** Says why it ends, in one line for a `Stop`, with the whole error for a defect; what was started is the caller's to undo. */
export function endWith(error) {
  process.stderr.write(error instanceof Stop ? `flashwire: ${error.message}\n` : `${error?.stack ?? error}\n`);
  process.exitCode = 1;
}

/** Runs a command to its end; its output is shown only when it fails. Rejects with a `Stop`. */
export async function run(command, args, { env = process.env, hint = '', show = false } = {}) {
  const child = spawn(command, args, { cwd: root, env, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  const output = [];
  child.stdout?.on('data', (data) => output.push(data));
  child.stderr?.on('data', (data) => output.push(data));
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (status) => resolve(status ?? 1));
  });
  if (code === 0) return Buffer.concat(output).toString();
  process.stderr.write(Buffer.concat(output));
  throw new Stop(`\`${[command, ...args].join(' ')}\` failed with ${code}.${hint && ` ${hint}`}`);
}

/** Throws unless Node is new enough to run anything of this. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Stop(
    `Node ${process.versions.node} is too old: install Node 20.19 or newer (24 is best) from https://nodejs.org.`,
  );
}

/** Hash of the files below these paths, names included. */
export function hashOf(paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else hash.update(path.slice(root.length)).update(readFileSync(path));
  };
  for (const path of paths) add(join(root, path));
  return hash.digest('hex');
}

/** Does the work unless the stamp says that it was done for this very hash. */
export async function unlessDone(stamp, hash, work) {
  const file = join(root, stamp);
  if (existsSync(file) && readFileSync(file, 'utf8') === hash) return;
  await work();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, hash);
}
