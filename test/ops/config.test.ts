import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../src/ops/config.ts';
import { requireReadable } from '../../src/wiring/roles/process.ts';

/** The line with which a start is refused; empty when it is not. */
function refusalOf(env: Readonly<Record<string, string>>): string {
  try {
    requireReadable(parseConfig(env));
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

const numbers = Object.entries(parseConfig({})).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []));

test.each(numbers.flatMap((name) => ['many', '-1', '1.5', 'NaN', '9e99'].map((value) => [name, value])))(
  '%s=%s is refused in one line with the value and what is allowed',
  (name = '', value = '') => {
    expect(refusalOf({ [name]: value })).toMatch(
      new RegExp(`^${name}: must be a whole number (of \\d+ or more|from \\d+ to \\d+) \\(it is "${value}"\\)$`),
    );
  },
);

test.each([
  ['PORT', '65536', 'PORT: must be a whole number from 0 to 65535 (it is "65536")'],
  ['PORT', 'tcp://10.0.0.1:80', 'PORT: must be a whole number from 0 to 65535 (it is "tcp://10.0.0.1:80")'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent (it is "loud")'],
  ['FLASHWIRE_REDIS_CHECK', 'no', 'FLASHWIRE_REDIS_CHECK: must be one of refuse, warn (it is "no")'],
  ['FLASHWIRE_REDIS_PREFIX', 'a:b', 'FLASHWIRE_REDIS_PREFIX: must be 1 to 32 of a-z0-9 and - (it is "a:b")'],
  ['HOST', 'http://::', 'HOST: must be an IP address or a host name, without a port (it is "http://::")'],
  ['FLASHWIRE_METRICS_HOST', '0.0.0.0/0', 'FLASHWIRE_METRICS_HOST: must be an IP address or a host name'],
  ['REDIS_URL', 'localhost:6379', 'REDIS_URL: must be a URL such as redis://user:password@host:6379/0'],
  ['REDIS_URL', 'redis://localhost/main', 'REDIS_URL: must end with the number of a database, or without a path'],
  ['REDIS_URL', 'redis://localhost/0/1', 'REDIS_URL: must end with the number of a database, or without a path'],
  ['REDIS_URL', 'http://localhost', 'REDIS_URL: must be a URL such as redis://'],
  ['FLASHWIRE_SECURITY_CONTACT', 'me', 'FLASHWIRE_SECURITY_CONTACT: must be a https: or mailto: URL'],
  ['FLASHWIRE_TRUST_PROXY', 'all', 'FLASHWIRE_TRUST_PROXY: must be a number of hops, or addresses and CIDRs'],
])('%s=%s is refused: %s', (name, value, line) => {
  const refusal = refusalOf({ [name]: value });
  expect(refusal.startsWith(line)).toBe(true);
  expect(refusal).not.toMatch(/\n|NaN|; /);
});

test.each([
  ['https://news.example/flash', 'must not have a path (it has /flash)'],
  ['https://news.example/flash/', 'must not have a path'],
  ['https://news.example//', 'must not have a path'],
  ['https://news.example/?a=b', 'must not have a query'],
  ['https://news.example?', 'must not have a query'],
  ['https://news.example/#desk', 'must not have a query or a fragment'],
  ['https://editor:hunter2@news.example', 'must not have a user'],
  ['ftp://news.example', 'must be an http or https URL'],
  ['news.example', 'must be an http or https URL'],
  ['news.example:8080', 'must be an http or https URL'],
  ['https:news.example', 'must be an http or https URL'],
  ['https://*.news.example', 'must not have a wildcard'],
])('FLASHWIRE_PUBLIC_URL=%s is refused: %s', (value, why) => {
  const refusal = refusalOf({ FLASHWIRE_PUBLIC_URL: value });
  expect(refusal).toContain(`FLASHWIRE_PUBLIC_URL: ${why}`);
  expect(refusal).toContain('such as https://news.example');
  expect(refusal).not.toContain('hunter2');
});

test.each([
  ['https://news.example', 'https://news.example'],
  ['https://news.example/', 'https://news.example'],
  ['HTTPS://News.Example:443/', 'https://news.example'],
  ['http://localhost:8080', 'http://localhost:8080'],
  ['https://[2001:db8::1]:8443', 'https://[2001:db8::1]:8443'],
  ['https://zürich.example', 'https://xn--zrich-kva.example'],
])('FLASHWIRE_PUBLIC_URL=%s is %s', (value, origin) => {
  expect(parseConfig({ FLASHWIRE_PUBLIC_URL: value }).FLASHWIRE_PUBLIC_URL).toBe(origin);
});

test.each([
  ['https://*.paper.example', 'https://*.paper.example has a wildcard'],
  ['https://www.paper.example, https://*', 'https://* has a wildcard'],
  ['https://*.paper.example:8443/', 'https://*.paper.example:8443 has a wildcard'],
  ['*, https://paper.example', '* allows all origins only if it is the whole value'],
  ['*.paper.example', 'does not start with http:// or https://'],
  ['paper.example', 'does not start with http:// or https://'],
  ['//paper.example', 'does not start with http:// or https://'],
  ['paper.example:443', 'does not start with http:// or https://'],
  ['file:///', 'does not start with http:// or https://'],
  ['ws://paper.example', 'does not start with http:// or https://'],
  ['https://paper.example https://www.paper.example', 'is not an origin'],
  ['https://paper.example/news', 'https://paper.example is followed by a path or a query'],
  ['https://paper.example/?a', 'is followed by a path or a query'],
  ['https://editor:hunter2@paper.example', 'has a user name or a password'],
  ['null', 'null is the origin of every sandboxed page'],
  [' , ', 'it has no origin'],
])('FLASHWIRE_ALLOWED_ORIGINS=%s is refused: %s', (value, why) => {
  const refusal = refusalOf({ FLASHWIRE_ALLOWED_ORIGINS: value });
  expect(refusal).toMatch(/^FLASHWIRE_ALLOWED_ORIGINS: must be \* or origins such as https:\/\/news.example/);
  expect(refusal).toContain(why);
  expect(refusal).not.toContain('hunter2');
});

test.each(['*', ' * ', 'https://paper.example/', 'HTTPS://Paper.Example:443, http://localhost:3000,'])(
  'FLASHWIRE_ALLOWED_ORIGINS=%s is taken',
  (value) => {
    expect(refusalOf({ FLASHWIRE_ALLOWED_ORIGINS: value })).toBe('');
  },
);

test('a variable that Kubernetes sets for a Service is not read as a port', () => {
  for (const link of ['tcp://10.0.0.1:9090', 'udp://[fd00::1]:9090'])
    expect(parseConfig({ FLASHWIRE_METRICS_PORT: link }).FLASHWIRE_METRICS_PORT).toBe(9_464);
  expect(refusalOf({ FLASHWIRE_METRICS_PORT: 'tcp://10.0.0.1' })).toContain('from 0 to 65535');
});

test('spaces and line ends around a value are ignored, and an empty value counts as not set', () => {
  for (const blank of [' ', '\t', '\n'])
    expect(parseConfig({ PORT: blank, FLASHWIRE_DRAIN_MS: blank })).toEqual(parseConfig({}));
  const key = `fw_admin_${'x'.repeat(32)}`;
  expect(
    parseConfig({
      PORT: ' 80 ',
      LOG_LEVEL: 'warn\n',
      FLASHWIRE_TRUST_PROXY: ' 1',
      FLASHWIRE_BOOTSTRAP_KEY: `${key}\n`,
    }),
  ).toMatchObject({ PORT: 80, LOG_LEVEL: 'warn', FLASHWIRE_TRUST_PROXY: '1', FLASHWIRE_BOOTSTRAP_KEY: key });
});

test.each(['100', '010', '1, 2', '10.0.0.0/8, 1', '2130706433'])('FLASHWIRE_TRUST_PROXY=%s is refused', (value) => {
  expect(refusalOf({ FLASHWIRE_TRUST_PROXY: value })).toMatch(/^FLASHWIRE_TRUST_PROXY: must be a number of hops/);
});

test('an IPv6 address to listen on may be in brackets', () => {
  const { HOST, FLASHWIRE_METRICS_HOST } = parseConfig({ HOST: '[::]', FLASHWIRE_METRICS_HOST: '[::1]' });
  expect([HOST, FLASHWIRE_METRICS_HOST]).toEqual(['::', '::1']);
});

test('all wrong variables are named at once, each one once', () => {
  const refusal = refusalOf({ PORT: 'x', FLASHWIRE_ACCEPT_RATE: '0', LOG_LEVEL: 'y' });
  for (const name of ['PORT', 'FLASHWIRE_ACCEPT_RATE', 'LOG_LEVEL']) expect(refusal.split(`${name}: `)).toHaveLength(2);
});
