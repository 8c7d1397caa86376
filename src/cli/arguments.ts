import { parseArgs } from 'node:util';

/** What the command line says wrongly; one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Arguments {
  readonly words: readonly string[];
  /** The last one given, or undefined. */
  one(name: OptionName): string | undefined;
  /** Every one given, in order. */
  all(name: OptionName): readonly string[];
  is(name: FlagName): boolean;
}

const options = {
  url: 'string',
  key: 'string',
  'key-file': 'string',
  edition: 'string',
  section: 'string',
  region: 'string',
  topic: 'string',
  urgency: 'string',
  attribution: 'string',
  link: 'string',
  hold: 'string',
  at: 'string',
  expires: 'string',
  note: 'string',
  notice: 'string',
  reason: 'string',
  state: 'string',
  limit: 'string',
  name: 'string',
  role: 'string',
  out: 'string',
  head: 'string',
} as const;
const flags = {
  json: 'boolean',
  draft: 'boolean',
  refile: 'boolean',
  stats: 'boolean',
  off: 'boolean',
  again: 'boolean',
  help: 'boolean',
} as const;

export type OptionName = keyof typeof options;
export type FlagName = keyof typeof flags;

/** Throws a UsageError for an option that there is not, or one without its value. */
export function parseArguments(argv: readonly string[]): Arguments {
  const strings = Object.fromEntries(
    Object.keys(options).map((name) => [name, { type: 'string', multiple: true }] as const),
  );
  const booleans = Object.fromEntries(Object.keys(flags).map((name) => [name, { type: 'boolean' }] as const));
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { ...strings, ...booleans },
      allowPositionals: true,
    });
    const given = values as Readonly<Record<string, readonly string[] | boolean | undefined>>;
    const all = (name: OptionName) => {
      const found = given[name];
      return Array.isArray(found) ? (found as readonly string[]) : [];
    };
    return { words: positionals, all, one: (name) => all(name).at(-1), is: (name) => given[name] === true };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'the options cannot be read', { cause: error });
  }
}
