import { parseArgs } from 'node:util';
import { BenchError } from '../process/bench-error.ts';

/** An option of the command line. Its type is that of its default; 0 and the empty text mean "left out" where the help says so. */
export interface Option<T extends number | string | boolean> {
  readonly default: T;
  readonly help: string;
  /** Least value of a number. */
  readonly min?: number;
}

export type OptionTable = Readonly<Record<string, Option<number> | Option<string> | Option<boolean>>>;

export type OptionValues<T extends OptionTable> = { readonly [Name in keyof T]: T[Name]['default'] };

/** What was wrong with the command line, as one line. */
export class OptionError extends BenchError {
  override readonly name: string = 'OptionError';
}

/** Parses `--name value`; throws an OptionError for what is unknown or of the wrong type. */
export function parseOptions<T extends OptionTable>(table: T, argv: readonly string[]): OptionValues<T> {
  const given = readArguments(table, argv);
  const values = Object.entries(table).map(([name, option]) => [name, valueFor(name, option, given[name])]);
  return Object.fromEntries(values) as OptionValues<T>;
}

/** The options that differ from their default, as one would type them. */
export function renderGiven(table: OptionTable, values: Readonly<Record<string, number | string | boolean>>): string {
  return Object.entries(table)
    .filter(([name, option]) => values[name] !== option.default)
    .map(([name]) => (values[name] === true ? `--${name}` : `--${name} ${shellWord(String(values[name]))}`))
    .join(' ');
}

export function renderOptions(table: OptionTable): string {
  const names = Object.entries(table).map(
    ([name, option]) =>
      `--${name}${typeof option.default === 'boolean' ? '' : ` <${typeof option.default === 'number' ? 'n' : 'text'}>`}`,
  );
  const width = Math.max(...names.map((name) => name.length));
  return Object.values(table)
    .map(
      (option, i) =>
        `  ${(names[i] ?? '').padEnd(width)}  ${option.help}${option.default === '' || option.default === false ? '' : ` (${option.default})`}`,
    )
    .join('\n');
}

function shellWord(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function readArguments(table: OptionTable, argv: readonly string[]): Record<string, string | boolean | undefined> {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, option]) => [
      name,
      { type: typeof option.default === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
}

function valueFor(
  name: string,
  option: OptionTable[string],
  given: string | boolean | undefined,
): number | string | boolean {
  if (given === undefined || typeof option.default !== 'number') return given ?? option.default;
  const value = Number(given);
  const min = 'min' in option && option.min !== undefined ? option.min : 0;
  if (String(given).trim() === '' || !Number.isFinite(value) || value < min)
    throw new OptionError(`--${name}: must be a number of at least ${min}, not "${given}"`);
  return value;
}
