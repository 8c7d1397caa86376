/** A request as octets, and its permitted outcome. */
export interface HttpRow {
  readonly name: string;
  readonly send: Buffer;
  /** `refused`: 4xx or a closed connection. `answered`: anything but 5xx. */
  readonly outcome: 'refused' | 'answered';
}

/** A request behind or inside a body. The health page answers only a server that takes it for a request of its own. */
export const smuggled = 'GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n';

interface RequestShape {
  readonly method?: string;
  readonly version?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly lineEnd?: string;
  readonly host?: string | null;
  readonly isLast?: boolean;
}

function request(target: string, shape: RequestShape = {}): Buffer {
  const { method = 'GET', version = 'HTTP/1.1', headers = [], body = '', lineEnd = '\r\n', host = 'localhost' } = shape;
  const closing = shape.isLast === false ? [] : ['Connection: close'];
  const lines = [`${method} ${target} ${version}`, ...(host === null ? [] : [`Host: ${host}`]), ...headers];
  return Buffer.from(`${[...lines, ...closing, '', ''].join(lineEnd)}${body}`, 'latin1');
}

function rowsOf(outcome: HttpRow['outcome'], named: readonly (readonly [string, Buffer])[]): readonly HttpRow[] {
  return named.map(([name, send]) => ({ name, send, outcome }));
}

/** Row 37: lengths and codings that two servers could understand differently. */
export function smuggling(path: string): readonly HttpRow[] {
  const post = (headers: readonly string[], body = smuggled) =>
    request(path, { method: 'POST', headers, body, isLast: false });
  return rowsOf('refused', [
    ['two lengths that differ', post(['Content-Length: 5', `Content-Length: ${smuggled.length}`])],
    ['two lengths that are equal', post(['Content-Length: 5', 'Content-Length: 5'])],
    ['two lengths in one line', post(['Content-Length: 5, 5'])],
    ['CL.TE', post(['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`)],
    ['TE.CL', post(['Transfer-Encoding: chunked', 'Content-Length: 4'], `5c\r\n${smuggled}\r\n0\r\n\r\n`)],
    ['TE.TE', post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], `0\r\n\r\n${smuggled}`)],
    ['a space before the colon', post(['Transfer-Encoding : chunked', 'Content-Length: 4'], `0\r\n\r\n${smuggled}`)],
    ['a tab before the coding', post(['Content-Length: 4', 'Transfer-Encoding:\tchunked'], `0\r\n\r\n${smuggled}`)],
    ['a coding nobody knows', post(['Transfer-Encoding: xchunked', 'Content-Length: 4'])],
    ['chunked that is not the last coding', post(['Transfer-Encoding: chunked, gzip'], `0\r\n\r\n${smuggled}`)],
    ['a header that is folded', post(['X: a\r\n Content-Length: 4', 'Content-Length: 5'])],
    ['a length below zero', post(['Content-Length: -1'])],
    ['a length with a sign', post(['Content-Length: +5'])],
    ['a length in hex', post(['Content-Length: 0x10'])],
    ['a length beyond 2^64', post(['Content-Length: 99999999999999999999'])],
    ['a length that is no number', post(['Content-Length: five'])],
    ['a chunk whose size is no number', post(['Transfer-Encoding: chunked'], `zz\r\n${smuggled}`)],
    ['a chunk larger than 2^64', post(['Transfer-Encoding: chunked'], `fffffffffffffffff\r\n${smuggled}`)],
    ['a chunk longer than its size', post(['Transfer-Encoding: chunked'], `1\r\nabc\r\n0\r\n\r\n${smuggled}`)],
    [
      'lines that end with LF alone',
      request(path, { method: 'POST', lineEnd: '\n', headers: ['Content-Length: 5'], body: smuggled, isLast: false }),
    ],
    ['lines that end with CR alone', request(path, { method: 'POST', lineEnd: '\r', body: smuggled })],
    ['a bare CR in a header', request(path, { headers: ['X: a\rb'] })],
    ['NUL in a header', request(path, { headers: ['X: a\0b'] })],
    ['NUL in the name of a header', request(path, { headers: ['X\0: a'] })],
    ['a header without a colon', request(path, { headers: ['X'] })],
    ['a header without a name', request(path, { headers: [': a'] })],
    ['a header with a space in its name', request(path, { headers: ['X Y: a'] })],
  ]);
}

/** Rows 36 and 37: bytes that are not a request of HTTP/1.1. */
export function requestLines(path: string): readonly HttpRow[] {
  return [
    ...rowsOf('refused', [
      ['no host', request(path, { host: null })],
      ['absolute form of another scheme', request(`gopher://evil.example${path}`)],
      ['authority form', request('evil.example:80')],
      ['asterisk form', request('*')],
      ['two slashes in front', request(`//evil.example${path}`)],
      ['a backslash', request(`\\..\\..${path}`)],
      ['the preface of HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
      ['HTTP/3.7', request(path, { version: 'HTTP/3.7' })],
      ['a TLS hello', Buffer.from('16030100c8010000c403031f', 'hex')],
      ['nothing but zeros', Buffer.alloc(4_096)],
      ['nothing but letters', Buffer.alloc(20_000, 'A')],
      ['a made-up method', request(path, { method: 'FROBNICATE' })],
      ['a method in lower case', request(path, { method: 'get' })],
      ['TRACE', request(path, { method: 'TRACE' })],
      ['CONNECT', request('evil.example:443', { method: 'CONNECT' })],
      ['CONNECT to a path', request(path, { method: 'CONNECT' })],
      ['PROPFIND', request(path, { method: 'PROPFIND' })],
      ['an expectation nobody knows', request(path, { headers: ['Expect: a-miracle'] })],
      ['NUL in the address', request(`${path}\0`)],
      ['a space in the address', request(`${path} x`)],
      ['2,000 headers', request(path, { headers: Array.from({ length: 2_000 }, (_, n) => `X-${n}: ${n}`) })],
      ['a header of 9 kB', request(path, { headers: [`X: ${'a'.repeat(9_216)}`] })],
      ['a cookie of 16 kB', request(path, { headers: [`Cookie: a=${'b'.repeat(16_384)}`] })],
      ['a header name of 9 kB', request(path, { headers: [`${'X'.repeat(9_216)}: a`] })],
      ['an address of 9 kB', request(`${path}${path.includes('?') ? '&' : '?'}a=${'b'.repeat(9_216)}`)],
      ['an address of 100 kB', request(`/${'b'.repeat(102_400)}`)],
    ]),
    ...rowsOf('answered', [
      ['HTTP/0.9', Buffer.from(`GET ${path}\r\n\r\n`)],
      ['the name of another protocol', request(path, { version: 'RTSP/1.0' })],
      ['HTTP/1.0', request(path, { version: 'HTTP/1.0' })],
      ['absolute form', request(`http://evil.example${path}`)],
      [
        'HTTP/2 as an upgrade',
        request(path, {
          headers: ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__', 'Connection: Upgrade, HTTP2-Settings'],
        }),
      ],
      ['two hosts', request(path, { headers: ['Host: evil.example'] })],
      ['65 headers', request(path, { headers: Array.from({ length: 65 }, (_, n) => `X-${n}: ${n}`) })],
      [
        'headers named like members of an object',
        request(path, {
          headers: ['__proto__: a', 'constructor: b', 'hasOwnProperty: c', 'toString: d', '__proto__: e'],
        }),
      ],
      [
        'parameters named like members of an object',
        request(`${path}${path.includes('?') ? '&' : '?'}__proto__=a&constructor=b&__proto__[x]=c`),
      ],
      ['octets beyond ASCII in a header', request(path, { headers: ['X: \xff\xfe\x80', 'Origin: \xe9'] })],
      ['ranges', request(path, { headers: [`Range: bytes=${'0-,'.repeat(1_000)}0-`] })],
      ['a list of tags', request(path, { headers: [`If-None-Match: ${'"a", '.repeat(1_000)}"b"`] })],
      [
        'what a proxy might say',
        request(path, {
          headers: [
            'X-Forwarded-For: ,,, unknown, [::1]:80, 999.1.1.1',
            'Forwarded: for=_x;for=',
            'X-Forwarded-Proto: x y',
            'X-Original-URL: /v1/keys',
            'X-HTTP-Method-Override: DELETE',
          ],
        }),
      ],
      [
        'credentials that are none',
        request(path, {
          headers: ['Authorization: Bearer \x01', 'Authorization: Basic Og==', 'Cookie: ;;=;__proto__=x;%=%'],
        }),
      ],
      [
        '100-continue',
        request(path, {
          method: 'POST',
          headers: ['Expect: 100-continue', 'Content-Length: 2', 'Content-Type: application/json'],
          body: '{}',
        }),
      ],
      ['a body with GET', request(path, { headers: ['Content-Length: 5'], body: 'hello' })],
      [
        'a body with a coding',
        request(path, {
          method: 'POST',
          headers: ['Content-Encoding: gzip', 'Content-Type: application/json', 'Content-Length: 4'],
          body: '\x1f\x8b\x08\x00',
        }),
      ],
      ...['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, request(path, { method })] as const),
    ]),
  ];
}

/** Addresses that try to leave the served folder. None of them exists. */
export const addresses: readonly HttpRow[] = rowsOf(
  'refused',
  [
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2f..%2fetc%2fpasswd',
    '/%252e%252e%252fetc%252fpasswd',
    '/examples/../../package.json',
    '/examples/..%2f..%2fpackage.json',
    '/examples/%00.svg',
    '/ticker-..%2f..%2fmain.js',
    '/ticker-/../../main.js',
    '/live%2fen',
    '/v1%2fitems',
    '/v1/feed%2ejson%2f..',
    '/v1/items/..%2f..%2fkeys',
    '/v1/feed/items/..%2f..%2fkeys',
    '/v1/feed/items/%00',
    '/item/%2e%2e%2f%2e%2e',
    '/item/__proto__',
    '/item/constructor',
    '/live/__proto__',
    '/live/constructor',
    '/section/en/__proto__',
    '/region/en/constructor',
    '/topic/__proto__/constructor',
    '/article/__proto__',
    '/article/constructor',
    '/feeds/__proto__.rss',
    '/feeds/../en.rss',
    '/live/%',
    '/live/%zz',
    '/item/%E0%A4%A',
    '/topic/en/%C0%AF',
    '/topic/en/%ff%fe',
    '/v1/commands/%/%',
    '/v1/feed.json?edition=%',
    '/v1/feed.json?edition=__proto__',
    '/v1/feed.json?edition=constructor',
    '/v1/feed.json?edition=en&section=__proto__',
    '/v1/feed.json?edition=en&limit=1e9',
    `/v1/feed.json?edition=en${Array.from({ length: 300 }, (_, n) => `&topic=t${n}`).join('')}`,
    '/v1/feed/history?edition=en&before=-1',
    '/v1/feed/history?edition=en&before=9999999999999999999999',
    '/v1/feed.poll?edition=en&wait=99999',
    '/v1/feed.sse?edition=%00',
    '/.git/config',
    '/.env',
    '/server-status',
    '/metrics',
    '/dist/src/main.js',
    '/node_modules/ws/package.json',
    '/desk/../v1/keys',
    '/v1/keys',
    '/v1/test/keys',
    '/v1/test/../keys',
  ].map((address) => [address.slice(0, 60), request(address)] as const),
);
