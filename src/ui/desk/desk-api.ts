import { isRecord } from '../../protocol/item-parse.ts';
import { type DeskItem, type ItemFields, parseItems } from './desk-item.ts';

export interface FieldError {
  /** JSON pointer into what was sent. */
  readonly pointer: string;
  readonly detail: string;
}

/** What the API refused, or why its answer is missing. */
export interface Problem {
  /** 0: no answer at all; then nobody knows whether it was accepted, and the same Idempotency-Key asks again. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
}

export type Answer<Value> =
  | { readonly type: 'ok'; readonly value: Value }
  | { readonly type: 'problem'; readonly problem: Problem };

export interface SignedIn {
  readonly name: string;
  readonly role: string;
  /** Null: every edition. */
  readonly editions: readonly string[] | null;
}

/** Where a command stands after the API has answered. */
export interface Standing {
  readonly state: string;
  readonly version: number | null;
}

/** Who has stopped what goes out, and when. */
export interface Stopped {
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** The desk API as the desk page uses it: same origin, session cookie, no retries of its own. */
export class DeskApi {
  readonly #fetch: Fetch;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  async signIn(key: string): Promise<Answer<SignedIn>> {
    const opened = await this.#send('POST', '/v1/session', { key });
    return opened.type === 'ok' ? this.session() : opened;
  }

  async session(): Promise<Answer<SignedIn>> {
    return mapAnswer(await this.#send('GET', '/v1/session'), parseSession);
  }

  signOut(): Promise<Answer<unknown>> {
    return this.#send('DELETE', '/v1/session');
  }

  async items(edition: string): Promise<Answer<readonly DeskItem[]>> {
    return mapAnswer(await this.#send('GET', `/v1/items?${new URLSearchParams({ edition })}`), parseItems);
  }

  /** The same key for the same text: sent twice, it is one item. */
  async publish(fields: ItemFields, draft: boolean, idempotencyKey: string): Promise<Answer<Standing>> {
    const headers = { 'Idempotency-Key': idempotencyKey, Prefer: 'wait=5' };
    return mapAnswer(
      await this.#send('POST', '/v1/items', draft ? { ...fields, state: 'draft' } : fields, headers),
      parseStanding,
    );
  }

  async correct(id: string, seenVersion: number, fields: ItemFields): Promise<Answer<Standing>> {
    const headers = { 'If-Match': `"${seenVersion}"`, Prefer: 'wait=5' };
    return mapAnswer(await this.#send('PUT', itemPath(id), fields, headers), parseStanding);
  }

  async act(id: string, action: 'publish' | 'withhold' | 'release'): Promise<Answer<Standing>> {
    return mapAnswer(await this.#send('POST', `${itemPath(id)}/${action}`, {}, { Prefer: 'wait=5' }), parseStanding);
  }

  async retract(id: string, reason: string, notice: string): Promise<Answer<Standing>> {
    const body = notice === '' ? { reason } : { reason, notice };
    return mapAnswer(await this.#send('POST', `${itemPath(id)}/retract`, body, { Prefer: 'wait=5' }), parseStanding);
  }

  async cancel(id: string): Promise<Answer<Standing>> {
    return mapAnswer(await this.#send('DELETE', itemPath(id)), parseStanding);
  }

  /** Null: everything goes out. */
  async stopped(): Promise<Answer<Stopped | null>> {
    return mapAnswer(await this.#send('GET', '/v1/stop'), parseStopped);
  }

  async turnStop(isStopped: boolean): Promise<Answer<Stopped | null>> {
    return mapAnswer(await this.#send('PUT', '/v1/stop', { stopped: isStopped }), parseStopped);
  }

  async #send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<unknown>> {
    const init: RequestInit = {
      method,
      headers: { Accept: 'application/json', ...headers },
      signal: AbortSignal.timeout(15_000),
    };
    if (body !== undefined) {
      init.headers = { ...init.headers, 'Content-Type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    try {
      const response = await this.#fetch(path, init);
      const text = await response.text();
      const value = text === '' ? null : parseJson(text);
      return response.ok ? { type: 'ok', value } : { type: 'problem', problem: parseProblem(response.status, value) };
    } catch {
      return { type: 'problem', problem: noAnswer };
    }
  }
}

const noAnswer: Problem = {
  status: 0,
  title: 'No answer from the server.',
  detail:
    'It is not known whether this was accepted. Look at the list, or send it again: the same text is never published twice.',
  errors: [],
};

function itemPath(id: string): string {
  return `/v1/items/${encodeURIComponent(id)}`;
}

function mapAnswer<Value>(answer: Answer<unknown>, parse: (value: unknown) => Value): Answer<Value> {
  return answer.type === 'ok' ? { type: 'ok', value: parse(answer.value) } : answer;
}

function parseSession(value: unknown): SignedIn {
  if (!isRecord(value)) return { name: '', role: '', editions: null };
  const { name, role, editions } = value;
  return {
    name: typeof name === 'string' ? name : '',
    role: typeof role === 'string' ? role : '',
    editions: Array.isArray(editions) ? editions.filter((edition) => typeof edition === 'string') : null,
  };
}

function parseStopped(value: unknown): Stopped | null {
  if (!isRecord(value) || value['stopped'] !== true) return null;
  const { by, at } = value;
  return { by: typeof by === 'string' ? by : '', at: typeof at === 'string' ? at : '' };
}

function parseStanding(value: unknown): Standing {
  if (!isRecord(value)) return { state: '', version: null };
  const { state, version } = value;
  return { state: typeof state === 'string' ? state : '', version: typeof version === 'number' ? version : null };
}

function parseProblem(status: number, value: unknown): Problem {
  const fields = isRecord(value) ? value : {};
  const { title, detail, errors } = fields;
  return {
    status,
    title: typeof title === 'string' ? title : `The server answered ${status}.`,
    detail: typeof detail === 'string' ? detail : '',
    errors: Array.isArray(errors) ? errors.flatMap(parseFieldError) : [],
  };
}

function parseFieldError(value: unknown): readonly FieldError[] {
  if (!isRecord(value) || typeof value['detail'] !== 'string') return [];
  return [{ pointer: typeof value['pointer'] === 'string' ? value['pointer'] : '', detail: value['detail'] }];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's page, not the API's: the status alone speaks
  }
}
