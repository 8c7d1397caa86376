import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../../src/ops/config.ts';
import { parseRedisAddress, whereIs } from '../../../src/ops/redis/redis-address.ts';

const addressOf = (REDIS_URL: string, more = {}) => parseRedisAddress(parseConfig({ REDIS_URL, ...more }));

/** The line with which a start is refused. */
function refusalOf(REDIS_URL: string, more: Readonly<Record<string, string>> = {}): string {
  try {
    parseConfig({ REDIS_URL, ...more });
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

const plain = { username: undefined, password: undefined, db: 0, tls: null };

test.each([
  ['redis://redis', { ...plain, kind: 'single', places: [{ host: 'redis', port: 6_379 }] }],
  ['REDIS://10.0.0.1:7000/15', { ...plain, kind: 'single', places: [{ host: '10.0.0.1', port: 7_000 }], db: 15 }],
  ['redis://[2001:db8::1]:7000', { ...plain, kind: 'single', places: [{ host: '2001:db8::1', port: 7_000 }] }],
  ['rediss://redis/', { ...plain, kind: 'single', places: [{ host: 'redis', port: 6_379 }], tls: {} }],
  [
    'redis-cluster://a,b:7000,[::1]',
    {
      ...plain,
      kind: 'cluster',
      places: [
        { host: 'a', port: 6_379 },
        { host: 'b', port: 7_000 },
        { host: '::1', port: 6_379 },
      ],
    },
  ],
  [
    'rediss-sentinel://api:secret@a,b:26380/2#my%20primary',
    {
      kind: 'sentinel',
      name: 'my primary',
      username: 'api',
      password: 'secret',
      sentinelLogin: { username: undefined, password: undefined },
      places: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 26_380 },
      ],
      db: 2,
      tls: {},
    },
  ],
])('%s is an address', (url, address) => {
  expect(addressOf(url)).toEqual(address);
});

test.each([
  ['redis://api:p%23a%40s%3As@redis', 'api', 'p#a@s:s'],
  ['redis://a%40b:secret@redis', 'a@b', 'secret'],
  ['redis://:secret@redis', undefined, 'secret'],
  ['redis://api:a:b@redis', 'api', 'a:b'],
  ['redis://api@redis', 'api', undefined],
])('%s has its user and its password', (url, username, password) => {
  expect(addressOf(url)).toMatchObject({ username, password });
});

const encode = 'has a user or password with one of # @ / ?: percent-encode them (%23 %40 %2F %3F)';

test.each([
  ['redis://api:hunter#2@redis', encode],
  ['redis://api:hunter@2@redis', encode],
  ['redis://api:hunter/2@redis:6379', encode],
  ['redis://api:hunter?2@redis', encode],
  ['redis-sentinel://api:hunter#2@redis:26379#name', encode],
  ['redis://api:hunter%2@redis', 'has a user or password with a % that encodes nothing: write %25'],
  ['redis://api:hunter2@redis?db=1', 'must not have a query'],
  ['redis://api:hunter2@redis#name', 'must not have a # unless it begins with redis-sentinel://'],
  ['redis://api:hunter2@a,b', 'has several hosts: begin it with redis-sentinel:// or redis-cluster://'],
  ['redis-sentinel://api:hunter2@a,b/0', 'must end with # and the name that the Sentinels know'],
  ['redis-cluster://api:hunter2@a,b/1', 'must not have a number of a database: a cluster has database 0 only'],
  ['redis://api:hunter2@', 'must be a URL such as redis://'],
  ['redis://api:hunter2@redis:0', 'must be a URL such as redis://'],
  ['redis://api:hunter2@redis:70000', 'must be a URL such as redis://'],
  ['redis://api:hunter2@[::zz]:1', 'must be a URL such as redis://'],
  ['redis-cluster://api:hunter2@a,,b', 'must be a URL such as redis://'],
  ['redis+sentinel://api:hunter2@a', 'must be a URL such as redis://'],
])('%s is refused in one line without the password', (url, why) => {
  const line = refusalOf(url);
  expect(line.startsWith(`REDIS_URL: ${why}`)).toBe(true);
  expect(line).not.toMatch(/hunter|\n/);
});

test('Sentinels have a login of their own', () => {
  const more = { REDIS_SENTINEL_USERNAME: 'watcher', REDIS_SENTINEL_PASSWORD: 'p#a@s:s' };
  expect(addressOf('redis-sentinel://api:secret@a#name', more)).toMatchObject({
    username: 'api',
    sentinelLogin: { username: 'watcher', password: 'p#a@s:s' },
  });
  expect(refusalOf('redis://a', more)).toMatch(/^REDIS_SENTINEL_PASSWORD: applies only if REDIS_URL begins with/);
  const { REDIS_SENTINEL_USERNAME } = more;
  expect(refusalOf('redis-sentinel://a#name', { REDIS_SENTINEL_USERNAME })).toBe(
    'REDIS_SENTINEL_USERNAME: set REDIS_SENTINEL_PASSWORD too',
  );
});

test('the authority and the certificate of a client come from files, and are refused if they are none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flashwire-tls-'));
  const [key, cert, otherKey] = ['key', 'cert', 'other'].map((name) => join(folder, name)) as [string, string, string];
  const make = ['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/CN=a'];
  for (const [keyOut, out] of [
    [otherKey, cert],
    [key, cert],
  ] as const)
    execFileSync('openssl', [...make, '-keyout', keyOut, '-out', out], { stdio: 'ignore' });
  const files = { REDIS_TLS_CA_FILE: cert, REDIS_TLS_CERT_FILE: cert, REDIS_TLS_KEY_FILE: key };
  expect(addressOf('rediss://a', files).tls).toMatchObject({ key: readFileSync(key, 'utf8').trim() });
  expect(refusalOf('redis://a', files)).toMatch(/^REDIS_URL: must begin with rediss for TLS/);
  expect(refusalOf('rediss://a', { REDIS_TLS_CA: 'none' })).toBe('REDIS_TLS_CA: must be certificates in PEM');
  expect(refusalOf('rediss://a', { REDIS_TLS_CERT_FILE: cert })).toMatch(/^REDIS_TLS_CERT: set REDIS_TLS_CERT and/);
  expect(refusalOf('rediss://a', { ...files, REDIS_TLS_KEY_FILE: otherKey })).toBe(
    'REDIS_TLS_KEY: must be the key of REDIS_TLS_CERT in PEM',
  );
  rmSync(folder, { recursive: true });
});

test('a message names the hosts, and nothing else of the URL', () => {
  expect(whereIs(addressOf('redis-sentinel://api:hunter2@a,[::1]:26380#name'))).toBe('a:26379,[::1]:26380');
});
