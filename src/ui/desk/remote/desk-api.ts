import type { ItemState } from '../../../item/lifecycle.ts';
import type { Source } from '../../../item/line/source.ts';
import { isRecord } from '../../../protocol/item-parse.ts';
import { type KeyList, type NewKey, parseKeys, parseSessions, parseToken, type SessionList } from './access.ts';
import {
  type Delivery,
  type DeskStatus,
  noAnswer,
  type Problem,
  parseDelivery,
  parseJson,
  parseProblem,
  parseSession,
  parseStanding,
  parseStatus,
  parseStopped,
  type SignedIn,
  type Standing,
  type Stopped,
} from './answers.ts';
import { type AuditFilter, type AuditPage, auditQuery, parseAudit } from './audit-page.ts';
import {
  type DeskItem,
  type HeldItems,
  type ItemFields,
  type ItemPage,
  parseHeld,
  parseItem,
  parsePage,
} from './desk-item.ts';

export type { Delivery, DeskStatus, Problem, SignedIn, Standing, Stopped } from './answers.ts';
export { isFlashFuse, isOutcomeUnknown } from './answers.ts';

export type Answer<Value> =
  | { readonly type: 'ok'; readonly value: Value }
  | { readonly type: 'problem'; readonly problem: Problem };

type Fetch = (path: string, init: RequestInit) => Promise<Response>;

export interface ListQuery {
  readonly edition: string;
  readonly states?: readonly ItemState[];
  readonly before?: string;
  readonly limit?: number;
}

/** Client of the desk API: same origin, session cookie, no retries. */
export class DeskApi {
  readonly #fetch: Fetch;
  readonly #items: string;
  readonly #stream: string;

  /** A rehearsal has its own store of items; everything else is the site's. */
  constructor(fetch: Fetch, isTest = false) {
    this.#fetch = fetch;
    this.#items = isTest ? '/v1/test/items' : '/v1/items';
    this.#stream = isTest ? '/v1/test/stream' : '/v1/stream';
  }

  streamPath(editions: readonly string[]): string {
    return `${this.#stream}?${new URLSearchParams(editions.map((edition) => ['edition', edition]))}`;
  }

  async signIn(key: string): Promise<Answer<SignedIn>> {
    const opened = await this.#send('POST', '/v1/session', { key });
    return opened.type === 'ok' ? this.session() : opened;
  }

  async session(): Promise<Answer<SignedIn>> {
    return mapAnswer(await this.#send('GET', '/v1/session'), parseSession);
  }

  /** The owner of a key. The session does not change. */
  async ownerOf(key: string): Promise<Answer<SignedIn>> {
    const headers = { Authorization: `Bearer ${key}` };
    return mapAnswer(await this.#send('GET', '/v1/session', undefined, headers), parseSession);
  }

  signOut(): Promise<Answer<unknown>> {
    return this.#send('DELETE', '/v1/session');
  }

  async items({ edition, states, before, limit }: ListQuery): Promise<Answer<ItemPage>> {
    const query = new URLSearchParams({ edition });
    if (states !== undefined) query.set('state', states.join(','));
    if (before !== undefined) query.set('before', before);
    if (limit !== undefined) query.set('limit', String(limit));
    return mapAnswer(await this.#send('GET', `${this.#items}?${query}`), parsePage);
  }

  async item(id: string): Promise<Answer<DeskItem | null>> {
    return mapAnswer(await this.#send('GET', this.#pathOf(id)), parseItem);
  }

  /** Sent twice with the same key, a text is one item. */
  async publish(
    fields: ItemFields,
    draft: boolean,
    idempotencyKey: string,
    isFuseConfirmed = false,
  ): Promise<Answer<Standing>> {
    const headers = { 'Idempotency-Key': idempotencyKey, ...prefer(isFuseConfirmed) };
    return mapAnswer(
      await this.#send('POST', this.#items, draft ? { ...fields, state: 'draft' } : fields, headers),
      parseStanding,
    );
  }

  async correct(
    id: string,
    seenVersion: number,
    fields: ItemFields,
    isFuseConfirmed = false,
  ): Promise<Answer<Standing>> {
    const headers = { 'If-Match': `"${seenVersion}"`, ...prefer(isFuseConfirmed) };
    return mapAnswer(await this.#send('PUT', this.#pathOf(id), fields, headers), parseStanding);
  }

  /** Publishes that version of a draft, after a hold. */
  async publishDraft(
    id: string,
    version: number,
    holdSeconds: number,
    isFuseConfirmed = false,
  ): Promise<Answer<Standing>> {
    const headers = { 'If-Match': `"${version}"`, ...prefer(isFuseConfirmed) };
    return mapAnswer(await this.#send('POST', `${this.#pathOf(id)}/publish`, { holdSeconds }, headers), parseStanding);
  }

  async act(id: string, action: 'withhold' | 'release', isFuseConfirmed = false): Promise<Answer<Standing>> {
    const path = `${this.#pathOf(id)}/${action}`;
    return mapAnswer(await this.#send('POST', path, {}, prefer(isFuseConfirmed)), parseStanding);
  }

  async retract(id: string, reason: string, notice: string): Promise<Answer<Standing>> {
    const body = notice === '' ? { reason } : { reason, notice };
    const path = `${this.#pathOf(id)}/retract`;
    return mapAnswer(await this.#send('POST', path, body, { Prefer: 'wait=5' }), parseStanding);
  }

  /** With a version, it cancels that version only, and nothing that another editor has made of the item since. */
  async cancel(id: string, version?: number): Promise<Answer<Standing>> {
    const headers: Record<string, string> = version === undefined ? {} : { 'If-Match': `"${version}"` };
    return mapAnswer(await this.#send('DELETE', this.#pathOf(id), undefined, headers), parseStanding);
  }

  async delivery(id: string): Promise<Answer<Delivery>> {
    return mapAnswer(await this.#send('GET', `${this.#pathOf(id)}/delivery`), parseDelivery);
  }

  async status(): Promise<Answer<DeskStatus>> {
    return mapAnswer(await this.#send('GET', '/v1/status'), parseStatus);
  }

  /** The sources of an edition, seeded and confirmed. */
  async sources(edition: string): Promise<Answer<SourceList>> {
    return sourcesIn(await this.#send('GET', `/v1/sources?${new URLSearchParams({ edition })}`));
  }

  /** Replaces the confirmed sources, unless somebody else has changed them since. */
  async confirmSources(edition: string, sources: readonly Source[], etag: string): Promise<Answer<SourceList>> {
    const path = `/v1/sources?${new URLSearchParams({ edition })}`;
    return sourcesIn(await this.#send('PUT', path, { sources }, etag === '' ? {} : { 'If-Match': etag }));
  }

  /** What goes out in an edition when STOP is released, oldest first. */
  async held(edition: string): Promise<Answer<HeldItems>> {
    return mapAnswer(await this.#send('GET', `/v1/stop/held?${new URLSearchParams({ edition })}`), parseHeld);
  }

  async turnStop(isStopped: boolean): Promise<Answer<Stopped | null>> {
    return mapAnswer(await this.#send('PUT', '/v1/stop', { stopped: isStopped }), parseStopped);
  }

  async audit(filter: AuditFilter, before: number | null): Promise<Answer<AuditPage>> {
    const query = auditQuery(filter, { with: 'item', ...(before !== null && { before: String(before) }) });
    return mapAnswer(await this.#send('GET', `/v1/audit?${query}`), parseAudit);
  }

  async keys(): Promise<Answer<KeyList>> {
    return mapAnswer(await this.#send('GET', '/v1/keys'), parseKeys);
  }

  /** The token of the key, which no other answer has. */
  async createKey(key: NewKey): Promise<Answer<string | null>> {
    return mapAnswer(await this.#send('POST', '/v1/keys', key), parseToken);
  }

  revokeKey(keyId: string): Promise<Answer<unknown>> {
    return this.#send('DELETE', `/v1/keys/${encodeURIComponent(keyId)}`);
  }

  async sessions(): Promise<Answer<SessionList>> {
    return mapAnswer(await this.#send('GET', '/v1/sessions'), parseSessions);
  }

  endSession(id: string): Promise<Answer<unknown>> {
    return this.#send('DELETE', `/v1/sessions/${encodeURIComponent(id)}`);
  }

  #pathOf(id: string): string {
    return `${this.#items}/${encodeURIComponent(id)}`;
  }

  async #send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Sent> {
    const init: RequestInit = {
      method,
      headers: { Accept: 'application/json', ...headers },
      // Safari has it since 16.
      signal: AbortSignal.timeout?.(15_000) ?? null,
    };
    if (body !== undefined) {
      init.headers = { ...init.headers, 'Content-Type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    try {
      const response = await this.#fetch(path, init);
      const text = await response.text();
      const value = parseJson(text);
      if (!response.ok) return { type: 'problem', problem: parseProblem(response.status, value) };
      if (value === null && response.status !== 204) return { type: 'problem', problem: noAnswer };
      return { type: 'ok', value, etag: response.headers.get('etag') ?? '' };
    } catch {
      return { type: 'problem', problem: noAnswer };
    }
  }
}

/** The answer waits for the append. A confirmation is for one request. */
function prefer(isFuseConfirmed: boolean) {
  return { Prefer: isFuseConfirmed ? 'wait=5, confirm=flash-fuse' : 'wait=5' };
}

/** An answer with its ETag, empty if it has none. */
type Sent =
  | { readonly type: 'ok'; readonly value: unknown; readonly etag: string }
  | Extract<Answer<never>, { type: 'problem' }>;

export interface SourceList {
  readonly sources: readonly (Source & { readonly isSeed: boolean })[];
  readonly etag: string;
}

function sourcesIn(sent: Sent): Answer<SourceList> {
  if (sent.type === 'problem') return sent;
  const { sources } = isRecord(sent.value) ? sent.value : {};
  const parsed = (Array.isArray(sources) ? sources : [])
    .filter(isRecord)
    .flatMap(({ name, kind, isSeed }) =>
      typeof name === 'string'
        ? [{ name, kind: kind === 'person' ? ('person' as const) : ('organisation' as const), isSeed: isSeed === true }]
        : [],
    );
  return { type: 'ok', value: { sources: parsed, etag: sent.etag } };
}

function mapAnswer<Value>(answer: Answer<unknown>, parse: (value: unknown) => Value): Answer<Value> {
  return answer.type === 'ok' ? { type: 'ok', value: parse(answer.value) } : answer;
}
