import { nameOf, type Schema } from './api-description.ts';

/** A schema as a TypeScript type. */
export function typeOf(schema: Schema, indent = ''): string {
  const { $ref, enum: values, oneOf, anyOf, type } = schema;
  if ($ref) return nameOf(schema);
  if (schema.const !== undefined) return literalOf(schema.const);
  if (values) return values.map((value) => literalOf(value)).join(' | ');
  const choices = oneOf ?? anyOf;
  if (choices) return choices.map((choice) => typeOf(choice, indent)).join(' | ');
  return [type ?? 'unknown']
    .flat()
    .map((one) => plainType(one, schema, indent))
    .join(' | ');
}

function plainType(type: string, schema: Schema, indent: string): string {
  switch (type) {
    case 'array':
      return listOf(typeOf(schema.items ?? {}, indent));
    case 'object':
      return objectType(schema, indent);
    case 'integer':
      return 'number';
    default:
      return type;
  }
}

function listOf(element: string): string {
  return / \| /.test(element) ? `(${element})[]` : `${element}[]`;
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema, indent: string): string {
  const lines = Object.entries(properties).map(
    ([name, of]) => `${indent}  ${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(of, `${indent}  `)};\n`,
  );
  if (lines.length > 0) return `{\n${lines.join('')}${indent}}`;
  const others = typeof additionalProperties === 'object' ? typeOf(additionalProperties, indent) : 'unknown';
  return `Record<string, ${others}>`;
}

/** A value as it stands in TypeScript. */
export function literalOf(value: unknown, indent = ''): string {
  return layOut(value, indent, { text: quoted, key: keyOf, lastComma: ',' });
}

/** A value as JSON, on as few lines as `literalOf` needs. */
export function jsonOf(value: unknown, indent = ''): string {
  const asJson = (text: string) => JSON.stringify(text);
  return layOut(value, indent, { text: asJson, key: asJson, lastComma: '' });
}

interface Spelling {
  text(text: string): string;
  key(name: string): string;
  readonly lastComma: string;
}

const lineWidth = 64;

/** On one line if it fits there. */
function layOut(value: unknown, indent: string, spelling: Spelling): string {
  if (typeof value === 'string') return spelling.text(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const within = `${indent}  `;
  const parts = isList
    ? value.map((one) => layOut(one, within, spelling))
    : Object.entries(value).map(([name, one]) => `${spelling.key(name)}: ${layOut(one, within, spelling)}`);
  const [open, close, space] = isList ? ['[', ']', ''] : ['{', '}', ' '];
  const line = parts.length === 0 ? `${open}${close}` : `${open}${space}${parts.join(', ')}${space}${close}`;
  if (line.length + indent.length <= lineWidth && !line.includes('\n')) return line;
  return `${open}\n${within}${parts.join(`,\n${within}`)}${spelling.lastComma}\n${indent}${close}`;
}

function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return `'${inner.replaceAll("'", "\\'")}'`;
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}
