import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { testKey } from '../../test/resources/flashwire.ts';
import { queryText, sinceText, validBody } from './fuzz-pure.ts';
import { jsonOf, mutated, mutatedText, nastyText } from './mutate.ts';

/** Something to ask of a process that runs, and a name for what it tries. */
export interface WireCase {
  readonly target: string;
  readonly where: 'api' | 'feed';
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes as they go into the socket, in the place of all the above. */
  readonly raw?: Buffer;
}

/** Null: the connection ended, or said nothing in time. */
export type WireAnswer = { readonly status: number | null; readonly body: string };

const json = { 'content-type': 'application/json' };
const key = { authorization: `Bearer ${testKey}` };

/** What a header may carry as Node sends it: visible ASCII and Latin-1. */
const headerText = nastyText.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 2_000));

const bodies = (id: string) =>
  fc
    .tuple(
      fc.oneof(
        mutated(validBody).map(jsonOf),
        mutatedText(validBody.map(jsonOf)),
        mutatedText(fc.constant('{"key":"fw_"}')),
      ),
      fc.constantFrom(
        ['POST', '/v1/items'],
        ['POST', '/v1/items'],
        ['POST', '/v1/test/items'],
        ['PUT', `/v1/items/${id}`],
        ['POST', `/v1/items/${id}/retract`],
        ['POST', `/v1/items/${id}/withhold`],
        ['POST', '/v1/session'],
        ['POST', '/v1/keys'],
        ['PUT', '/v1/stop'],
      ),
    )
    .map(
      ([body, [method = '', path = '']]): WireCase => ({
        ...{ target: 'API bodies', where: 'api', method, path, body },
        headers: { ...json, ...key, 'if-match': '"1"' },
      }),
    );

const apiHeader = (id: string) =>
  fc
    .tuple(
      fc.constantFrom(
        'authorization',
        'cookie',
        'content-type',
        'if-match',
        'idempotency-key',
        'prefer',
        'origin',
        'host',
      ),
      fc.oneof(
        headerText,
        mutatedText(fc.constantFrom(`Bearer ${testKey}`, 'fw_session=x', '"3"', 'wait=5')).map(latin),
      ),
      fc.constantFrom(['POST', '/v1/items'], ['GET', '/v1/items?edition=es'], ['PUT', `/v1/items/${id}`]),
    )
    .map(
      ([name, value, [method = '', path = '']]): WireCase => ({
        ...{ target: 'API headers', where: 'api', method, path, headers: { ...json, ...key, [name]: value } },
        ...(method !== 'GET' && { body: '{"edition":"es","headline":"Fuzz"}' }),
      }),
    );

const apiPath = (id: string) =>
  mutatedText(
    fc.constantFrom(
      `/v1/items/${id}`,
      `/v1/items/${id}/delivery`,
      '/v1/items?edition=es&state=held&limit=5&before=1_x',
      '/v1/audit?before=1&limit=2',
      '/v1/commands/es/c_1',
      '/desk',
    ),
  ).map(
    (text): WireCase => ({ target: 'API addresses', where: 'api', method: 'GET', path: pathOf(text), headers: key }),
  );

const feedAddress = fc
  .tuple(
    fc.constantFrom(
      '/v1/feed.json?',
      '/v1/feed.poll?wait=0&',
      '/v1/feed/history?before=9&',
      '/feeds/en.rss?',
      '/live/en?',
    ),
    queryText,
    headerText,
  )
  .map(
    ([start, query, etag]): WireCase => ({
      ...{ target: 'filters', where: 'feed', method: 'GET', path: pathOf(start + query) },
      headers: { 'if-none-match': etag },
    }),
  );

const resumed = fc.tuple(sinceText, fc.constantFrom('/v1/feed.poll?wait=0&', '/v1/feed.json?'), headerText).map(
  ([since, start, last]): WireCase => ({
    ...{ target: 'since', where: 'feed', method: 'GET' },
    path: pathOf(`${start}edition=en&since=${encodeURIComponent(since.toWellFormed())}`),
    headers: { 'last-event-id': last },
  }),
);

const handshake = (path: string, more: string) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;
const goodHandshake = fc.constantFrom(
  handshake('/v1/feed?edition=en', ''),
  handshake('/v1/feed?edition=en&since=k3f9a2xq:1', 'Sec-WebSocket-Protocol: flashwire.v1\r\n'),
  handshake('/v1/feed?edition=en', 'Sec-WebSocket-Extensions: permessage-deflate\r\nOrigin: null\r\n'),
);
/** A frame's first bytes with any bits, a length that may lie, and anything behind it. */
const anyFrame = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 160 }))
  .map(([first, second, rest]) => Buffer.from([first, second, ...rest]));
const raws = fc
  .oneof(
    mutatedText(goodHandshake).map((text) => Buffer.from(text)),
    fc
      .tuple(goodHandshake, fc.array(anyFrame, { maxLength: 6 }))
      .map(([text, sent]) => Buffer.concat([Buffer.from(text), ...sent])),
    fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  )
  .map((raw): WireCase => ({ target: 'upgrade', where: 'feed', method: '', path: '', headers: {}, raw }));

/** `id`: of an item that there is. */
export const wireCases = (id: string): fc.Arbitrary<WireCase> =>
  fc.oneof(
    { weight: 8, arbitrary: bodies(id) },
    { weight: 3, arbitrary: apiHeader(id) },
    { weight: 2, arbitrary: apiPath(id) },
    { weight: 4, arbitrary: feedAddress },
    { weight: 3, arbitrary: resumed },
    { weight: 4, arbitrary: raws },
  );

/** Sends cases over a few connections that stay open. */
export class Wire {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #urls: Readonly<Record<WireCase['where'], string>>;

  constructor(urls: Readonly<Record<WireCase['where'], string>>) {
    this.#urls = urls;
  }

  send(asked: WireCase): Promise<WireAnswer> {
    const url = new URL(this.#urls[asked.where]);
    return asked.raw ? sendRaw(Number(url.port), url.hostname, asked.raw) : this.#sendHttp(url, asked);
  }

  close(): void {
    this.#agent.destroy();
  }

  #sendHttp({ hostname, port }: URL, { method, path, headers, body }: WireCase): Promise<WireAnswer> {
    return new Promise((resolve) => {
      const silent = () => resolve({ status: null, body: '' });
      const asking = request(
        { hostname, port, method, path, headers, agent: this.#agent, timeout: 8_000 },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? null, body: Buffer.concat(chunks).toString('utf8', 0, 2_000) }),
          );
          answer.on('error', silent);
        },
      );
      asking.on('timeout', () => asking.destroy());
      asking.on('error', silent);
      asking.end(body);
    });
  }
}

const rawPatienceMs = 150;

/** Resolves with the first line's status once anything was said, when it ends, or after a short while. */
function sendRaw(port: number, host: string, bytes: Buffer): Promise<WireAnswer> {
  return new Promise((resolve) => {
    const heard: Buffer[] = [];
    const socket = connect(port, host);
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      const text = Buffer.concat(heard).toString('latin1');
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      resolve({ status: status === undefined ? null : Number(status), body: text.slice(0, 2_000) });
    };
    const timer = setTimeout(end, rawPatienceMs);
    socket.on('data', (chunk) => heard.push(chunk));
    socket.on('close', end);
    socket.on('error', () => undefined); // a reset is an answer; `close` follows
    socket.end(bytes);
  });
}

function latin(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 2_000);
}

/** What a request line can carry; other characters are for the raw bytes. */
function pathOf(text: string): string {
  const path = text
    .replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character.toWellFormed()))
    .slice(0, 4_000);
  return path.startsWith('/') ? path : `/${path}`;
}
