import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { type RedisErrorKind, redisErrorKind } from '../../../src/log/redis/redis-error.ts';
import { connectRedis } from '../../../src/ops/redis/redis.ts';
import { addressOf, startRedis } from '../../resources/redis-server.ts';

const inScript = 'script: 872bc6701b4ac00ebb820e81652ffe2b4bc16f1b, on @user_script:1.';

/** As Redis 7.0.15 and ioredis 6.0.0 word them; the test below asks both. */
const messages: readonly (readonly [RedisErrorKind, string])[] = [
  ['not-written', "OOM command not allowed when used memory > 'maxmemory'."],
  ['not-written', `OOM command not allowed when used memory > 'maxmemory'. ${inScript}`],
  ['not-written', "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."],
  ['not-written', 'MISCONF Errors writing to the AOF file: No space left on device'],
  ['not-written', "READONLY You can't write against a read only replica."],
  ['not-written', `READONLY You can't write against a read only replica. ${inScript}`],
  ['not-written', 'LOADING Redis is loading the dataset in memory'],
  ['not-written', 'NOREPLICAS Not enough good replicas to write.'],
  ['not-written', `NOREPLICAS Not enough good replicas to write. ${inScript}`],
  ['not-written', "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
  ['not-written', 'CLUSTERDOWN Hash slot not served'],
  ['not-written', 'CLUSTERDOWN The cluster is down'],
  ['not-written', 'MOVED 1234 127.0.0.1:7001'],
  ['not-written', 'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'],
  ['not-written', `ERR Script killed by user with SCRIPT KILL... ${inScript}`],
  ['not-written', 'EXECABORT Transaction discarded because of previous errors.'],
  ['not-written', 'ERR max number of clients reached'],
  ['not-written', "Stream isn't writeable and enableOfflineQueue options is false"],
  ['unknown', 'Connection is closed.'],
  ['unknown', 'Command timed out'],
  ['unknown', 'Command aborted due to connection close'],
  [
    'unknown',
    'Reached the max retries per request limit (which is 1). Refer to "maxRetriesPerRequest" option for details.',
  ],
  ['unknown', "Socket timeout. Expecting data, but didn't receive any in 3000ms."],
  ['unknown', 'read ECONNRESET'],
  ['unknown', 'write EPIPE'],
  ['unknown', 'connect ECONNREFUSED 127.0.0.1:6379'],
  ['unknown', 'connect ETIMEDOUT'],
  ['denied', "NOPERM this user has no permissions to run the 'set' command"],
  ['denied', 'NOPERM this user has no permissions to access one of the keys used as arguments'],
  ['denied', 'NOAUTH Authentication required.'],
  ['denied', 'WRONGPASS invalid username-password pair or user is disabled.'],
  ['denied-in-script', `ERR The user executing the script can't run this command or subcommand ${inScript}`],
  [
    'denied-in-script',
    `ERR ACL failure in script: User api has no permissions to run the 'set' command ${inScript}`, // Redis 7.2
  ],
  ['wrong-type', 'WRONGTYPE Operation against a key holding the wrong kind of value'],
  ['wrong-type', `WRONGTYPE Operation against a key holding the wrong kind of value ${inScript}`],
  ['no-script', 'NOSCRIPT No matching script. Please use EVAL.'],
  ['failed-in-script', `ERR user_script:1: attempt to concatenate a nil value ${inScript}`],
  ['other', 'DAMAGED fw:{en}:meta is a list'],
  ['other', "ERR unknown command 'EVALSHA', with args beginning with: "],
  // Words that look like a code do not count elsewhere in a message.
  ['other', "Cannot read properties of undefined (reading 'room')"],
  ['other', 'the upload is READONLY and LOADING'],
];

test.each(messages)('an error means %s: %s', (kind, message) => {
  expect(redisErrorKind(new Error(message))).toBe(kind);
});

test('a thrown value that is not an Error means other', () => {
  expect(redisErrorKind('OOM command not allowed')).toBe('other');
  expect(redisErrorKind(undefined)).toBe('other');
});

const write = "return redis.call('SET', KEYS[1], '1')";

/** Every rejection of a command and of a script that runs it, while Redis is set up so. */
async function kindsOf(...commands: readonly (() => Promise<unknown>)[]): Promise<readonly RedisErrorKind[]> {
  const outcomes = await Promise.allSettled(commands.map((run) => run()));
  return outcomes.map((outcome) => {
    if (outcome.status === 'fulfilled') throw new Error(`not rejected: ${String(outcome.value)}`);
    return redisErrorKind(outcome.reason);
  });
}

describe('redisErrorKind with a real Redis', () => {
  test('an error means not-written when Redis takes no writes, of a command and of a script', async () => {
    await using server = await startRedis(['--save', '', '--appendonly', 'no', '--dbfilename', 'snapshot']);
    const redis = new Redis(server.url);
    const writes = () =>
      kindsOf(
        () => redis.set('a', '1'),
        () => redis.eval(write, 1, 'a'),
        () => redis.multi().set('a', '1').exec(),
      );
    const refused = ['not-written', 'not-written', 'not-written'];
    await redis.config('SET', 'maxmemory', '1');
    expect(await writes(), 'OOM').toEqual(refused);
    await redis.config('SET', 'maxmemory', '0');
    await redis.config('SET', 'min-replicas-to-write', '1');
    expect(await writes(), 'NOREPLICAS').toEqual(refused);
    await redis.config('SET', 'min-replicas-to-write', '0');
    const [, dir = ''] = (await redis.config('GET', 'dir')) as string[];
    await mkdir(join(dir, 'snapshot'));
    await redis.config('SET', 'save', '3600 1');
    await redis.bgsave();
    await expect.poll(() => redis.info('persistence')).toContain('rdb_last_bgsave_status:err');
    expect(await writes(), 'MISCONF').toEqual(refused);
    await redis.config('SET', 'save', '');
    await redis.replicaof('127.0.0.1', 1);
    expect(await writes(), 'READONLY').toEqual(refused);
    await redis.config('SET', 'replica-serve-stale-data', 'no');
    expect(await writes(), 'MASTERDOWN').toEqual(refused);
    await redis.replicaof('NO', 'ONE');
    expect(await redis.exists('a')).toBe(0);
    redis.disconnect();
  });

  test('an error means not-written while a script keeps Redis busy, and for a script that was killed', async () => {
    await using server = await startRedis();
    const [redis, other] = [new Redis(server.url), new Redis(server.url)];
    await Promise.all([redis.ping(), other.config('SET', 'busy-reply-threshold', '1')]);
    const endless = kindsOf(() => redis.eval('while true do end', 0));
    await expect.poll(() => other.set('a', '1').catch(redisErrorKind)).toBe('not-written');
    await other.script('KILL');
    expect(await endless).toEqual(['not-written']);
    for (const connection of [redis, other]) connection.disconnect();
  });

  test('an error means denied for a command of the user, and denied-in-script for a command of a script', async () => {
    await using server = await startRedis();
    const admin = new Redis(server.url);
    await admin.call('ACL', 'SETUSER', 'u', 'on', '>p', '~a*', '&a*', '+@all', '-set');
    const redis = new Redis(server.url.replace('//', '//u:p@'));
    expect(
      await kindsOf(
        () => redis.set('a', '1'),
        () => redis.get('b'),
        () => redis.publish('b', 'x'),
        () => redis.eval('return 1', 1, 'b'),
        () => redis.multi().set('a', '1').exec(),
      ),
    ).toEqual(['denied', 'denied', 'denied', 'denied', 'denied']);
    const publish = "redis.call('HSET', KEYS[1], 'has', 'written') return redis.call('PUBLISH', 'b', 'x')";
    expect(
      await kindsOf(
        () => redis.eval(write, 1, 'a'),
        () => redis.eval("return redis.call('GET', 'b')", 1, 'a'),
        () => redis.eval(publish, 1, 'a'),
      ),
    ).toEqual(['denied-in-script', 'denied-in-script', 'denied-in-script']);
    expect(await admin.hget('a', 'has')).toBe('written');
    for (const connection of [redis, admin]) connection.disconnect();
  });

  test('an error means wrong-type, no-script or failed-in-script', async () => {
    await using server = await startRedis();
    const redis = new Redis(server.url);
    await redis.lpush('list', 'one');
    expect(
      await kindsOf(
        () => redis.get('list'),
        () => redis.eval("return redis.call('GET', KEYS[1])", 1, 'list'),
        () => redis.evalsha('0'.repeat(40), 0),
        () => redis.eval('return nil .. 1', 0),
        () => redis.eval("return redis.error_reply('DAMAGED x')", 0),
      ),
    ).toEqual(['wrong-type', 'wrong-type', 'no-script', 'failed-in-script', 'other']);
    redis.disconnect();
  });
});

describe('redisErrorKind with ioredis, connected as the api role is', () => {
  test('an error means unknown for a command that was sent, and not-written for one that was not', async () => {
    await using server = await startRedis();
    const redis = connectRedis(addressOf(server.url), 'command', 'errors', () => undefined);
    await new Promise((resolve) => redis.once('ready', resolve));
    process.kill(server.pid, 'SIGSTOP');
    expect(
      await kindsOf(
        () => redis.set('a', '1'),
        () => redis.multi().set('a', '1').exec(),
      ),
    ).toEqual(['unknown', 'unknown']);
    const inFlight = kindsOf(() => redis.set('a', '1'));
    const closed = new Promise((resolve) => redis.once('close', resolve));
    await server.kill();
    await closed;
    expect(await kindsOf(() => redis.set('a', '1'))).toEqual(['not-written']);
    expect(await inFlight).toEqual(['unknown']);
    redis.disconnect();
  });

  test('an error means unknown after a connection has ended, because commands in flight get the same message', async () => {
    await using server = await startRedis();
    const redis = connectRedis(addressOf(server.url), 'command', 'errors', () => undefined);
    await new Promise((resolve) => redis.once('ready', resolve));
    const inFlight = kindsOf(() => redis.blpop('nothing', 0));
    const ended = new Promise((resolve) => redis.once('end', resolve));
    redis.disconnect();
    await ended;
    expect(await inFlight).toEqual(['unknown']);
    expect(await kindsOf(() => redis.set('a', '1'))).toEqual(['unknown']);
  });

  test('an error means unknown when the retries of a request are used up', async () => {
    const redis = new Redis('redis://127.0.0.1:1', { maxRetriesPerRequest: 0, retryStrategy: () => 1 });
    redis.on('error', () => undefined);
    expect(await kindsOf(() => redis.get('a'))).toEqual(['unknown']);
    redis.disconnect();
  });
});
