import type { ProblemType } from '../../protocol/problem.ts';
import type { Json, Parameter } from '../operation.ts';

/** A parameter of the query. */
export const query = (name: string, description: string, schema: Json, required = false): Parameter => ({
  name,
  in: 'query',
  description,
  required,
  schema,
});

export const header = (name: string, description: string, required = false, example?: string): Parameter => ({
  name,
  in: 'header',
  description,
  required,
  schema: { type: 'string', ...(example !== undefined && { examples: [example] }) },
});

/** Of every request with a body that changes something. */
export const writes: readonly ProblemType[] = [
  'bad-json',
  'unsupported-media-type',
  'body-too-large',
  'invalid',
  'outcome-unknown',
];
