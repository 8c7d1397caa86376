import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type GuardedRedis,
  makeRedisUsers,
  type RedisUser,
  redisUsers,
  startGuardedRedis,
} from '../resources/guarded-redis.ts';
import { connect } from '../resources/redis-server.ts';

type Call = readonly [string, ...string[]];

/** What no role may do. */
const ofTheServer: readonly Call[] = [
  ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'],
  ['CONFIG', 'REWRITE'],
  ['KEYS', '*'],
  ['SCAN', '0'],
  ['RANDOMKEY'],
  ['DBSIZE'],
  ['FLUSHALL'],
  ['FLUSHDB'],
  ['SWAPDB', '0', '1'],
  ['SELECT', '1'],
  ['SHUTDOWN', 'NOSAVE'],
  ['SAVE'],
  ['BGSAVE'],
  ['BGREWRITEAOF'],
  ['REPLICAOF', 'NO', 'ONE'],
  ['FAILOVER'],
  ['MONITOR'],
  ['SLOWLOG', 'GET'],
  ['LATENCY', 'RESET'],
  ['MEMORY', 'USAGE', 'fw:{en}:log'],
  ['CLIENT', 'LIST'],
  ['CLIENT', 'KILL', 'TYPE', 'pubsub'],
  ['CLIENT', 'PAUSE', '100'],
  ['CLIENT', 'NO-EVICT', 'on'],
  ['ACL', 'LIST'],
  ['ACL', 'SETUSER', 'fanout', 'allcommands'],
  ['ACL', 'LOAD'],
  ['MODULE', 'LIST'],
  ['FUNCTION', 'LIST'],
  ['SCRIPT', 'FLUSH'],
  ['PUBSUB', 'CHANNELS'],
  ['PSUBSCRIBE', '*'],
  ['MIGRATE', '127.0.0.1', '1', 'fw:keys', '0', '10'],
  ['RESTORE', 'fw:x', '0', 'x'],
  ['DUMP', 'fw:keys'],
  ['COPY', 'fw:keys', 'fw:copy'],
  ['SORT', 'fw:keys'],
  ['OBJECT', 'ENCODING', 'fw:keys'],
  ['GET', 'elsewhere'],
  ['SET', 'elsewhere', 'x'],
  ['GET', 'fw2:schema'],
  ['PUBLISH', 'elsewhere', 'x'],
  ['SUBSCRIBE', '__keyspace@0__:*'],
];

const perRole: Readonly<Record<'fanout' | 'api' | 'worker', readonly Call[]>> = {
  fanout: [
    ['EVAL', 'return 1', '0'],
    ['EVAL_RO', 'return 1', '0'],
    ['EVALSHA', '0'.repeat(40), '0'],
    ['FCALL', 'f', '0'],
    ['SCRIPT', 'LOAD', 'return 1'],
    ['CONFIG', 'GET', 'requirepass'],
    ['XADD', 'fw:{en}:log', '*', 'a', 'b'],
    ['XDEL', 'fw:{en}:log', '1-0'],
    ['XTRIM', 'fw:{en}:log', 'MAXLEN', '0'],
    ['DEL', 'fw:{en}:log'],
    ['UNLINK', 'fw:{en}:meta'],
    ['EXPIRE', 'fw:{en}:meta', '1'],
    ['RENAME', 'fw:{en}:meta', 'fw:{en}:suspect'],
    ['HSET', 'fw:{en}:meta', 'seq', '1'],
    ['HSET', 'fw:{en}:text:1', '1', 'forged'],
    ['ZADD', 'fw:{en}:shown', '1', 'x'],
    ['INCR', 'fw:{en}:suspect'],
    ['APPEND', 'fw:{en}:suspect', 'x'],
    ['DEL', 'fw:{en}:suspect'],
    ['GET', 'fw:{en}:suspect'],
    ['SET', 'fw:{en}:suspect', 'x', 'GET'],
    ['SET', 'fw:{fr}:suspect', 'x'],
    ['SET', 'fw:{en}:meta', 'x'],
    ['SET', 'fw:schema', '9'],
    ['SET', 'fw:stop', 'x'],
    ['HGETALL', 'fw:key:boot'],
    ['SMEMBERS', 'fw:keys'],
    ['GET', 'fw:session:x'],
    ['HGETALL', 'fw:stop'],
    ['HGETALL', 'fw:{en}:command:c_1'],
    ['HGETALL', 'fw:{en}:versions:1'],
    ['ZRANGE', 'fw:{en}:due', '0', '-1'],
    ['XRANGE', 'fw:{en}:audit', '-', '+'],
    ['GET', 'fw:{en}:idempotency:k:1'],
    ['GET', 'fw:idempotency:k:1'],
    ['HGETALL', 'fw:roll'],
    ['HSET', 'fw:roll', 'p', '{}'],
    ['DEL', 'fw:roll'],
    ['HGETALL', 'fw:{en}:queue:publish:1'],
    ['LRANGE', 'fw:{en}:queue:publish:wait', '0', '-1'],
    ['PUBLISH', 'fw:{en}:entries', '{}'],
    ['PUBLISH', 'fw:{en}:outcomes', 'c_1'],
    ['SUBSCRIBE', 'fw:{en}:outcomes'],
    ['SUBSCRIBE', 'fw:{en}:entries', 'fw:{en}:outcomes'],
    ['SPUBLISH', 'fw:rollcall', 'x'],
  ],
  api: [
    ['XADD', 'fw:{en}:log', '*', 'a', 'b'],
    ['DEL', 'fw:{en}:log'],
    ['XRANGE', 'fw:{en}:log', '-', '+'],
    ['XTRIM', 'fw:{en}:log', 'MAXLEN', '0'],
    ['HSET', 'fw:{en}:text:1', '1', 'forged'],
    ['HGET', 'fw:{en}:text:1', '1'],
    ['EXPIRE', 'fw:{en}:text:1', '1'],
    ['ZADD', 'fw:{en}:shown', '1', 'x'],
    ['SET', 'fw:{en}:suspect', 'x'],
    ['PUBLISH', 'fw:{en}:entries', '{}'],
    ['PUBLISH', 'fw:rollcall', '{}'],
    ['SUBSCRIBE', 'fw:{en}:entries'],
    ['EVAL', "return redis.call('XADD', KEYS[1], '*', 'a', 'b')", '1', 'fw:{en}:log'],
    ['EVAL', "return redis.call('XADD', 'fw:{en}:log', '*', 'a', 'b')", '0'],
    ['EVAL', "return redis.call('PUBLISH', 'fw:{en}:entries', '{}')", '0'],
    ['EVAL', "return redis.call('FLUSHALL')", '0'],
  ],
  worker: [
    ['DEL', 'fw:{_site}:audit'],
    ['XADD', 'fw:{_site}:audit', '*', 'a', 'b'],
    ['XTRIM', 'fw:{_site}:audit', 'MAXLEN', '0'],
    ['EXPIRE', 'fw:{_site}:audit', '1'],
    ['RENAME', 'fw:{_site}:audit', 'fw:{en}:audit'],
    ['RENAMENX', 'fw:{_site}:audit', 'fw:audit'],
    ['HSET', 'fw:{_site}:meta', 'audit', 'x'],
    ['DEL', 'fw:{_sign-ins}:audit'],
    ['DEL', 'fw:idempotency:k:1'],
    ['HSET', 'fw:key:mine', 'hash', 'x'],
    ['HGETALL', 'fw:key:boot'],
    ['SADD', 'fw:keys', 'mine'],
    ['GET', 'fw:session:x'],
    ['SET', 'fw:session:x', 'boot'],
    ['DEL', 'fw:stop'],
    ['HSET', 'fw:stop', 'by', 'me'],
    ['HGETALL', 'fw-test:{en}:meta'],
    ['PUBLISH', 'fw:rollcall', '{}'],
    ['SUBSCRIBE', 'fw:{en}:entries'],
    ['EVAL', "return redis.call('HSET', 'fw:key:mine', 'hash', 'x')", '0'],
    ['EVAL', "return redis.call('FLUSHALL')", '0'],
  ],
};

let server: GuardedRedis;
beforeAll(async () => {
  server = await startGuardedRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

describe.each(['fanout', 'api', 'worker'] as const)('%s', (user) => {
  test('a Redis user is denied everything outside of its role', async () => {
    using admin = connect(server.url('admin'));
    await admin.redis.set('fw:keep', 'me');
    const rules = await admin.redis.acl('LIST');
    using own = connect(server.url(user));
    const calls = [...ofTheServer, ...perRole[user]];
    const replies = await Promise.all(
      calls.map(([command, ...args]) => own.redis.call(command, ...args).then(String, (error: Error) => error.message)),
    );
    const allowed = calls.flatMap((call, at) =>
      /^NOPERM |^ERR (The user executing the script can't|ACL failure in script)/.test(replies[at] ?? '')
        ? []
        : [`${call.join(' ')}: ${replies[at]}`],
    );
    expect(allowed).toEqual([]);
    expect(await admin.redis.keys('*')).toEqual(['fw:keep']);
    expect(await admin.redis.acl('LIST')).toEqual(rules);
    expect(await admin.redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  });

  test('a Redis user has no dangerous command except read-only ones', async () => {
    using admin = connect(server.url('admin'));
    const dangerous = new Set((await admin.redis.acl('CAT', 'dangerous')) as string[]);
    const found = await commandsOf(admin.redis, user);
    expect(found.filter((name) => dangerous.has(name) || dangerous.has(name.split('|')[0] ?? ''))).toEqual(
      user === 'fanout' ? ['info', 'role'] : ['config|get', 'info', 'role'],
    );
  });
});

/** Names of the commands that a user may run, selectors left out. */
async function commandsOf(admin: Redis, user: RedisUser): Promise<readonly string[]> {
  const fields = (await admin.acl('GETUSER', user)) as unknown[];
  const rules = String(fields[fields.indexOf('commands') + 1]).split(' ');
  expect(rules).toContain('-@all');
  return rules.flatMap((rule) => (rule.startsWith('+') ? [rule.slice(1)] : [])).sort();
}

/** Scripts of BullMQ that a role runs: what one of them is refused in its middle leaves a half of its work in Redis. */
const bullScripts = {
  api: /^(addStandardJob|addDelayedJob|pause)-/,
  worker:
    /^(addStandardJob|addDelayedJob|pause|moveTo(Active|Delayed|Finished)|moveStalledJobsToWait|extendLocks?|releaseLock|retryJob|reprocessJob|promote|getState|getStateV2|isFinished|saveStacktrace)-/,
};

test.each(['api', 'worker'] as const)(
  '%s may run every command that the scripts of BullMQ name, also the rare ones',
  async (user) => {
    using admin = connect(server.url('admin'));
    const folder = 'node_modules/bullmq/dist/esm/scripts';
    const scripts = readdirSync(folder).filter((name) => name.endsWith('.js') && bullScripts[user].test(name));
    expect(scripts.length).toBeGreaterThanOrEqual(user === 'api' ? 3 : 15);
    const known = new Set(((await admin.redis.call('COMMAND', 'LIST')) as string[]).map((name) => name.toLowerCase()));
    const named = scripts.flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const called = [...text.matchAll(/call\(\s*['"](\w+)['"]/g)].map(([, command]) => (command ?? '').toLowerCase());
      // A command that stands in a variable is written in capitals.
      const inCapitals = [...text.matchAll(/['"]([A-Z]{3,})['"]/g)].map(([, word]) => (word ?? '').toLowerCase());
      return [...called, ...inCapitals.filter((word) => known.has(word))];
    });
    const allowed = await commandsOf(admin.redis, user);
    expect([...new Set(named)].filter((command) => !allowed.includes(command))).toEqual([]);
  },
);

test('a connection without a password or with a wrong one is refused', async () => {
  const hello = async (url: string) => {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
    const heard: string[] = [];
    redis.on('error', (error) => heard.push(error.message));
    await redis.connect().catch(() => undefined);
    const reply = await redis.ping().catch((error: Error) => error.message);
    redis.disconnect();
    return [reply, ...heard].join(' ');
  };
  const at = `127.0.0.1:${server.port}`;
  expect(await hello(`redis://${at}`)).not.toContain('PONG');
  for (const user of [...redisUsers, 'default', 'nobody'])
    expect(await hello(`redis://${user}:wrong@${at}`), user).not.toContain('PONG');
  for (const user of redisUsers) expect(await hello(server.url(user)), user).toContain('PONG');
});

test('the users of another database work in that one and on its channels only', async () => {
  await using other = await startGuardedRedis(undefined, 1);
  using fanout = connect(other.url('fanout'));
  using worker = connect(other.url('worker'));
  expect(new URL(other.url('worker')).username).toBe('worker-1');
  await fanout.redis.subscribe('fw:{en}:entries@1', 'fw:rollcall@1');
  const heard = once(fanout.redis, 'message');
  await worker.redis.hset('fw:{en}:meta', 'seq', '1');
  await worker.redis.publish('fw:{en}:entries@1', '{}');
  expect(await heard).toEqual(['fw:{en}:entries@1', '{}']);
  for (const refused of [
    () => worker.redis.publish('fw:{en}:entries', '{}'),
    () => worker.redis.publish('fw:{en}:entries@2', '{}'),
    () => worker.redis.select(2),
    () => fanout.redis.subscribe('fw:{en}:entries'),
  ])
    await expect(refused()).rejects.toThrow('NOPERM');
  using admin = connect(`${other.url('admin')}/1`);
  expect(await admin.redis.keys('*')).toEqual(['fw:{en}:meta']);
});

test('each user has its own password, which is in the folder only and which a second run keeps', async () => {
  const rules = readFileSync(join(server.folder, 'redis-users.acl'), 'utf8');
  const passwords = redisUsers.map((user) => new URL(server.url(user)).password);
  expect(new Set(passwords).size).toBe(redisUsers.length);
  for (const password of passwords) {
    expect(password.length).toBeGreaterThanOrEqual(43);
    expect(rules).not.toContain(password);
  }
  expect((await stat(server.folder)).mode & 0o777).toBe(0o700);
  const key = readFileSync(join(server.folder, 'bootstrap-key'), 'utf8');
  expect(await makeRedisUsers(server.folder, 'elsewhere:6379')).not.toContain(passwords[0]);
  expect(readFileSync(join(server.folder, 'redis-users.acl'), 'utf8')).toBe(rules);
  expect(readFileSync(join(server.folder, 'bootstrap-key'), 'utf8')).toBe(key);
});
