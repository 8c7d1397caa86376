import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { z } from 'zod';
import { parseWithFaults } from '../item/fault-text.ts';
import { mostFaults } from '../protocol/problem.ts';
import { ProblemError } from './http-problem.ts';

const longestPointer = 160;

/** The parsed body, or `invalid` with everything that is wrong with it, each with a JSON pointer. */
export function parseBodyWith<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = parseWithFaults(schema, body);
  if (result.ok) return result.value;
  const { faults } = result;
  throw new ProblemError(
    'invalid',
    `${faults.length === 1 ? 'One thing is' : `${faults.length} things are`} wrong with the body; nothing was accepted.${faults.length > mostFaults ? ` The first ${mostFaults} are named.` : ''}`,
    faults.slice(0, mostFaults).map(({ path, detail }) => ({ pointer: pointer(path), detail })),
  );
}

function pointer(path: readonly PropertyKey[]): string {
  const whole = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return whole.slice(0, longestPointer).toWellFormed();
}

/** The version of an `If-Match: "<version>"`; 428 without one. */
export function ifMatch(request: Request): number {
  const header = request.get('if-match');
  if (header === undefined)
    throw new ProblemError('if-match-required', 'Send If-Match with the version that you saw, such as If-Match: "3".');
  const match = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim());
  if (!match?.[1])
    throw new ProblemError(
      'version-mismatch',
      `If-Match ${JSON.stringify(header.slice(0, 64))} is not a version of this item.`,
    );
  return Number(match[1]);
}

/** Seconds to wait for the outcome, of `Prefer: wait=N`; 0 without it, at most 30. */
export function preferredWait(request: Request): number {
  const match = /(?:^|[,;\s])wait=(\d{1,3})(?:$|[,;\s])/i.exec(request.get('prefer') ?? '');
  return Math.min(Number(match?.[1] ?? 0), 30);
}

/** The request's Idempotency-Key with a fingerprint of what was asked: method, path, If-Match and body. */
export function idempotencyOf(request: Request): { readonly key: string; readonly fingerprint: string } | undefined {
  const key = request.get('idempotency-key');
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new ProblemError('invalid', 'Idempotency-Key: use 1 to 255 visible ASCII characters.', [
      { parameter: 'Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters' },
    ]);
  const asked = JSON.stringify([request.method, request.path, request.get('if-match') ?? '', request.body ?? null]);
  return {
    key: createHash('sha256').update(key).digest('base64url'),
    fingerprint: createHash('sha256').update(asked).digest('base64url'),
  };
}
