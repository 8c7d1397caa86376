import type { z } from 'zod';
import type { ProblemType } from '../protocol/problem.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A part of an address, a query or a header. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description?: string;
  readonly required: boolean;
  readonly schema: Json;
}

/** One request that the desk API takes. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** As Express has it: `:id`. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly body?: z.ZodType;
  /** A query or a header of this operation. */
  readonly parameters?: readonly Parameter[];
  /** Status of success, and the schema of its body by name; null: no body. */
  readonly answers: Readonly<Record<number, readonly [description: string, schema: string | null]>>;
  readonly problems: readonly ProblemType[];
  readonly needsNoKey?: boolean;
}
