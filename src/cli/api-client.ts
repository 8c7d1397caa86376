import { randomUUID } from 'node:crypto';
import { plain } from './terminal.ts';

/** The API refused a request or did not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 1: refused, nothing was accepted. 3: outcome unknown, or server unreachable. */
  readonly exitCode: 1 | 3;
  readonly problem: unknown;

  constructor(message: string, exitCode: 1 | 3, problem: unknown = null) {
    super(message);
    this.exitCode = exitCode;
    this.problem = problem;
  }
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Reply = Readonly<Record<string, unknown>>;

interface Answer {
  readonly status: number;
  readonly body: Reply | null;
}

const attempts = 4;
const answerMs = 10_000;
const betweenMs = 1_000;

/** A client of the desk API. Retries a request whose outcome is unknown with the same Idempotency-Key, so it is accepted once. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url.replace(/\/$/, '');
    this.#key = key;
  }

  /** Resolves with the body of the response, or an empty object. Rejects with an ApiError. */
  async call(call: Call): Promise<Reply> {
    const headers = {
      authorization: `Bearer ${this.#key}`,
      prefer: 'wait=5',
      ...(call.method !== 'GET' && { 'idempotency-key': randomUUID() }),
      ...(call.body && { 'content-type': 'application/json' }),
      ...call.headers,
    };
    let wasUnknown = false;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#send(call, headers);
      if (answer && answer.status < 300 && answer.body) return answer.body;
      wasUnknown ||= call.method !== 'GET' && isUnknown(answer);
      // Only items have an Idempotency-Key: a retry of POST /v1/keys could create a second key.
      const isRefused = answer?.status === 503 && answer.body !== null;
      const mayBeDone = call.path.startsWith('/v1/keys') && call.method === 'POST' && !isRefused;
      const isOver = mayBeDone || (answer !== null && answer.status >= 300 && answer.status < 500);
      if (isOver || attempt === attempts) throw errorOf(answer, call, this.#url, wasUnknown);
      await new Promise((resolve) => setTimeout(resolve, betweenMs));
    }
  }

  async #send({ method, path, body }: Call, headers: Readonly<Record<string, string>>): Promise<Answer | null> {
    try {
      const response = await fetch(this.#url + path, {
        method,
        headers,
        signal: AbortSignal.timeout(answerMs),
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: bodyOf(response.status, await response.text()) };
    } catch {
      return null;
    }
  }
}

/** Null where the API did not give this answer, but a proxy in front of it. */
function bodyOf(status: number, text: string): Reply | null {
  const body = status === 204 ? {} : parse(text);
  const { type } = body ?? {};
  return status >= 500 && !(typeof type === 'string' && type.startsWith('/problems/')) ? null : body;
}

function parse(text: string): Reply | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Reply) : null;
  } catch {
    return null;
  }
}

/** Whether the request may have been accepted. */
function isUnknown(answer: Answer | null): boolean {
  if (!answer) return true;
  const { status, body } = answer;
  return body === null ? status < 300 || status >= 500 : status >= 500 && status !== 503;
}

/** Refusals from before the API looks whether it has accepted the request already. */
const earlyRefusals: readonly number[] = [401, 403, 408, 429, 503];

function errorOf(answer: Answer | null, { method }: Call, url: string, wasUnknown: boolean): ApiError {
  const unknown = method === 'GET' ? '' : '; the outcome is unknown';
  if (!answer) return new ApiError(plain`${url} does not answer${unknown}`, 3);
  const { status, body } = answer;
  if (!body && (status < 300 || status >= 500))
    return new ApiError(plain`${url} does not answer: HTTP ${status} is from a proxy${unknown}`, 3);
  const {
    title = `HTTP ${status}`,
    detail = '',
    errors = [],
  } = (body ?? {}) as {
    readonly title?: string;
    readonly detail?: string;
    readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[];
  };
  if (wasUnknown && earlyRefusals.includes(status)) {
    const look = 'an earlier attempt may have been accepted: the outcome is unknown. Look before you send it again.';
    return new ApiError(plain`${title}; ${look}`, 3, body);
  }
  const faults = errors.map((fault) => `\n${plain`  ${fault.pointer ?? fault.parameter ?? ''} ${fault.detail}`}`);
  return new ApiError(`${plain`${title}. ${detail}`}${faults.join('')}`, status >= 500 ? 3 : 1, body);
}
