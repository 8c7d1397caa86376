import type { RequestHandler, Response } from 'express';
import type { ProblemType } from '../protocol/problem.ts';

/** How a request ended: a read, something accepted, or the type of its problem. */
export type RequestOutcome = 'read' | 'accepted' | ProblemType;

/** What a refused client authenticated with. */
export type Credential = 'key' | 'session' | 'sign-in';

/** Hears what the desk does; costs an addition. */
export interface ApiMeter {
  answered(outcome: RequestOutcome): void;
  /** From the request's turn until the log had accepted or refused it. */
  decided(seconds: number): void;
  signedIn(): void;
  notLetIn(credential: Credential): void;
}

export const silentMeter: ApiMeter = {
  answered: () => undefined,
  decided: () => undefined,
  signedIn: () => undefined,
  notLetIn: () => undefined,
};

/** Counts every answer once it has left; a client that hangs up before is counted too. */
export function countAnswers(meter: ApiMeter): RequestHandler {
  return ({ method }, response, next) => {
    response.once('close', () => {
      const problem = problemTypeOf(response);
      meter.answered(problem ?? (method === 'GET' || method === 'HEAD' ? 'read' : 'accepted'));
    });
    next();
  };
}

export function noteProblem(response: Response, type: ProblemType): void {
  response.locals['problem'] = type;
}

function problemTypeOf(response: Response): ProblemType | undefined {
  return response.locals['problem'] as ProblemType | undefined;
}
