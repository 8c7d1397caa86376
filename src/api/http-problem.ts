import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { type Fault, type ProblemType, problemBodyOf } from '../protocol/problem.ts';
import { noteProblem } from './meter.ts';

/** What ends a request; mapped to an answer in one place. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly type: ProblemType;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    type: ProblemType,
    detail: string,
    faults: readonly Fault[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.type = type;
    this.faults = faults;
    this.headers = headers;
  }
}

/**
 * The one place that turns errors into answers. A command that Redis may have carried out is never reported as refused:
 * a time-out or a connection lost in flight is 504, and the same Idempotency-Key asks again.
 */
export function answerProblems(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = problemOf(error, request.method !== 'GET' && request.method !== 'HEAD');
    if (problem.type === 'internal')
      logger.error({ err: error, method: request.method, path: request.path }, 'request failed');
    sendProblem(response, problem);
  };
}

export function sendProblem(response: Response, { type, message, faults, headers }: HttpProblem): void {
  noteProblem(response, type);
  const body = problemBodyOf(type, message, faults);
  response
    .status(body.status)
    .set({ 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers })
    .end(JSON.stringify(body));
}

function problemOf(error: unknown, mayHaveWritten: boolean): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const { type, status, message } = error as {
    readonly type?: string;
    readonly status?: number;
    readonly message?: string;
  };
  if (type === 'entity.too.large') return new HttpProblem('body-too-large', 'Send at most 32 kB.');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return new HttpProblem('unsupported-media-type', 'Send plain application/json in UTF-8, not compressed.');
  if (type === 'entity.parse.failed' || (status === 400 && typeof type === 'string'))
    return new HttpProblem('bad-json', 'The body cannot be read as JSON.');
  if (error instanceof URIError) return new HttpProblem('not-found', 'There is nothing at this address.');
  const text = message ?? '';
  if (/isn't writeable|enableOfflineQueue|MISCONF|OOM|READONLY|LOADING/i.test(text))
    return new HttpProblem('unavailable', 'The log cannot be written right now; nothing was accepted. Try again.', [], {
      'retry-after': '2',
    });
  if (/timed out|Connection is closed|max retries|ECONNRE|EPIPE/i.test(text)) {
    if (mayHaveWritten)
      return new HttpProblem(
        'outcome-unknown',
        'The log did not answer in time. Ask again with the same Idempotency-Key: the item is accepted once or not at all.',
        [],
        { 'retry-after': '2' },
      );
    return new HttpProblem('unavailable', 'The log cannot be read right now. Try again.', [], { 'retry-after': '2' });
  }
  return new HttpProblem('internal', 'Something is broken on our side; it has been logged.');
}
