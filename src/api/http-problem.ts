import type { ServerResponse } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { isDenied, redisErrorKind } from '../log/redis/redis-error.ts';
import { type Fault, type Problem, type ProblemType, problemBodyOf } from '../protocol/problem.ts';
import { noteProblem } from './meter.ts';

/** A problem on its way to `answerProblems`, which makes it the response. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(type: ProblemType, detail: string, errors: readonly Fault[] = [], retryAfter?: number, flashes?: number) {
    super(detail);
    this.problem = {
      type,
      detail,
      errors,
      ...(retryAfter !== undefined && { retryAfter }),
      ...(flashes !== undefined && { flashes }),
    };
  }
}

/**
 * The one place that turns errors into responses. A command that Redis may have executed is never reported as refused:
 * a timeout or a connection lost in flight is 504, and a retry with the same Idempotency-Key gives the outcome.
 */
export function answerProblems(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = problemOf(error, request.method !== 'GET' && request.method !== 'HEAD');
    // Redis' rules are for an operator to correct: no retry of a client helps.
    if (problem.type === 'internal' || isDenied(error))
      logger.error({ err: error, method: request.method, path: request.path }, 'request failed');
    noteProblem(response, problem.type);
    sendProblem(response, problem);
  };
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  const body = problemBodyOf(problem);
  response
    .writeHead(body.status, {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(problem.retryAfter !== undefined && { 'retry-after': String(problem.retryAfter) }),
    })
    .end(JSON.stringify(body));
}

function problemOf(error: unknown, mayHaveWritten: boolean): Problem {
  if (error instanceof ProblemError) return error.problem;
  const { type, status } = error as { readonly type?: string; readonly status?: number };
  if (type === 'entity.too.large') return { type: 'body-too-large', detail: 'Send at most 32 kB.' };
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return { type: 'unsupported-media-type', detail: 'Send application/json in UTF-8, without compression.' };
  if (type === 'entity.parse.failed' || (status === 400 && typeof type === 'string'))
    return { type: 'bad-json', detail: 'The body is not valid JSON.' };
  if (error instanceof URIError) return { type: 'not-found', detail: 'There is nothing at this address.' };
  switch (redisErrorKind(error)) {
    case 'not-written':
    case 'denied':
      return unavailable(mayHaveWritten);
    case 'unknown':
    case 'denied-in-script':
      return mayHaveWritten ? outcomeUnknown : unavailable(false);
    case 'wrong-type':
    case 'failed-in-script':
    case 'no-script':
    case 'other':
      return { type: 'internal', detail: 'The server failed on this request. The failure is logged.' };
  }
}

function unavailable(isWrite: boolean): Problem {
  const detail = isWrite
    ? 'The log cannot be written right now. Nothing was accepted. Try again.'
    : 'The log cannot be read right now. Try again.';
  return { type: 'unavailable', detail, retryAfter: 2 };
}

const outcomeUnknown: Problem = {
  type: 'outcome-unknown',
  detail:
    'The log did not answer in time. Retry with the same Idempotency-Key: the item is accepted once or not at all.',
  retryAfter: 2,
};
