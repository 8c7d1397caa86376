import { urgencies } from '../item/item.ts';
import { itemStates } from '../item/lifecycle.ts';
import { keyRoles } from '../protocol/key-role.ts';

/** The value of an option: text (`isOptional`: may be empty), a whole number, or one of a list (`isList`: several, separated by commas). */
export interface Option {
  readonly hint: string;
  readonly isOptional?: boolean;
  readonly range?: readonly [number, number];
  readonly oneOf?: readonly string[];
  readonly isList?: boolean;
}

export const options = {
  url: { hint: 'address' },
  key: { hint: 'key' },
  'key-file': { hint: 'file' },
  edition: { hint: 'en' },
  section: { hint: 'id' },
  region: { hint: 'id' },
  topic: { hint: 'id' },
  urgency: { hint: urgencies.join('|'), oneOf: urgencies },
  attribution: { hint: '".."', isOptional: true },
  link: { hint: 'https://..' },
  hold: { hint: 'seconds', range: [0, 30] },
  at: { hint: 'time' },
  expires: { hint: 'time' },
  note: { hint: '".."' },
  notice: { hint: '".."' },
  reason: { hint: '".."', isOptional: true },
  state: { hint: 'published,..', oneOf: itemStates, isList: true },
  limit: { hint: '1..100', range: [1, 100] },
  name: { hint: '<who>' },
  role: { hint: keyRoles.join('|'), oneOf: keyRoles },
  out: { hint: 'file' },
  head: { hint: '<epoch>:<seq>:<hash>' },
} as const satisfies Readonly<Record<string, Option>>;

export const flags = [
  'json',
  'draft',
  'refile',
  'stats',
  'off',
  'again',
  'strict',
  'confirm-fuse',
  'help',
  'version',
] as const;

export type OptionName = keyof typeof options;
export type FlagName = (typeof flags)[number];

/** `desk` uses the API, `redis` connects to Redis itself, `role` runs a server process. */
export type CommandKind = 'desk' | 'redis' | 'role';

/** One form of a command. Optional parts are in brackets, repeatable parts end with `..`. */
export interface Usage {
  readonly kind: CommandKind;
  /** The word after the name, in a command with several forms. The first form is the default. */
  readonly verb?: string;
  readonly words?: readonly string[];
  readonly required?: readonly OptionName[];
  readonly options?: readonly (OptionName | FlagName)[];
  /** Those of `options` that may be repeated. */
  readonly many?: readonly OptionName[];
  /** Not in the help: `all` starts it. */
  readonly isInternal?: boolean;
}

const facets = ['section', 'region', 'topic'] as const;
const content = ['edition', 'urgency', ...facets, 'attribution', 'link', 'expires'] as const;
const guards = ['strict', 'confirm-fuse'] as const;
const line = '"AFP: headline"';

/** The words and options of every command. Help and the check of a command line both use it. */
export const usages: Readonly<Record<string, readonly Usage[]>> = {
  post: [{ kind: 'desk', words: [line], options: [...content, 'hold', 'at', 'draft', ...guards], many: facets }],
  correct: [
    { kind: 'desk', words: ['<id>', `[${line}]`], options: ['note', 'refile', ...content, ...guards], many: facets },
  ],
  hide: [{ kind: 'desk', words: ['<id>'] }],
  release: [{ kind: 'desk', words: ['<id>'], options: ['confirm-fuse'] }],
  retract: [{ kind: 'desk', words: ['<id>'], options: ['reason', 'notice'] }],
  list: [{ kind: 'desk', options: ['edition', 'state', 'limit'] }],
  tail: [{ kind: 'desk', options: ['edition', ...facets, 'urgency', 'stats'], many: [...facets, 'urgency'] }],
  keys: [
    { kind: 'desk', verb: 'list' },
    { kind: 'desk', verb: 'create', required: ['name'], options: ['role', 'edition', 'expires'], many: ['edition'] },
    { kind: 'desk', verb: 'revoke', words: ['<id>'] },
  ],
  stop: [{ kind: 'desk', options: ['reason', 'off'] }],
  export: [{ kind: 'redis', options: ['out'] }],
  import: [{ kind: 'redis', words: ['<file>'], options: ['again'] }],
  verify: [{ kind: 'redis', words: ['[<file>]'], options: ['edition', 'head'] }],
  purge: [{ kind: 'redis', words: ['<id>'], required: ['edition', 'name'], options: ['reason'] }],
  'dead-letters': [
    { kind: 'redis', verb: 'list' },
    { kind: 'redis', verb: 'remove', words: ['<id>'] },
  ],
  fanout: [{ kind: 'role' }],
  api: [{ kind: 'role' }],
  worker: [{ kind: 'role' }],
  all: [{ kind: 'role' }],
  edge: [{ kind: 'role', isInternal: true }],
};

/** Options of every command of a kind, in addition to --help and --version. */
export const common: Readonly<Record<CommandKind, readonly (OptionName | FlagName)[]>> = {
  desk: ['url', 'key', 'key-file', 'json'],
  redis: ['json'],
  role: [],
};

export function namesOf(...kinds: readonly CommandKind[]): readonly string[] {
  return Object.entries(usages).flatMap(([name, [first]]) =>
    first && !first.isInternal && kinds.includes(first.kind) ? [name] : [],
  );
}

export function isOption(name: string): name is OptionName {
  return Object.hasOwn(options, name);
}

/** A form without the name of its command. */
export function formOf({ verb, words = [], required = [], options: optional = [], many = [] }: Usage): string {
  const shown = (name: OptionName | FlagName) => (isOption(name) ? `--${name} ${options[name].hint}` : `--${name}`);
  const rest = optional.map((name) => `[${shown(name)}]${many.some((one) => one === name) ? '..' : ''}`);
  return [...(verb === undefined ? [] : [verb]), ...words, ...required.map(shown), ...rest].join(' ');
}

const width = 110;

function wrapped(text: string): string {
  const lines: string[] = [];
  for (const part of text.match(/\[[^\]]*\](?:\]|\.\.)?|"[^"]*"|\S+/g) ?? []) {
    const last = lines.at(-1);
    if (last === undefined || last.length + part.length >= width) lines.push(last === undefined ? part : `    ${part}`);
    else lines[lines.length - 1] = `${last} ${part}`;
  }
  return lines.join('\n');
}

function formsOf(kind: CommandKind): readonly string[] {
  return namesOf(kind).flatMap((name) =>
    (usages[name] ?? []).map((usage) => wrapped(`flashwire ${name} ${formOf(usage)}`)),
  );
}

export const help = `${formsOf('desk').join('\n')}
  Commands of the API: --url (FLASHWIRE_URL, http://127.0.0.1:8080), --key or --key-file (FLASHWIRE_KEY, .flashwire/key).
  correct needs --note or --refile. Options that are not set change nothing; --attribution "" removes the attribution.
  A colon introduces a source that the edition knows. --strict refuses a line with warnings; --confirm-fuse sends one flash more in a minute.
${formsOf('redis').join('\n')}
  Commands that connect to Redis: REDIS_URL, FLASHWIRE_REDIS_PREFIX.
flashwire ${namesOf('role').join('|')}
  Roles of a server, configured by the environment variables of docs/configuration.md.
--json prints data (not for roles); --help, -h; --version. Put text with spaces in quotes; text that begins with - goes after --.
Exit: 0 success, 1 refused, 2 usage error, 3 outcome unknown or server unreachable.`;
