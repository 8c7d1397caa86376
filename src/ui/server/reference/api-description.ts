/** A JSON Schema, as far as the page reads it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
}

export interface ApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description?: string;
  readonly required: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface ApiAnswer {
  readonly description: string;
  readonly content?: Content;
}

export interface ApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  /** Empty for a request without a key. */
  readonly security?: readonly unknown[];
  readonly parameters?: readonly ApiParameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, ApiAnswer>>;
}

/** An OpenAPI document before its schemas are read. */
export interface OpenApi {
  readonly info: ApiDescription['info'];
  readonly paths: Readonly<Record<string, object>>;
  readonly components: object;
}

/** What of it the page shows. */
export interface ApiDescription {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** One request: a method of a path. */
export interface ApiRequest extends ApiOperation {
  readonly method: string;
  readonly path: string;
}

/** The document is our own, and its schemas are those that zod writes: a test holds that it is valid OpenAPI. */
export function descriptionOf(document: OpenApi): ApiDescription {
  return document as ApiDescription;
}

export function requestsOf({ paths }: ApiDescription): readonly ApiRequest[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, ...operation })),
  );
}

export function bodyOf({ requestBody }: ApiOperation): Schema | undefined {
  return requestBody?.content['application/json']?.schema;
}

/** The name of a schema among the components. */
export function nameOf({ $ref = '' }: Schema): string {
  return $ref.slice($ref.lastIndexOf('/') + 1);
}

/** The answers of success, by status. */
export function successesOf({ responses }: ApiOperation): readonly (readonly [status: string, answer: ApiAnswer])[] {
  return Object.entries(responses).filter(([status]) => status.startsWith('2'));
}
