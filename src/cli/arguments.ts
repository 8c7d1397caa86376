import { type ParseArgsConfig, parseArgs } from 'node:util';
import {
  type CommandKind,
  common,
  type FlagName,
  flags,
  formOf,
  isOption,
  namesOf,
  type Option,
  type OptionName,
  options,
  type Usage,
  usages,
} from './usage.ts';

/** A fault of the command line: one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Arguments {
  readonly kind: CommandKind;
  /** The name of the command, its verb where it has several forms, and its words. */
  readonly words: readonly string[];
  one(name: OptionName): string | undefined;
  /** Every value of an option, in order. */
  all(name: OptionName): readonly string[];
  is(name: FlagName): boolean;
}

/** Throws a UsageError for anything that is not in the table of usage.ts. With --help or --version the rest is not checked. */
export function parseArguments(argv: readonly string[]): Arguments {
  const { tokens } = parseArgs({
    args: [...argv],
    options: parsed,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const set = tokens.filter((token) => token.kind === 'option');
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const answer = set.find(({ name }) => name === 'help' || name === 'version');
  if (answer) return argumentsOf('desk', words, [{ name: answer.name }]);
  const [name = '', ...rest] = words;
  const forms = Object.hasOwn(usages, name) ? (usages[name] ?? []) : [];
  const [first] = forms;
  if (name === '') throw new UsageError(`usage: flashwire ${namesOf('role', 'desk', 'redis').join('|')} (--help)`);
  if (!first)
    throw new UsageError(
      `unknown command ${JSON.stringify(name)}; the commands are ${namesOf('role', 'desk', 'redis').join(', ')}`,
    );
  const form = first.verb === undefined ? first : (forms.find(({ verb }) => verb === (rest[0] ?? first.verb)) ?? null);
  const alternatives = `${name}: ${eitherOf(forms.map(formOf))}`;
  if (form === null) throw new UsageError(alternatives);
  checkOptions(name, form, set);
  const fault = checkWords(form, rest.slice(form.verb === undefined ? 0 : 1));
  if (fault !== null) throw new UsageError(form.verb === undefined ? `${name}: ${fault}` : alternatives);
  const missing = form.required?.find((option) => !set.some((token) => token.name === option));
  if (missing !== undefined) throw new UsageError(`${name}: give --${missing} ${options[missing].hint}`);
  return argumentsOf(form.kind, words, set);
}

interface SetOption {
  readonly name: string;
  readonly rawName?: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

const parsed: NonNullable<ParseArgsConfig['options']> = {
  ...Object.fromEntries(Object.keys(options).map((name) => [name, { type: 'string' }] as const)),
  ...Object.fromEntries(flags.map((name) => [name, { type: 'boolean' }] as const)),
  help: { type: 'boolean', short: 'h' },
};

function argumentsOf(kind: CommandKind, words: readonly string[], set: readonly SetOption[]): Arguments {
  const all = (wanted: OptionName) => set.flatMap(({ name, value = '' }) => (name === wanted ? [value] : []));
  return { kind, words, all, one: (name) => all(name).at(-1), is: (flag) => set.some(({ name }) => name === flag) };
}

/** What is wrong with the words; null if nothing is. */
function checkWords({ words = [] }: Usage, actual: readonly string[]): string | null {
  const missing = words.find((word, at) => (actual[at] ?? (word.startsWith('[') ? 'left out' : '')).trim() === '');
  if (missing !== undefined) return `give ${missing}`;
  const extra = actual[words.length];
  if (extra === undefined) return null;
  return `unexpected ${JSON.stringify(extra)}; it takes ${words.length === 0 ? 'options only' : `${words.join(' ')}; put text with spaces in quotes`}`;
}

function checkOptions(command: string, form: Usage, set: readonly SetOption[]): void {
  const { required = [], options: optional = [], many = [], kind } = form;
  const allowed: readonly string[] = [...required, ...optional, ...common[kind]];
  for (const [at, option] of set.entries()) {
    const { name, rawName = `--${name}` } = option;
    if (!allowed.includes(name))
      throw new UsageError(
        `${command}: unknown option ${rawName}; ${allowed.length === 0 ? 'it takes none' : `the options are ${allowed.map((one) => `--${one}`).join(', ')}`}`,
      );
    if (isOption(name)) checkValue(name, option);
    else if (option.value !== undefined) throw new UsageError(`--${name} takes no value`);
    const isAgain = set.slice(0, at).some((before) => before.name === name);
    if (isAgain && isOption(name) && !many.includes(name)) throw new UsageError(`--${name} may be used once`);
  }
}

function checkValue(name: OptionName, { value, inlineValue }: SetOption): void {
  const { isOptional = false, range, oneOf, isList = false }: Option = options[name];
  // `--note --refile` is more likely a forgotten value than a value; `--note=--refile` is a value.
  const isForgotten = value === undefined || (inlineValue !== true && /^-./.test(value));
  if (isForgotten || (value.trim() === '' && !isOptional))
    throw new UsageError(
      `--${name} needs a value${value === undefined || value === '' ? '' : `, not ${JSON.stringify(value)}`}`,
    );
  const [least, most] = range ?? [];
  if (range && !(/^\d{1,9}$/.test(value) && Number(value) >= range[0] && Number(value) <= range[1]))
    throw new UsageError(`--${name}: ${JSON.stringify(value)} is not a whole number from ${least} to ${most}`);
  const wrong = oneOf && (isList ? value.split(',') : [value]).find((one) => !oneOf.includes(one));
  if (wrong !== undefined)
    throw new UsageError(`--${name}: ${JSON.stringify(wrong)} is not one of ${oneOf?.join(', ')}`);
}

function eitherOf(forms: readonly string[]): string {
  return `${forms.slice(0, -1).join(', ')}, or ${forms.at(-1)}`;
}
