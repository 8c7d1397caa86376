import type { ServerResponse } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { type Fault, type Problem, type ProblemType, problemBodyOf } from '../protocol/problem.ts';
import { noteProblem } from './meter.ts';

/** A problem on its way to `answerProblems`, which makes it the response. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(type: ProblemType, detail: string, errors: readonly Fault[] = [], retryAfter?: number) {
    super(detail);
    this.problem = { type, detail, errors, ...(retryAfter !== undefined && { retryAfter }) };
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
    if (problem.type === 'internal')
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
  const { type, status, message } = error as {
    readonly type?: string;
    readonly status?: number;
    readonly message?: string;
  };
  if (type === 'entity.too.large') return { type: 'body-too-large', detail: 'Send at most 32 kB.' };
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return { type: 'unsupported-media-type', detail: 'Send plain application/json in UTF-8, not compressed.' };
  if (type === 'entity.parse.failed' || (status === 400 && typeof type === 'string'))
    return { type: 'bad-json', detail: 'The body cannot be read as JSON.' };
  if (error instanceof URIError) return { type: 'not-found', detail: 'There is nothing at this address.' };
  const text = message ?? '';
  if (/isn't writeable|enableOfflineQueue|MISCONF|OOM|READONLY|LOADING/i.test(text))
    return {
      type: 'unavailable',
      detail: 'The log cannot be written right now; nothing was accepted. Try again.',
      retryAfter: 2,
    };
  if (/timed out|Connection is closed|max retries|ECONNRE|EPIPE/i.test(text)) {
    if (mayHaveWritten)
      return {
        type: 'outcome-unknown',
        detail:
          'The log did not answer in time. Ask again with the same Idempotency-Key: the item is accepted once or not at all.',
        retryAfter: 2,
      };
    return { type: 'unavailable', detail: 'The log cannot be read right now. Try again.', retryAfter: 2 };
  }
  return { type: 'internal', detail: 'The server failed on this request. The failure is logged.' };
}
