import { readFile } from 'node:fs/promises';
import { ApiClient, ApiError } from './api-client.ts';
import { type Arguments, parseArguments, UsageError } from './arguments.ts';
import { apiCommands } from './commands.ts';
import { tail } from './tail.ts';
import { jsonLine, plain, type Terminal } from './terminal.ts';
import { help } from './usage.ts';

/** What the command line asks for; the exit code where that has been answered already: help, the version, or what is wrong with it. */
export function readCommandLine(argv: readonly string[], terminal: Terminal): Arguments | 0 | 2 {
  try {
    const given = parseArguments(argv);
    if (given.is('help')) return say(terminal, help);
    return given.is('version') ? say(terminal, terminal.version) : given;
  } catch (error) {
    if (error instanceof UsageError) return refuse(terminal, error);
    throw error;
  }
}

/** Runs one command of the desk; resolves with its exit code. `tail` goes on until the process ends. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readCommandLine(argv, terminal);
  if (typeof given === 'number') return given;
  try {
    const [name = ''] = given.words;
    const url = given.one('url') ?? terminal.env['FLASHWIRE_URL'] ?? 'http://127.0.0.1:8080';
    if (!URL.canParse(url)) throw new UsageError(`--url: ${JSON.stringify(url)} is not an address`);
    if (!/^https?:$/.test(new URL(url).protocol))
      throw new UsageError(`--url: ${JSON.stringify(url)} is not an address of http or https`);
    if (name === 'tail') return await follow(url, given, terminal);
    const command = apiCommands[name];
    if (!command) throw new UsageError(`${name} is not a command of the desk`);
    const { text, data } = await command(new ApiClient(url, await readKey(given, terminal)), given);
    return say(terminal, given.is('json') ? jsonLine(data) : text);
  } catch (error) {
    if (error instanceof UsageError) return refuse(terminal, error);
    if (!(error instanceof ApiError)) throw error;
    if (given.is('json') && error.problem) terminal.out(jsonLine(error.problem));
    terminal.err(`flashwire: ${error.message}`);
    return error.exitCode;
  }
}

function say(terminal: Terminal, text: string): 0 {
  if (text !== '') terminal.out(text);
  return 0;
}

function refuse(terminal: Terminal, { message }: UsageError): 2 {
  terminal.err(plain`flashwire: ${message}`);
  return 2;
}

async function readKey(given: Arguments, { env }: Terminal): Promise<string> {
  const key = given.one('key') ?? (given.one('key-file') === undefined ? env['FLASHWIRE_KEY'] : undefined);
  if (key !== undefined) return key;
  const file = given.one('key-file') ?? '.flashwire/key';
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new UsageError(`no key: ${file} cannot be read; give --key, --key-file or FLASHWIRE_KEY`, { cause });
  }
}

function follow(url: string, given: Arguments, terminal: Terminal): Promise<never> {
  tail({ url, given, now: Date.now, print: (line) => terminal.out(line), status: (line) => terminal.err(line) });
  return new Promise(() => {});
}
