import { readFile } from 'node:fs/promises';
import { type Arguments, parseArguments, UsageError } from './arguments.ts';
import { deskCommands } from './commands.ts';
import { DeskClient, DeskError } from './desk-client.ts';
import { tail } from './tail.ts';

export const commandNames: readonly string[] = [...Object.keys(deskCommands), 'tail'];

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  out(line: string): void;
  err(line: string): void;
}

export const help = `flashwire post "AFP: headline" [--edition en] [--urgency flash|urgent|update] [--section ..] [--region ..] [--topic ..]
               [--link https://..] [--hold seconds] [--at time] [--expires time] [--draft]
flashwire correct <id> ["AFP: headline"] --note ".." | --refile      flashwire hide <id>      flashwire release <id>
flashwire retract <id> [--reason ".."] [--notice ".."]
flashwire list [--edition en] [--state published] [--limit 20]
flashwire tail [--edition en] [--section ..] [--stats]
flashwire keys list | create --name <who> [--role editor] [--edition ..] [--expires time] | revoke <id>
flashwire stop [--reason ".."] | --off
flashwire export [--out file]      flashwire import <file> [--again]      (these five: with Redis itself, REDIS_URL and FLASHWIRE_REDIS_PREFIX)
flashwire verify [<export>] [--edition en] [--head <epoch>:<seq>:<hash>]
flashwire purge <id> --edition en --name <who> [--reason ".."]
flashwire dead-letters list | remove <id>
All: --url (FLASHWIRE_URL, http://127.0.0.1:8080), --key or --key-file (FLASHWIRE_KEY, .flashwire/key), --json.
Exit: 0 done, 1 refused, 2 wrong command line, 3 unknown or the server is away.`;

/** Runs one command; resolves with its exit code. `tail` goes on until the process ends. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  let given: Arguments | null = null;
  try {
    given = parseArguments(argv);
    const [name = ''] = given.words;
    if (given.is('help')) return say(terminal, help);
    const url = given.one('url') ?? terminal.env['FLASHWIRE_URL'] ?? 'http://127.0.0.1:8080';
    if (!URL.canParse(url)) throw new UsageError(`--url: ${JSON.stringify(url)} is not an address`);
    if (name === 'tail') return await follow(url, given, terminal);
    const command = deskCommands[name];
    if (!command)
      throw new UsageError(`there is no command ${JSON.stringify(name)}; there are ${commandNames.join(', ')}`);
    const { text, data } = await command(new DeskClient(url, await readKey(given, terminal)), given);
    return say(terminal, given.is('json') ? JSON.stringify(data) : text);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`flashwire: ${error.message}`);
      return 2;
    }
    if (!(error instanceof DeskError)) throw error;
    if (given?.is('json') && error.problem) terminal.out(JSON.stringify(error.problem));
    terminal.err(`flashwire: ${error.message}`);
    return error.exitCode;
  }
}

function say(terminal: Terminal, text: string): 0 {
  if (text !== '') terminal.out(text);
  return 0;
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
