import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { monotonicFactory } from 'ulid';
import type { AcceptRequest, CommandStatus, DeskLog } from '../../src/log/commands/desk-log.ts';
import { createDeskLog } from '../../src/log/commands/redis-desk-log.ts';
import { createWorkerLog } from '../../src/log/commands/redis-worker-log.ts';
import type { WorkerLog } from '../../src/log/commands/worker-log.ts';
import type { LogReader } from '../../src/log/entries/log-reader.ts';
import { createLogReader } from '../../src/log/entries/redis-log-reader.ts';
import { RedisClock } from '../../src/log/redis/redis-clock.ts';
import { type ConnectionKind, connectRedis } from '../../src/ops/redis/redis.ts';
import { BullPublisher } from '../../src/queue/bull-publisher.ts';
import { startWorkers, type Workers } from '../../workers/workers.ts';
import { bodyOf, facets } from '../log/edition-log.ts';
import { ownPrefix } from '../redis-server.ts';

export type Asked = Partial<AcceptRequest> & Pick<AcceptRequest, 'action' | 'itemId'>;

/** Desk, queue and log of one test, connected as the real processes are; workers run once they are asked for. */
export interface Newsroom extends AsyncDisposable {
  readonly prefix: string;
  readonly redis: Redis;
  readonly desk: DeskLog;
  readonly worker: WorkerLog;
  readonly reader: LogReader;
  readonly publisher: BullPublisher;
  /** Every line that the workers logged. */
  readonly lines: readonly string[];
  newId(): string;
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
  /** Opens the connection of a worker; an ordinary one if left out. */
  readonly connect?: (name: string) => Redis;
  readonly onStuck?: (tag: string) => void;
  /** Stands between the workers and the log: what Redis does to an append at a bad moment. */
  readonly between?: (log: WorkerLog) => WorkerLog;
}

export async function openNewsroom(url: string, options: NewsroomOptions = {}): Promise<Newsroom> {
  const connections: Redis[] = [];
  const connect = (kind: ConnectionKind, name: string) => {
    const redis = connectRedis(url, kind, name, () => undefined);
    connections.push(redis);
    return redis;
  };
  const prefix = ownPrefix();
  const [redis, queue, outcomes] = [
    connect('command', 'log'),
    connect('command', 'queue'),
    connect('subscriber', 'outcomes'),
  ];
  await Promise.all([redis, queue].map((one) => new Promise((resolve) => one.once('ready', resolve))));
  const clock = new RedisClock(redis);
  await clock.start();
  const { editions = ['en', 'ar'] } = options;
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const desk = createDeskLog({ redis, subscriber: outcomes, clock, prefix, editions, itemDays: 400 });
  const { noticeMs, connect: connectWorker, onStuck, between = (own) => own } = options;
  const log = createWorkerLog({
    redis,
    clock,
    prefix,
    entriesKept: 10_000,
    itemDays: 1,
    ...(noticeMs !== undefined && { noticeMs }),
  });
  const publisher = new BullPublisher({
    connection: queue,
    prefix,
    editions,
    now: () => clock.now(),
    onError: () => undefined,
  });
  const running: Workers[] = [];
  const newId = monotonicFactory();

  const acceptOnly = async (request: Asked) => {
    const outcome = await desk.accept({
      commandId: `c_${newId().toLowerCase()}`,
      edition: 'en',
      body: bodyOf('A line'),
      facets,
      by: { keyId: 'key1', name: 'Night desk' },
      deadlineMs: clock.now() + 2_000,
      ...request,
    });
    if (outcome.type === 'refused') throw new Error(`refused: ${outcome.problem}`);
    return outcome;
  };

  return {
    prefix,
    redis,
    desk,
    worker: log,
    reader: createLogReader({ redis, prefix }),
    publisher,
    lines,
    newId,
    work: async () => {
      const workers = await startWorkers({
        log: between(log),
        publisher,
        connect: connectWorker ?? ((name) => connect('blocking', name)),
        prefix,
        editions,
        logger,
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
      await publisher.close();
      clock.stop();
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
