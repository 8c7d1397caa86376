import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { freePort } from '../../bench/process/free-port.ts';
import { runFlashwire, until } from '../resources/flashwire.ts';
import { startSentinel } from '../resources/redis-sentinels.ts';
import { connect, ownPrefix, type RedisServer, startRedis } from '../resources/redis-server.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

const stack = new ResourceStack();
const forgetful = ['--save', '', '--appendonly', 'no'];
/** By name: where it is, with user and password. */
const places: Record<string, string> = {};

beforeAll(async () => {
  const redis = async (settings: readonly string[] = []) => stack.use(await startRedis([...forgetful, ...settings]));
  const [guarded, primary] = await Promise.all([redis(), redis()]);
  using admin = connect(guarded.url);
  await admin.redis.call('ACL', 'SETUSER', 'reader', 'on', '>secret', '+@connection', '+info', '~*');
  await admin.redis.config('SET', 'requirepass', 'secret');
  places['guarded'] = guarded.url;
  places['wrong'] = guarded.url.replace('//', '//:hunter2@');
  places['reader'] = guarded.url.replace('//', '//reader:secret@');
  places['database'] = `${primary.url}/99`;
  places['plain'] = primary.url.replace('redis:', 'rediss:');
  places['replica'] = (await redis(['--replicaof', `127.0.0.1 ${new URL(primary.url).port}`])).url;
  places['cluster'] = (await startCluster(stack)).url;
  places['no cluster'] = primary.url.replace('redis:', 'redis-cluster:');
  places['other cluster'] = (await startShard(stack, 0, 16_383)).url;
  places['tls'] = await startTlsRedis(stack);
  places['untrusted'] = places['tls'].replace('redis:', 'rediss:');
  const primaryPort = Number(new URL(primary.url).port);
  const sentinel = async (settings: readonly string[] = []) => {
    const { port } = await startSentinel(stack, `127.0.0.1 ${primaryPort}`, settings);
    return `redis-sentinel://127.0.0.1:${port}/0#flash`;
  };
  const watching = await sentinel();
  places['name'] = watching.replace('#flash', '#breaking');
  places['data'] = `redis-sentinel://127.0.0.1:${primaryPort}/0#flash`;
  places['sentinel'] = watching.replace('redis-sentinel:', 'redis:').replace('/0#flash', '');
  places['guarded Sentinel'] = await sentinel(['requirepass secret']);
  const web = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  stack.defer(() => void web.close());
  await once(web, 'listening');
  places['web'] = `redis://127.0.0.1:${(web.address() as AddressInfo).port}`;
});

afterAll(() => stack[Symbol.asyncDispose]());

async function startShard(stack: ResourceStack, from: number, to: number): Promise<RedisServer & { bus: number }> {
  // Its bus would be at this port plus 10,000, which may be beyond the last one.
  const bus = await freePort();
  const settings = [...forgetful, '--cluster-enabled', 'yes', '--cluster-port', String(bus)];
  const server = { ...stack.use(await startRedis(settings)), bus };
  using admin = connect(server.url);
  await admin.redis.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
  return server;
}

/** Two shards that know each other. */
async function startCluster(stack: ResourceStack): Promise<RedisServer> {
  const [first, second] = await Promise.all([startShard(stack, 0, 8_191), startShard(stack, 8_192, 16_383)]);
  using admin = connect(first.url);
  await admin.redis.call('CLUSTER', 'MEET', '127.0.0.1', new URL(second.url).port, second.bus);
  const isWhole = async () =>
    /cluster_state:ok[\s\S]*cluster_size:2/.test(String(await admin.redis.call('CLUSTER', 'INFO')));
  await until(isWhole, 20_000, 'the cluster is whole');
  return first;
}

async function startTlsRedis(stack: ResourceStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-tls-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/CN=localhost', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', '-nodes', '-keyout', key, '-out', certificate, ...made], {
    stdio: 'ignore',
  });
  const port = await freePort();
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  stack.use(await startRedis([...forgetful, '--tls-port', String(port), '--tls-auth-clients', 'no', ...files]));
  return `redis://127.0.0.1:${port}`;
}

const causes = [
  ['guarded', 'requires a password: set REDIS_URL=redis://user:password@host:port'],
  ['wrong', 'rejects the user and password of REDIS_URL'],
  ['reader', 'denies this user a command that its role needs: create its rules again (deploy/redis-users.acl)'],
  ['database', 'does not have the database of REDIS_URL'],
  ['plain', 'does not speak TLS on this port: begin REDIS_URL with redis instead of rediss, or use the TLS port'],
  ['tls', 'speaks TLS on this port: begin REDIS_URL with rediss'],
  ['untrusted', 'has a certificate that is not trusted: set REDIS_TLS_CA_FILE to the file of its authority'],
  ['web', 'is not a Redis: another program listens on this port'],
  ['sentinel', 'is a Sentinel: begin REDIS_URL with redis-sentinel:// and end it with # and the name of the primary'],
  ['replica', 'is a Redis replica and rejects writes: point REDIS_URL to its primary'],
  ['no cluster', 'is not a cluster: begin REDIS_URL with redis:// or rediss://'],
  ['cluster', 'is a cluster of 2 shards: begin REDIS_URL with redis-cluster:// or rediss-cluster://'],
] as const;

test.concurrent.each(causes)('a start on a Redis (%s) that %s ends with 2 and one line', async (place, why) => {
  const url = places[place] ?? '';
  const { code, err } = await runFlashwire(['worker'], { REDIS_URL: url, LOG_LEVEL: 'silent' });
  expect(err).toMatch(/^flashwire: .* \(the start stops\)\n$/);
  expect(err).toContain(`flashwire: Redis at ${new URL(url).host} ${why}`);
  expect(err).not.toMatch(/secret|hunter2/);
  expect(code).toBe(2);
});

test.concurrent.each([
  ['name', {}, 'do not know the name after # in REDIS_URL: SENTINEL MASTERS lists the names'],
  ['data', {}, 'are not Sentinels: use their port, usually 26379, or begin REDIS_URL with redis://'],
  ['guarded Sentinel', {}, 'require a password: set REDIS_SENTINEL_PASSWORD'],
  ['guarded Sentinel', { REDIS_SENTINEL_PASSWORD: 'hunter2' }, 'reject REDIS_SENTINEL_USERNAME and'],
])('a start with Sentinels (%s) and %o ends with 2 and a line that says why', async (place, more, why) => {
  const { code, err } = await runFlashwire(['worker'], {
    REDIS_URL: places[place] ?? '',
    LOG_LEVEL: 'silent',
    ...more,
  });
  expect(err).toMatch(/^flashwire: the Sentinels at 127.0.0.1:\d+ .* \(the start stops\)\n$/);
  expect(err).toContain(why);
  expect(err).not.toMatch(/secret|hunter2/);
  expect(code).toBe(2);
});

test.concurrent.each([
  ['api', 'wrong', 'rejects the user and password of REDIS_URL'],
  ['fanout', 'cluster', 'is a cluster of 2 shards'],
  ['all', 'cluster', 'is a cluster of 2 shards'],
])('%s on a Redis (%s) that %s ends with 2 too', async (role, place, why) => {
  const { code, err } = await runFlashwire([role], { REDIS_URL: places[place] ?? '', LOG_LEVEL: 'silent' });
  expect([code, err]).toEqual([2, expect.stringMatching(/^flashwire: Redis at .*\n$/)]);
  expect(err).toContain(why);
});

test('a start on the nodes of two clusters ends with 2 and one line', async () => {
  const [one, other] = ['cluster', 'other cluster'].map((name) => new URL(places[name] ?? '').host);
  const { code, err } = await runFlashwire(['worker'], {
    REDIS_URL: `redis-cluster://${one},${other}`,
    LOG_LEVEL: 'silent',
  });
  expect(err).toMatch(
    /^flashwire: Redis at 127\.0\.0\.1:\d+ belongs to another cluster than the other hosts of REDIS_URL: .*\n$/,
  );
  expect(code).toBe(2);
});

test('an export prints the same reason', async () => {
  const { code, err } = await runFlashwire(['export'], { REDIS_URL: places['wrong'] ?? '' });
  expect(code).toBe(3);
  expect(err).toMatch(
    /^flashwire: Redis at \S+ rejects the user and password of REDIS_URL, where .* percent-encoded\n$/,
  );
});

test.each([
  [
    '203.0.113.1',
    /^flashwire: HOST: 203.0.113.1 is not an address of this machine \(EADDRNOTAVAIL\); set HOST to one.* \(the start stops\)\n$/,
  ],
  ['no-such-host.invalid', /^flashwire: HOST: no-such-host.invalid is not an address of this machine \(E\w+\)/],
])('an address of another machine (%s) ends with 2 and one line', async (host, line) => {
  const env = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix(), HOST: host };
  const { code, err } = await runFlashwire(['api'], env);
  expect(err).toMatch(line);
  expect(code).toBe(2);
});
