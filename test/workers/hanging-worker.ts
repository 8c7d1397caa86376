import { pino } from 'pino';
import { createWorkerLog } from '../../src/log/commands/redis-worker-log.ts';
import { Shards } from '../../src/log/redis/shards.ts';
import { type ConnectionKind, connectRedis } from '../../src/ops/redis/redis.ts';
import { BullPublisher } from '../../src/queue/bull-publisher.ts';
import { startWorkers } from '../../workers/workers.ts';
import { addressOf } from '../resources/redis-server.ts';

/**
 * A worker that takes jobs and never finishes one: `node hanging-worker.mjs <redis url> <prefix>`. Writes `working` once it
 * can take jobs and the command's id once it has one in hand. For killing.
 */
const [url = '', prefix = ''] = process.argv.slice(2);
const connect = (kind: ConnectionKind, name: string) => connectRedis(addressOf(url), kind, name, () => undefined);
const [redis, queue] = [connect('command', 'log'), connect('command', 'queue')];
await Promise.all([redis, queue].map((one) => new Promise((resolve) => one.once('ready', resolve))));
const shards = new Shards(redis, prefix, ['en']);
await shards.start();
const editions = ['en', 'ar'];
const log = createWorkerLog({ shards, prefix, entriesKept: 10_000, itemDays: 1 });
await startWorkers({
  log: {
    ...log,
    appendAll: (_edition, commands) => {
      for (const { id } of commands) process.stdout.write(`${id}\n`);
      return new Promise(() => undefined);
    },
  },
  publisher: new BullPublisher({
    connection: queue,
    prefix,
    editions,
    now: (edition) => shards.of(edition).clock.now(),
    onError: () => undefined,
  }),
  subscriber: connect('subscriber', 'wake-ups'),
  connect: (name) => connect('blocking', name),
  prefix,
  editions,
  logger: pino({ level: 'silent' }),
});
process.stdout.write('working\n');
