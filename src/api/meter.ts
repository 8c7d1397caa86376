import type { RequestHandler, Response } from 'express';
import type { ProblemType } from '../protocol/problem.ts';

/** The outcome of a request: a read, an accepted change, or the type of its problem. */
export type RequestOutcome = 'read' | 'accepted' | ProblemType;

/** What a refused client authenticated with. */
export type Credential = 'key' | 'session' | 'sign-in';

/** Counts what the API does. */
export interface ApiMeter {
  answered(outcome: RequestOutcome): void;
  /** Time until the log accepted or refused a command. */
  decided(seconds: number, commandId: string): void;
  signedIn(): void;
  notLetIn(credential: Credential): void;
}

export const silentMeter: ApiMeter = {
  answered: () => undefined,
  decided: () => undefined,
  signedIn: () => undefined,
  notLetIn: () => undefined,
};

/** Counts every response when it is sent or its client has closed the connection. */
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
