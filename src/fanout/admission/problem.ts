import { type Fault, mostFaults, type ProblemType, problemBodyOf, problemTypes } from '../../protocol/problem.ts';

/** A refusal by a public endpoint (RFC 9457). */
export interface Problem {
  readonly type: ProblemType;
  readonly detail: string;
  readonly errors?: readonly Fault[];
  /** Seconds. */
  readonly retryAfter?: number;
}

/** The problems that do not depend on the request. */
export const problems = {
  unknownPath: { type: 'not-found', detail: 'There is nothing at this address.' },
  unknownEdition: { type: 'not-found', detail: 'There is no such edition.' },
  unknownItem: { type: 'not-found', detail: 'There is no such item.' },
  method: { type: 'method-not-allowed', detail: 'Use GET, HEAD or OPTIONS.' },
  badHandshake: { type: 'bad-handshake', detail: 'This is not a WebSocket handshake.' },
  origin: { type: 'origin-not-allowed', detail: 'Pages of this origin may not read the feed.' },
  address: { type: 'too-many-connections', detail: 'Too many connections from this address.', retryAfter: 10 },
  busy: { type: 'busy', detail: 'Too many readers at once. Try again shortly.', retryAfter: 5 },
  full: { type: 'busy', detail: 'This process has no memory for more readers. Try again shortly.', retryAfter: 5 },
  // Not 503: any client can cause these, and a proxy takes 503 for a process that is down.
  feeds: { type: 'too-many-feeds', detail: 'This process serves too many different filters already.', retryAfter: 5 },
  filters: { type: 'too-many-feeds', detail: 'Too many different filters from this address.', retryAfter: 10 },
  history: { type: 'busy', detail: 'Too many clients ask for older items at once. Try again shortly.', retryAfter: 2 },
  unavailable: { type: 'unavailable', detail: 'The log cannot be read right now.', retryAfter: 2 },
  draining: { type: 'draining', detail: 'This process is shutting down. Another one will answer.', retryAfter: 1 },
} as const satisfies Record<string, Problem>;

export function badQuery(errors: readonly Fault[]): Problem {
  const named = errors.slice(0, mostFaults);
  return { type: 'bad-query', detail: named.map((error) => error.detail).join(' '), errors: named };
}

export function statusOf(problem: Problem): number {
  return problemTypes[problem.type].status;
}

export function problemBody(problem: Problem): string {
  return JSON.stringify(problemBodyOf(problem));
}
