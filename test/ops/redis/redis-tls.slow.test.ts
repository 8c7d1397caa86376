import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../../bench/process/free-port.ts';
import { connectRedis, whenReady } from '../../../src/ops/redis/redis.ts';
import { parseRedisAddress } from '../../../src/ops/redis/redis-address.ts';
import { RedisTrouble } from '../../../src/ops/redis/redis-trouble.ts';
import { type Certificate, openCertificates } from '../../resources/certificates.ts';
import { startSentinel } from '../../resources/redis-sentinels.ts';
import { startRedis } from '../../resources/redis-server.ts';
import { ResourceStack } from '../../resources/resource-stack.ts';

const stack = new ResourceStack();
const certificates = openCertificates();
const [server, client, old] = [
  certificates.make('server'),
  certificates.make('client'),
  certificates.make('old', true),
];
const text = (file: string) => readFileSync(file, 'utf8');
const login = { REDIS_TLS_CERT: text(client.cert), REDIS_TLS_KEY: text(client.key) };
/** By name: the address, without the variables beside it. */
const urls: Record<string, string> = {};

async function startTls({ key, cert }: Certificate, auth: 'yes' | 'no') {
  const port = await freePort();
  const tls = [
    '--tls-cert-file',
    cert,
    '--tls-key-file',
    key,
    '--tls-ca-cert-file',
    client.cert,
    '--tls-auth-clients',
    auth,
  ];
  stack.use(await startRedis(['--save', '', '--tls-port', String(port), ...tls]));
  return port;
}

beforeAll(async () => {
  const [guarded, open, expired] = await Promise.all([
    startTls(server, 'yes'),
    startTls(server, 'no'),
    startTls(old, 'no'),
  ]);
  const settings = [
    `tls-port ${await freePort()}`,
    'tls-replication yes',
    `tls-cert-file ${server.cert}`,
    `tls-key-file ${server.key}`,
    `tls-ca-cert-file ${server.cert}`,
    'tls-auth-clients no',
  ];
  await startSentinel(stack, `127.0.0.1 ${open}`, settings);
  urls['guarded'] = `rediss://127.0.0.1:${guarded}`;
  urls['open'] = `rediss://localhost:${open}`;
  urls['expired'] = `rediss://127.0.0.1:${expired}`;
  urls['sentinel'] = `rediss-sentinel://127.0.0.1:${settings[0]?.slice('tls-port '.length)}/0#flash`;
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  certificates[Symbol.dispose]();
});

/** `ready`, or the line with which a start stops. */
async function outcomeOf(place: string, more: Readonly<Record<string, string>>): Promise<string> {
  const address = parseRedisAddress({ REDIS_URL: urls[place] ?? '', ...more });
  const trouble = new RedisTrouble(address);
  const redis = connectRedis(address, 'command', 'tls', (error) => trouble.note(error));
  try {
    await trouble.unless(whenReady(redis));
    return String(await redis.ping());
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    redis.disconnect();
  }
}

const ca = { REDIS_TLS_CA: text(server.cert) };

test.each([
  ['open', ca, 'PONG'],
  ['guarded', { ...ca, ...login }, 'PONG'],
  ['sentinel', ca, 'PONG'],
  ['open', {}, 'has a certificate that is not trusted: set REDIS_TLS_CA_FILE to the file of its authority'],
  ['sentinel', {}, 'has a certificate that is not trusted: set REDIS_TLS_CA_FILE to the file of its authority'],
  ['expired', { REDIS_TLS_CA: text(old.cert) }, 'has a certificate that has expired: renew it'],
  [
    'guarded',
    ca,
    'asks for a certificate of this client that it trusts: set REDIS_TLS_CERT_FILE and REDIS_TLS_KEY_FILE',
  ],
] as const)(
  'over TLS, Redis (%s) with its variables answers, or the start stops with a reason',
  async (place, more, expected) => {
    const outcome = await outcomeOf(place, more);
    if (expected !== 'PONG') expect(outcome).toMatch(/^(Redis at|a Sentinel of) (127.0.0.1|localhost):\d+ /);
    expect(outcome.endsWith(expected)).toBe(true);
  },
);
