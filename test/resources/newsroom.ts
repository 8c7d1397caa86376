import type { Redis } from 'ioredis';
import { pino } from 'pino';
import type { AcceptRequest, CommandStatus } from '../../src/log/commands/desk-log.ts';
import type { WorkerLog } from '../../src/log/commands/worker-log.ts';
import { type ConnectionKind, connectRedis, whenReady } from '../../src/ops/redis/redis.ts';
import { BullPublisher } from '../../src/queue/bull-publisher.ts';
import { startWorkers, type Workers } from '../../workers/workers.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../log/edition-log.ts';
import { addressOf } from './redis-server.ts';

export type Asked = Partial<AcceptRequest> & Pick<AcceptRequest, 'action' | 'itemId'>;

/** Desk, queue and log of one test, connected as the real processes are; workers run once they are asked for. */
export interface Newsroom extends AsyncDisposable, Pick<EditionLog, 'prefix' | 'redis' | 'desk' | 'reader' | 'newId'> {
  readonly publisher: BullPublisher;
  /** Every line that the workers logged. */
  readonly lines: readonly string[];
  work(): Promise<Workers>;
  /** Accepts, and enqueues as the desk does. Returns the command's id. */
  ask(request: Asked): Promise<string>;
  /** Accepts only: what the desk leaves behind when it dies before the queue has the job. */
  accept(request: Asked): Promise<string>;
  /** The command's status once it is out of the queue. */
  outcome(commandId: string, withinMs: number, edition?: string): Promise<CommandStatus | null>;
}

export interface NewsroomOptions {
  /** en and ar. */
  readonly editions?: readonly string[];
  readonly noticeMs?: number;
  /** Shared with another newsroom; one of its own if left out. */
  readonly prefix?: string;
  /** Opens the connection of a worker; an ordinary one if left out. */
  readonly connect?: (name: string) => Redis;
  readonly onStuck?: (tag: string) => void;
  /** Stands between the workers and the log: what Redis does to an append at a bad moment. */
  readonly between?: (log: WorkerLog) => WorkerLog;
}

export async function openNewsroom(url: string, options: NewsroomOptions = {}): Promise<Newsroom> {
  const { editions = ['en', 'ar'], noticeMs, prefix: shared, onStuck, between = (own) => own } = options;
  const log = await openEditionLog(url, {
    editions,
    ...(noticeMs !== undefined && { noticeMs }),
    ...(shared !== undefined && { prefix: shared }),
  });
  const { prefix, redis, desk, worker, reader, newId } = log;
  const connections: Redis[] = [];
  const connect = (kind: ConnectionKind, name: string) => {
    const connection = connectRedis(addressOf(url), kind, name, () => undefined);
    connections.push(connection);
    return connection;
  };
  const queue = connect('command', 'queue');
  await whenReady(queue);
  const publisher = new BullPublisher({
    connection: queue,
    prefix,
    editions,
    now: () => desk.now(),
    onError: () => undefined,
  });
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const running: Workers[] = [];

  const acceptOnly = async (request: Asked) => {
    const outcome = await log.accept({ body: bodyOf('A line'), ...request });
    if (outcome.type === 'refused') throw new Error(`refused: ${outcome.problem}`);
    return outcome;
  };

  return {
    ...{ prefix, redis, desk, reader, newId, publisher, lines },
    work: async () => {
      const workers = await startWorkers({
        log: between(worker),
        publisher,
        subscriber: connect('subscriber', 'wake-ups'),
        connect: options.connect ?? ((name) => connect('blocking', name)),
        ...{ prefix, editions, logger },
        ...(onStuck && { onStuck }),
      });
      running.push(workers);
      return workers;
    },
    accept: async (request) => (await acceptOnly(request)).commandId,
    ask: async (request) => {
      const { commandId, dueAt, kind, state } = await acceptOnly(request);
      if (state !== 'draft' && state !== 'cancelled')
        await publisher.enqueue(request.edition ?? 'en', { commandId, dueAt, kind });
      return commandId;
    },
    outcome: (commandId, withinMs, edition = 'en') => desk.settled(edition, commandId, withinMs),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(running.map((workers) => workers.close(2_000)));
      await publisher.close().catch(() => undefined); // its Redis may have been killed by the test
      await log[Symbol.asyncDispose]();
      for (const connection of connections) connection.disconnect();
    },
  };
}

/** Writes a job as no client of BullMQ would, and rings the bell for the worker. */
export async function writeRawJob(
  { redis, prefix }: Newsroom,
  id: string,
  fields: Record<string, string> | null,
): Promise<void> {
  const base = `${prefix}:{en}:queue:publish`;
  const job: Record<string, string> = { name: 'publish', opts: '{}', timestamp: '1', delay: '0', ...fields };
  if (fields) await redis.hset(`${base}:${id}`, job);
  await redis.lpush(`${base}:wait`, id);
  await redis.zadd(`${base}:marker`, 0, '0');
}
