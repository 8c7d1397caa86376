import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redisErrorKind } from '../../../src/log/redis/redis-error.ts';
import { editionKeys } from '../../../src/log/redis/redis-keys.ts';
import { connectRedis, whenReady } from '../../../src/ops/redis/redis.ts';
import { until } from '../../resources/flashwire.ts';
import { watchLateness } from '../../resources/lateness.ts';
import { addressOf, ownPrefix, type RedisServer, startRedis } from '../../resources/redis-server.ts';
import { ResourceStack } from '../../resources/resource-stack.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';

const stack = new ResourceStack();
const settings = [
  '--save',
  '',
  '--appendonly',
  'no',
  '--repl-diskless-sync-delay',
  '0',
  '--repl-ping-replica-period',
  '1',
];
let primary: RedisServer;
let replica: RedisServer;
let log: EditionLog;
let admin: Redis;
let isFailingOver = false;

beforeAll(async () => {
  primary = stack.use(await startRedis(settings));
  replica = stack.use(await startRedis([...settings, '--replicaof', `127.0.0.1 ${new URL(primary.url).port}`]));
  log = stack.use(await openReplicated());
  admin = new Redis(primary.url);
  stack.defer(() => admin.disconnect());
  await connected();
});

afterAll(() => stack[Symbol.asyncDispose]());

async function openReplicated(prefix = ownPrefix(), url = primary.url, needed: number | null = 1): Promise<EditionLog> {
  const [publishes, takedowns] = ['publishes', 'takedowns'].map((name) =>
    connectRedis(addressOf(url), 'command', name, () => undefined),
  ) as [Redis, Redis];
  await Promise.all([publishes, takedowns].map(whenReady));
  const replicated = { publishes, takedowns, needed: () => needed, isFailingOver: () => isFailingOver };
  const opened = await openEditionLog(primary.url, { prefix, replicated });
  const close = async () => {
    await opened[Symbol.asyncDispose]();
    for (const redis of [publishes, takedowns]) redis.disconnect();
  };
  return { ...opened, [Symbol.asyncDispose]: close };
}

/** An online replica may still be reading its first copy. */
const confirms = async () => {
  const wrote = await admin.set('probe', '').catch(() => null);
  return wrote === 'OK' && (await admin.wait(1, 500)) === 1;
};
const connected = () => until(confirms, 20_000, 'the replica confirms');

/** Runs `during` while the replica has not got what the primary writes. */
async function cutOff<Value>(during: () => Promise<Value>): Promise<Value> {
  // The kernel would keep the stream for a replica that only stands still.
  process.kill(replica.pid, 'SIGSTOP');
  await admin.call('CLIENT', 'KILL', 'TYPE', 'replica');
  try {
    return await during();
  } finally {
    process.kill(replica.pid, 'SIGCONT');
    await connected();
  }
}

/** Runs `during` while the replica is connected and confirms nothing. */
async function frozen<Value>(during: () => Promise<Value>): Promise<Value> {
  process.kill(replica.pid, 'SIGSTOP');
  try {
    return await during();
  } finally {
    process.kill(replica.pid, 'SIGCONT');
    await connected();
  }
}

const publish = (key?: string, more = {}, to = log) =>
  to.accept({
    action: 'publish',
    itemId: to.newId(),
    body: bodyOf('A line'),
    ...(key !== undefined && { idempotency: { key, fingerprint: 'same' } }),
    ...more,
  });
const kindOf = (outcome: Promise<unknown>) => outcome.then((value) => value, redisErrorKind);

/** Asks again, as a client does: on a busy machine a replica may need longer than a second. */
async function accepted(key: string, more = {}) {
  for (;;) {
    const outcome = await kindOf(publish(key, more));
    if (outcome !== 'unknown') return outcome as { readonly commandId: string; readonly id: string };
  }
}

test('what is accepted is at the replica', async () => {
  const outcome = await accepted('first');
  expect(outcome).toMatchObject({ type: 'accepted', state: 'queued' });
  const copy = new Redis(replica.url);
  const { commandId } = outcome;
  expect(await copy.exists(editionKeys(log.prefix, 'en').command(commandId))).toBe(1);
  copy.disconnect();
});

test('without the replica an acceptance is unknown and stays, and a retry is unknown until the replica has it', async () => {
  const itemId = log.newId();
  await cutOff(async () => {
    const startedAt = performance.now();
    expect(await kindOf(publish('cut', { itemId }))).toBe('unknown');
    expect(await kindOf(publish('cut', { itemId }))).toBe('unknown');
    expect(performance.now() - startedAt).toBeGreaterThan(1_900);
    expect(await log.desk.item('en', itemId)).toMatchObject({ state: 'queued' });
  });
  expect(await accepted('cut')).toMatchObject({ type: 'accepted', replayed: true, id: itemId });
});

test('a retry over a new connection does not count what only the primary has', async () => {
  const itemId = log.newId();
  await cutOff(async () => {
    expect(await kindOf(publish('new', { itemId }))).toBe('unknown');
    await using other = await openReplicated(log.prefix);
    expect(await kindOf(publish('new', {}, other))).toBe('unknown');
  });
});

test('a retry over a new connection is unknown where Redis refuses its EXPIRE', async () => {
  await admin.call('ACL', 'SETUSER', 'few', 'on', '>secret', '~*', '&*', '+@all', '-expire');
  const url = primary.url.replace('//', '//few:secret@');
  await frozen(async () => {
    expect(await kindOf(publish('no expire'))).toBe('unknown');
    await using other = await openReplicated(log.prefix, url);
    expect(await kindOf(publish('no expire', {}, other))).toBe('unknown');
  });
  await using other = await openReplicated(log.prefix, url);
  expect(await kindOf(publish('no expire', {}, other))).toBe('unknown');
  expect(await accepted('no expire')).toMatchObject({ replayed: true });
});

test('while nobody knows how many replicas are needed, an acceptance is unknown', async () => {
  await using other = await openReplicated(log.prefix, primary.url, null);
  const request = { action: 'publish', itemId: other.newId(), body: bodyOf('A line') } as const;
  expect(await kindOf(other.accept(request))).toBe('unknown');
});

test('a refusal is a refusal without the replica', async () => {
  expect(await cutOff(() => publish(undefined, { deadlineMs: 1 }))).toEqual({
    type: 'refused',
    problem: 'past-deadline',
  });
});

test('a publish that waits does not delay a retraction', async () => {
  const { id: itemId } = await accepted('to retract');
  await cutOff(async () => {
    const waiting = [publish(), publish(), publish()].map(kindOf);
    const lateness = watchLateness();
    const startedAt = performance.now();
    expect(await kindOf(log.accept({ action: 'retract', itemId, reason: 'wrong' }))).toBe('unknown');
    expect(performance.now() - startedAt).toBeLessThan(1_500 + lateness());
    await Promise.all(waiting);
  });
});

test('with min-replicas-to-write nothing is accepted without the replica', async () => {
  await admin.config('SET', 'min-replicas-to-write', '1');
  const itemId = log.newId();
  expect(await cutOff(() => kindOf(publish('none', { itemId })))).toBe('not-written');
  await admin.config('SET', 'min-replicas-to-write', '0');
  expect(await log.desk.item('en', itemId)).toBeNull();
});

test('with min-replicas-to-write a retry of what the primary has is unknown, over every connection, and another request is refused', async () => {
  await admin.config('SET', 'min-replicas-to-write', '1', 'min-replicas-max-lag', '2');
  try {
    await frozen(async () => {
      expect(await kindOf(publish('lag'))).toBe('unknown');
      const refuses = async () => (await admin.set('refused', '').catch(String)).startsWith('ReplyError: NOREPLICAS');
      await until(refuses, 10_000, 'the primary refuses writes');
      await using other = await openReplicated(log.prefix);
      for (const to of [log, other]) expect(await kindOf(publish('lag', {}, to))).toBe('unknown');
      expect(await kindOf(publish('other'))).toBe('not-written');
    });
  } finally {
    await admin.config('SET', 'min-replicas-to-write', '0', 'min-replicas-max-lag', '10');
  }
  expect(await accepted('lag')).toMatchObject({ replayed: true });
});

test('what replicas confirm while another one is made primary is unknown', async () => {
  isFailingOver = true;
  expect(await kindOf(publish('failover'))).toBe('unknown');
  isFailingOver = false;
  expect(await accepted('failover')).toMatchObject({ type: 'accepted', replayed: true });
});

test('a primary that has lost the script gets it again, with its WAIT', async () => {
  await admin.script('FLUSH');
  expect(await publish()).toMatchObject({ type: 'accepted' });
  await admin.script('FLUSH');
  expect(await cutOff(() => kindOf(publish()))).toBe('unknown');
});
