import type { z } from 'zod';

/** One fault of a field. `detail` follows the field's name in a sentence: "must be a list ..". */
export interface FieldFault {
  readonly path: readonly PropertyKey[];
  readonly detail: string;
}

type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly FieldFault[] };

/** Parses input of a person or a program. Faults are in plain words, one for each field, and never repeat the input. */
export function parseWithFaults<Schema extends z.ZodType>(schema: Schema, value: unknown): Result<z.output<Schema>> {
  const result = schema.safeParse(value, { error: faultText });
  return result.success ? { ok: true, value: result.data } : { ok: false, faults: faultsOf(result.error.issues) };
}

function faultsOf(issues: readonly z.core.$ZodIssue[]): readonly FieldFault[] {
  // zod also checks the size of a value of the wrong type: a text in place of a list would be "too long" as well.
  const mistyped = new Set(issues.filter(({ code }) => code === 'invalid_type').map(({ path }) => path.join('/')));
  return issues
    .filter(({ code, path }) => code === 'invalid_type' || !mistyped.has(path.join('/')))
    .flatMap(ofItsForm)
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: [...issue.path, key], detail: 'is not a known field' }))
        : [{ path: issue.path, detail: issue.message }],
    );
}

/** For a value of several forms, such as a text or an object: the faults of the form that was given. */
function ofItsForm(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const given = issue.errors.find(
    (faults) => !faults.some(({ code, path }) => code === 'invalid_type' && !path.length),
  );
  return given?.map((fault) => ({ ...fault, path: [...issue.path, ...fault.path] })) ?? [issue];
}

/** Replaces zod's messages; a schema's own message takes precedence. */
function faultText(issue: z.core.$ZodRawIssue): string {
  const must = requirementOf(issue);
  if (issue.input === undefined && issue.code !== 'custom') return `is missing: it ${must}`;
  if (issue.input === null) return `${must}, not null; leave out a field without a value`;
  // 1.5 is a number, only not a whole one: "not a number" would be wrong.
  const isNearly = typeof issue.input === 'number' && (issue['expected'] === 'int' || issue['expected'] === 'number');
  return issue.code === 'invalid_type' && !isNearly ? `${must}, not ${kindOf(issue.input)}` : must;
}

function requirementOf(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return boundOf(issue.origin, 'most', Number(issue.maximum));
    case 'too_small':
      return boundOf(issue.origin, 'least', Number(issue.minimum));
    case 'invalid_union': {
      const { options } = issue;
      return Array.isArray(options) ? `must be one of ${options.map(String).join(', ')}` : 'has an unknown form';
    }
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'has a name that is not allowed here';
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    default:
      return 'has the wrong form';
  }
}

function boundOf(origin: string, bound: 'most' | 'least', limit: number): string {
  const number = limit.toLocaleString('en');
  if (origin === 'string' && bound === 'least' && limit === 1) return 'must not be empty';
  if (origin === 'string') return `must have at ${bound} ${number} characters`;
  if (origin === 'array') return `must have at ${bound} ${number} ${limit === 1 ? 'entry' : 'entries'}`;
  return `must be at ${bound} ${number}`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  array: 'a list, such as ["one", "two"]',
  object: 'an object, such as {"name": "value"}',
  record: 'an object, such as {"name": "value"}',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function kindOf(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'string') return 'a text';
  if (typeof input === 'number') return 'a number';
  return typeof input === 'object' ? 'an object' : String(input);
}
