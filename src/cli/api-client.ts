import { randomUUID } from 'node:crypto';
import { plain } from './terminal.ts';

/** The desk has said no, or has said nothing. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 1: refused, it is nowhere. 3: nobody knows, or the server is away. */
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

const attempts = 4;
const answerMs = 10_000;
const betweenMs = 1_000;

/** The desk API for a program. What may have been accepted is asked again under the same Idempotency-Key, so it is accepted once. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url.replace(/\/$/, '');
    this.#key = key;
  }

  /** Resolves with the answer's body, empty where there is none. Rejects with a ApiError. */
  async call(call: Call): Promise<Reply> {
    const headers = {
      authorization: `Bearer ${this.#key}`,
      prefer: 'wait=5',
      ...(call.method !== 'GET' && { 'idempotency-key': randomUUID() }),
      ...(call.body && { 'content-type': 'application/json' }),
      ...call.headers,
    };
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#send(call, headers);
      if (answer && answer.status < 300) return answer.body;
      // A key that was made and not heard of must not become two: only items have an Idempotency-Key.
      const mayBeDone = call.path.startsWith('/v1/keys') && call.method === 'POST' && answer?.status !== 503;
      const isOver = mayBeDone || (answer !== null && answer.status < 500);
      if (isOver || attempt === attempts) throw errorOf(answer, call, this.#url);
      await new Promise((resolve) => setTimeout(resolve, betweenMs));
    }
  }

  async #send({ method, path, body }: Call, headers: Readonly<Record<string, string>>) {
    try {
      const response = await fetch(this.#url + path, {
        method,
        headers,
        signal: AbortSignal.timeout(answerMs),
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: parse(text) };
    } catch {
      return null;
    }
  }
}

function parse(text: string): Reply {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Reply) : {};
  } catch {
    return {};
  }
}

function errorOf(
  answer: { readonly status: number; readonly body: Reply } | null,
  { method }: Call,
  url: string,
): ApiError {
  const unknown = method === 'GET' ? '' : '; nobody knows whether it was accepted';
  if (!answer) return new ApiError(plain`${url} does not answer${unknown}`, 3);
  const { status, body } = answer;
  const {
    title = `HTTP ${status}`,
    detail = '',
    errors = [],
  } = body as {
    readonly title?: string;
    readonly detail?: string;
    readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[];
  };
  const faults = errors.map((fault) => `\n${plain`  ${fault.pointer ?? fault.parameter ?? ''} ${fault.detail}`}`);
  return new ApiError(`${plain`${title}. ${detail}`}${faults.join('')}`, status >= 500 ? 3 : 1, body);
}
