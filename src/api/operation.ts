import type { z } from 'zod';
import type { ProblemType } from '../protocol/problem.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A parameter in the path, the query or a header. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description?: string;
  readonly required: boolean;
  readonly schema: Json;
}

/** One request of the desk API. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** In the syntax of Express: `:id`. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly body?: z.ZodType;
  /** In the query or a header; those of the path follow from `path`. */
  readonly parameters?: readonly Parameter[];
  /** By status of success: a description, and the name of the body's schema; null: no body. */
  readonly answers: Readonly<Record<number, readonly [description: string, schema: string | null]>>;
  readonly problems: readonly ProblemType[];
  readonly needsNoKey?: boolean;
  /** Of the answers of success without a schema; left out: they have no body. */
  readonly contentType?: string;
}
