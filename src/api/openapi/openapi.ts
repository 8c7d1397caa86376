import { z } from 'zod';
import { publicSite, type Site } from '../../item/site.ts';
import { type ProblemType, problemTypes } from '../../protocol/problem.ts';
import type { Json, Operation, Parameter } from '../operation.ts';
import { answerSchemas } from './answer-schemas.ts';
import { operationsOf } from './operations.ts';

/**
 * The desk API as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1). The body schemas are those that parse the requests.
 * Anybody may read the document, so it names public editions only.
 */
export function openApiOf(site: Site, version: string) {
  const paths: Record<string, Record<string, ReturnType<typeof describe>>> = {};
  for (const operation of operationsOf(publicSite(site))) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Desk API',
      version,
      description:
        '2xx: accepted; the command is durable and will be in the log once. 4xx and 503: refused; it is never published. 504: unknown; it was accepted once or not at all, and a retry with the same Idempotency-Key gives the outcome.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', bearerFormat: 'fw_<id>_<secret>' },
        session: { type: 'apiKey', in: 'cookie', name: 'fw_session' },
      },
      schemas: answerSchemas,
    },
  };
}

function describe(operation: Operation) {
  const { id, summary, body, path, parameters = [], answers, problems, needsNoKey, contentType } = operation;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(
    ([, name = '']): Parameter => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }),
  );
  const all: readonly ProblemType[] = needsNoKey
    ? problems
    : ['unauthorized', 'forbidden', ...problems, 'rate-limited', 'unavailable'];
  const byStatus = new Map<number, ProblemType[]>();
  for (const type of new Set(all))
    byStatus.set(problemTypes[type].status, [...(byStatus.get(problemTypes[type].status) ?? []), type]);
  const responses: Record<string, Answer> = {};
  for (const [status, [description, schema]] of Object.entries(answers))
    responses[status] = contentType
      ? { description, content: { [contentType]: { schema: {} } } }
      : answer(description, schema, 'application/json');
  for (const [status, types] of byStatus) {
    const meanings = types.map((type) => `${type}: ${problemTypes[type].title}`).join('. ');
    responses[status] = answer(meanings, 'Problem', 'application/problem+json');
  }
  return {
    operationId: id,
    summary,
    tags: [/^\/v1\/(\w+)/.exec(path)?.[1] ?? path],
    ...(needsNoKey && { security: [] }),
    ...(inPath.length + parameters.length > 0 && { parameters: [...inPath, ...parameters] }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body) } } } }),
    responses,
  };
}

interface Answer {
  readonly description: string;
  readonly content?: Json;
}

function answer(description: string, schema: string | null, contentType: string): Answer {
  if (schema === null) return { description };
  return { description, content: { [contentType]: { schema: { $ref: `#/components/schemas/${schema}` } } } };
}

function jsonSchema(schema: z.ZodType): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-2020-12',
    // Zod takes examples of a schema that transforms for examples of its output. Ours are of what a client sends.
    override: ({ zodSchema, jsonSchema }) => {
      const { examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (Array.isArray(examples)) Object.assign(jsonSchema, { examples });
    },
  });
  return rest;
}
