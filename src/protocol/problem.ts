/** One fault of a request, and its place: a JSON pointer into the body, or the name of a parameter or header. */
export interface Fault {
  readonly detail: string;
  readonly pointer?: string;
  readonly parameter?: string;
  /** The warning that was refused, and the item that a near duplicate repeats. */
  readonly code?: string;
  readonly id?: string;
}

/** Every problem type of the HTTP endpoints (RFC 9457). `type` on the wire is `/problems/<slug>`. docs/desk-api.md lists them, and a test compares both. */
export const problemTypes = {
  'bad-query': { status: 400, title: 'The query is invalid' },
  'bad-handshake': { status: 400, title: 'Not a WebSocket handshake' },
  'bad-json': { status: 400, title: 'The body is not JSON' },
  unauthorized: { status: 401, title: 'A key is needed' },
  forbidden: { status: 403, title: 'This key may not do that' },
  'origin-not-allowed': { status: 403, title: 'This origin is not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'This method is not allowed' },
  'wrong-state': { status: 409, title: 'Not possible in the state of the item' },
  'item-retracted': { status: 409, title: 'The item is retracted permanently' },
  'refused-later': { status: 409, title: 'Accepted, then refused at the append' },
  'flash-fuse': { status: 409, title: 'Many flashes in one minute' },
  'version-mismatch': { status: 412, title: 'The item has changed since you read it' },
  'body-too-large': { status: 413, title: 'The body is larger than 32 kB' },
  'unsupported-media-type': { status: 415, title: 'The body is not application/json' },
  invalid: { status: 422, title: 'The body is invalid' },
  'warnings-refused': { status: 422, title: 'The line has warnings' },
  'idempotency-mismatch': { status: 422, title: 'The Idempotency-Key belongs to another request' },
  'if-match-required': { status: 428, title: 'If-Match is required' },
  'rate-limited': { status: 429, title: 'Too many requests with this key' },
  'too-many-connections': { status: 429, title: 'Too many connections from this address' },
  'too-many-feeds': { status: 429, title: 'Too many different filters' },
  internal: { status: 500, title: 'The server failed on this request' },
  unavailable: { status: 503, title: 'Not possible right now' },
  busy: { status: 503, title: 'Too many readers at once' },
  draining: { status: 503, title: 'This process is shutting down' },
  'outcome-unknown': { status: 504, title: 'The outcome is unknown' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ProblemType = keyof typeof problemTypes;

/** What ends a request: the API throws it in a ProblemError, the fan-out returns it. */
export interface Problem {
  readonly type: ProblemType;
  /** What is wrong with this request, and what to do. */
  readonly detail: string;
  readonly errors?: readonly Fault[];
  /** Seconds until a retry is worth while. */
  readonly retryAfter?: number;
  /** Of the edition in the last minute, for `flash-fuse`. */
  readonly flashes?: number;
}

/** A problem as JSON (RFC 9457). */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly Fault[];
  readonly flashes?: number;
}

/** As many as help a person. Thousands would make the answer many times larger than the request. */
export const mostFaults = 32;

export function problemBodyOf({ type, detail, errors = [], flashes }: Problem): ProblemBody {
  const named = errors.slice(0, mostFaults);
  return {
    type: `/problems/${type}`,
    ...problemTypes[type],
    detail,
    ...(named.length > 0 && { errors: named }),
    ...(flashes !== undefined && { flashes }),
  };
}
