import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseRedisAddress, type RedisAddress } from '../../src/ops/redis/redis-address.ts';

/** Runs the script for this address; resolves with a reader of the files that it made. */
function usersAt(address: string): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'flashwire-users-'));
  const { status, stderr } = spawnSync(process.execPath, [
    'scripts/redis-users.mjs',
    ...['--out', folder, '--host', address],
  ]);
  expect(`${status} ${stderr}`).toBe('0 ');
  const names = ['redis-users.acl', 'redis-fanout', 'redis-worker', 'redis-admin'];
  const files = new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8').trim()]));
  rmSync(folder, { recursive: true });
  return (name) => files.get(name) ?? '';
}

const hostsAt = (port: number, ...hosts: readonly string[]) => hosts.map((host) => ({ host, port }));

test.each<[string, string, Partial<RedisAddress>, string]>([
  [
    'Sentinels',
    'redis-sentinel://a:26379,b:26379/1#the-primary',
    { kind: 'sentinel', name: 'the-primary', places: hostsAt(26_379, 'a', 'b'), db: 1, username: 'fanout-1' },
    'redis://admin:PASSWORD@a:6379',
  ],
  [
    'a cluster, with TLS',
    'rediss-cluster://[::1]:7001,b:7001',
    { kind: 'cluster', places: hostsAt(7_001, '::1', 'b'), db: 0, username: 'fanout', tls: {} },
    'rediss://admin:PASSWORD@[::1]:7001',
  ],
  [
    'one Redis, with TLS',
    'rediss://redis.example:6380',
    { kind: 'single', places: hostsAt(6_380, 'redis.example'), db: 0, username: 'fanout', tls: {} },
    'rediss://admin:PASSWORD@redis.example:6380',
  ],
  [
    'one Redis',
    'redis:6379/2',
    { kind: 'single', places: hostsAt(6_379, 'redis'), db: 2, username: 'fanout-2', tls: null },
    'redis://admin:PASSWORD@redis:6379',
  ],
])(
  'the users of %s get addresses that the roles read, and an admin an address for redis-cli',
  (_, address, expected, ofAdmin) => {
    const file = usersAt(address);
    const { password, ...read } = parseRedisAddress({ REDIS_URL: file('redis-fanout') });
    expect(read).toMatchObject(expected);
    const hash = createHash('sha256').update(String(password)).digest('hex');
    expect(file('redis-users.acl')).toContain(`user ${read.username} on #${hash} `);
    expect(file('redis-worker').split('@')[1]).toBe(file('redis-fanout').split('@')[1]);
    expect(file('redis-admin').replace(/:[^:@]*@/, ':PASSWORD@')).toBe(ofAdmin);
  },
);
