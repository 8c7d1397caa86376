import { readFile } from 'node:fs/promises';
import { ApiClient, ApiError } from './api-client.ts';
import { type Arguments, parseArguments, UsageError } from './arguments.ts';
import { apiCommands } from './commands.ts';
import { tail } from './tail.ts';
import { jsonLine, plain, type Terminal } from './terminal.ts';
import { help } from './usage.ts';

/** Parses the command line. Prints help, the version or the fault, and then returns the exit code instead. */
export function readCommandLine(argv: readonly string[], terminal: Terminal): Arguments | 0 | 2 {
  try {
    const args = parseArguments(argv);
    if (args.is('help')) return print(terminal, help);
    return args.is('version') ? print(terminal, terminal.version) : args;
  } catch (error) {
    if (error instanceof UsageError) return refuse(terminal, error);
    throw error;
  }
}

/** Runs a command of the API; resolves with its exit code. `tail` runs until the process ends. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const args = readCommandLine(argv, terminal);
  if (typeof args === 'number') return args;
  try {
    const [name = ''] = args.words;
    const url = args.one('url') ?? terminal.env['FLASHWIRE_URL'] ?? 'http://127.0.0.1:8080';
    if (!URL.canParse(url)) throw new UsageError(`--url: ${JSON.stringify(url)} is not a URL`);
    if (!/^https?:$/.test(new URL(url).protocol))
      throw new UsageError(`--url: ${JSON.stringify(url)} is not an http or https URL`);
    if (name === 'tail') return await follow(url, args, terminal);
    const command = apiCommands[name];
    if (!command) throw new UsageError(`${name} is not a command of the API`);
    const { text, data, warnings = [] } = await command(new ApiClient(url, await readKey(args, terminal)), args);
    if (!args.is('json')) for (const warning of warnings) terminal.err(`flashwire: warning: ${warning}`);
    return print(terminal, args.is('json') ? jsonLine(data) : text);
  } catch (error) {
    if (error instanceof UsageError) return refuse(terminal, error);
    if (!(error instanceof ApiError)) throw error;
    if (args.is('json') && error.problem) terminal.out(jsonLine(error.problem));
    terminal.err(`flashwire: ${error.message}${hintFor(error.problem)}`);
    return error.exitCode;
  }
}

/** The flag that lifts a refusal. */
function hintFor(problem: unknown): string {
  switch ((problem as { readonly type?: unknown } | null)?.type) {
    case '/problems/flash-fuse':
      return '\n  --confirm-fuse sends it';
    case '/problems/warnings-refused':
      return '\n  without --strict it is accepted';
    default:
      return '';
  }
}

function print(terminal: Terminal, text: string): 0 {
  if (text !== '') terminal.out(text);
  return 0;
}

function refuse(terminal: Terminal, { message }: UsageError): 2 {
  terminal.err(plain`flashwire: ${message}`);
  return 2;
}

async function readKey(args: Arguments, { env }: Terminal): Promise<string> {
  const key = args.one('key') ?? (args.one('key-file') === undefined ? env['FLASHWIRE_KEY'] : undefined);
  if (key !== undefined) return key;
  const file = args.one('key-file') ?? '.flashwire/key';
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new UsageError(`no key: ${file} cannot be read; set --key, --key-file or FLASHWIRE_KEY`, { cause });
  }
}

function follow(url: string, args: Arguments, terminal: Terminal): Promise<never> {
  tail({ url, args, now: Date.now, print: (line) => terminal.out(line), status: (line) => terminal.err(line) });
  return new Promise(() => {});
}
