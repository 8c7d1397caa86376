import type { Schema } from './api-description.ts';

/** A value that a schema takes: its first example, else the plainest value of its type. */
export function sampleOf(schema: Schema): unknown {
  const { examples, enum: values, oneOf, anyOf } = schema;
  if (examples?.length) return examples[0];
  if (schema.const !== undefined) return schema.const;
  if (values?.length) return values[0];
  if (schema.default !== undefined) return schema.default;
  const [choice] = oneOf ?? anyOf ?? [];
  return choice ? sampleOf(choice) : plainest(schema);
}

function plainest({ type, items, properties = {}, required = [], minimum, format }: Schema): unknown {
  switch (typeof type === 'string' ? type : type?.[0]) {
    case 'array':
      return items ? [sampleOf(items)] : [];
    case 'object':
      return Object.fromEntries(
        Object.entries(properties)
          .filter(([name, of]) => required.includes(name) || of.examples !== undefined)
          .map(([name, of]) => [name, sampleOf(of)]),
      );
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return minimum ?? 1;
    default:
      return plainTexts[format ?? ''] ?? 'text';
  }
}

const plainTexts: Readonly<Record<string, string>> = {
  'date-time': '2035-01-31T09:30:00Z',
  date: '2035-01-31',
  uri: 'https://news.example/story',
};
