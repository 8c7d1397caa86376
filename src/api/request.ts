import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { z } from 'zod';
import { parseWithFaults } from '../item/fault-text.ts';
import { mostFaults } from '../protocol/problem.ts';
import { ProblemError } from './http-problem.ts';

const longestPointer = 160;

/** The parsed body. Throws `invalid` with every fault and its JSON pointer. */
export function parseBodyWith<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = parseWithFaults(schema, body);
  if (result.ok) return result.value;
  const { faults } = result;
  throw new ProblemError(
    'invalid',
    `The body has ${faults.length === 1 ? 'one fault' : `${faults.length} faults`}. Nothing was accepted.${faults.length > mostFaults ? ` The first ${mostFaults} are listed.` : ''}`,
    faults.slice(0, mostFaults).map(({ path, detail }) => ({ pointer: pointer(path), detail })),
  );
}

function pointer(path: readonly PropertyKey[]): string {
  const whole = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return whole.slice(0, longestPointer).toWellFormed();
}

/** The version in `If-Match: "<version>"`. Throws 428 without the header. */
export function ifMatch(request: Request): number {
  const header = request.get('if-match');
  if (header === undefined)
    throw new ProblemError('if-match-required', 'Send If-Match with the version that you read, such as If-Match: "3".');
  const match = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim());
  if (!match?.[1])
    throw new ProblemError(
      'version-mismatch',
      `If-Match ${JSON.stringify(header.slice(0, 64))} is not a version of this item.`,
    );
  return Number(match[1]);
}

/** The version in `If-Match`, where the request may leave it out. */
export function optionalIfMatch(request: Request): { readonly ifMatch?: number } {
  return request.get('if-match') === undefined ? {} : { ifMatch: ifMatch(request) };
}

/** What a request prefers (RFC 7240). Unknown preferences are ignored. */
export interface Preferences {
  /** Seconds of `wait=N`, at most 30; 0 without it. */
  readonly wait: number;
  /** `handling=strict`: refuse a line with warnings. */
  readonly isStrict: boolean;
  /** `confirm=flash-fuse`: send a flash although there were many in the last minute. */
  readonly isFuseConfirmed: boolean;
}

export function preferencesOf(request: Request): Preferences {
  const parts = (request.get('prefer') ?? '').split(/[,;\s]+/).map((part) => part.split('=', 2));
  // The first of several counts.
  const preferred = (wanted: string) =>
    parts.find(([name = '']) => name.toLowerCase() === wanted)?.[1]?.replace(/^"(.*)"$/, '$1');
  const wait = /^\d{1,3}$/.exec(preferred('wait') ?? '')?.[0];
  return {
    wait: Math.min(Number(wait ?? 0), 30),
    isStrict: preferred('handling') === 'strict',
    isFuseConfirmed: preferred('confirm') === 'flash-fuse',
  };
}

/** `Preference-Applied`; empty if nothing was. */
export function appliedOf({ wait, isStrict, isFuseConfirmed }: Preferences): string {
  return [
    ...(isStrict ? ['handling=strict'] : []),
    ...(isFuseConfirmed ? ['confirm=flash-fuse'] : []),
    ...(wait > 0 ? [`wait=${wait}`] : []),
  ].join(', ');
}

/** The Idempotency-Key with a fingerprint of the request: method, path, If-Match and body. */
export function idempotencyOf(request: Request): { readonly key: string; readonly fingerprint: string } | undefined {
  const key = request.get('idempotency-key');
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new ProblemError('invalid', 'Idempotency-Key: send 1 to 255 visible ASCII characters.', [
      { parameter: 'Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters' },
    ]);
  const content = JSON.stringify([request.method, request.path, request.get('if-match') ?? '', request.body ?? null]);
  return {
    key: createHash('sha256').update(key).digest('base64url'),
    fingerprint: createHash('sha256').update(content).digest('base64url'),
  };
}
