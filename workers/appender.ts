import type { Logger } from 'pino';
import { type Command, commandKinds, isUrgent } from '../src/item/command.ts';
import type { AppendOutcome, OpenCommand, WorkerLog } from '../src/log/commands/worker-log.ts';
import { ParseError } from '../src/log/entries/reply.ts';
import { clockErrorMs } from '../src/log/redis/redis-clock.ts';
import type { BullPublisher } from '../src/queue/bull-publisher.ts';
import type { Publisher } from '../src/queue/publisher.ts';
import { kindOfRefusal, type WorkerCounters } from './counters.ts';

export interface AppenderDeps {
  readonly edition: string;
  readonly log: WorkerLog;
  readonly publisher: Pick<Publisher, 'enqueue'> & Pick<BullPublisher, 'revive'>;
  readonly logger: Logger;
  readonly counters: WorkerCounters;
}

/** What became of a command. */
export type Fate =
  | Exclude<AppendOutcome, { readonly type: 'appended' }>
  | { readonly type: 'appended'; readonly seq: number }
  /** Only a newer worker can read it. */
  | { readonly type: 'newer' };

interface Asked {
  resolve(fate: Fate): void;
  reject(error: unknown): void;
}

const urgentKinds: ReadonlySet<string> = new Set(commandKinds.filter(isUrgent));

/**
 * How many commands one script appends. Redis runs no other command during a script: 32 commands take it 1.7 ms, 64 take 3.3 ms for a third
 * more appends a second, 128 take 7.2 ms for none (Redis 7.0, 2 cores, the best of 15).
 */
const batchSize = 32;
/**
 * How long a worker leaves a wake-up to the worker that appended last in this edition, ms. All workers hear it, and the ones that
 * come too late only cost Redis. From POST to append 99 % take 8 to 14 ms, half of them 3.8 ms (bench api, idle); a worker that
 * has died delays one item by this time.
 */
const leaveToLeaderMs = 10;
/** How often a run reads again what it could not append in turn. Then the command goes back to the queue. */
const mostWithoutAppend = 3;
/** After a failover the subscriber may be ready before the connection that appends. */
const drainAgainMs = 1_000;

/**
 * Appends what is due in an edition, withholdings and retractions first, then by turns, a batch in each script. In one process one
 * run does it at a time; in several processes the script decides whose turn it is. A command that fails by its own record, or that
 * only a newer worker can read, is passed by the others. What triggers a run may be lost, doubled or late, because every run
 * appends all that is due.
 */
export class Appender {
  readonly #deps: AppenderDeps;
  /** By command, who waits to hear what became of it. */
  readonly #asked = new Map<string, readonly Asked[]>();
  #isRunning = false;
  #lastRun: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** Whether this worker appended last here, as far as it knows. */
  #isLeader = true;
  #isWoken = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: AppenderDeps) {
    this.#deps = deps;
  }

  /** Appends what is due; says what became of this command. `behind`: others have to go first. Rejects if Redis fails. */
  append(commandId: string): Promise<Fate> {
    return new Promise((resolve, reject) => {
      this.#asked.set(commandId, [...(this.#asked.get(commandId) ?? []), { resolve, reject }]);
      this.#start();
    });
  }

  /** A command was accepted just now. If this fails, its job triggers the append. */
  wake(commandId: string, kind: string): void {
    if (this.#isClosed) return;
    // The list of due commands may be long: what waits for nothing is named.
    if (this.#isRunning && urgentKinds.has(kind)) this.#asked.set(commandId, this.#asked.get(commandId) ?? []);
    else if (this.#isRunning) this.#isWoken = true;
    else if (this.#isLeader) this.#appendWoken(commandId);
    else this.#timer ??= setTimeout(() => this.#appendWoken(commandId), leaveToLeaderMs);
  }

  /** Appends all that is due: what was accepted before this worker heard of it. Tries again until Redis answers. */
  drain(): void {
    if (this.#isClosed) return;
    this.#isWoken = true;
    this.#start();
  }

  /** Resolves once the run under way has ended. Wake-ups start no further one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#lastRun;
  }

  #start(): void {
    if (!this.#isRunning) this.#lastRun = this.#run();
  }

  #appendWoken(commandId: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { edition, logger } = this.#deps;
    this.append(commandId).catch((error: unknown) =>
      logger.warn({ edition, commandId, err: error }, 'command not appended yet'),
    );
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const passed = new Set<string>();
    let withoutAppend = 0;
    for (let isMore = false; isMore || this.#isWoken || this.#asked.size > 0; ) {
      const asked = [...this.#asked];
      const isWoken = this.#isWoken;
      this.#asked.clear();
      this.#isWoken = false;
      try {
        const { fates, appended, isFull } = await this.#batch(new Map(asked), passed);
        withoutAppend = appended > 0 ? 0 : withoutAppend + 1;
        const isBehind = [...fates.values()].some(({ type }) => type === 'behind');
        isMore = ((isFull && appended > 0) || (isBehind && withoutAppend < mostWithoutAppend)) && !this.#isClosed;
        for (const [id, waiting] of asked) {
          const fate = fates.get(id) ?? { type: 'behind' };
          if (fate.type === 'behind' && isMore) this.#asked.set(id, [...waiting, ...(this.#asked.get(id) ?? [])]);
          else for (const { resolve } of waiting) resolve(fate);
        }
      } catch (error) {
        isMore = false;
        if (isWoken) setTimeout(() => this.drain(), drainAgainMs).unref();
        for (const [, waiting] of asked) for (const { reject } of waiting) reject(error);
      }
    }
    this.#isRunning = false;
  }

  /** `isFull`: more may be due than this batch has. */
  async #batch(asked: ReadonlyMap<string, unknown>, passed: Set<string>) {
    const { log, edition } = this.#deps;
    const limit = batchSize + passed.size;
    const open = await log.open(edition, limit, [...asked.keys()]);
    const isLong = open.filter(({ dueAt }) => dueAt !== null).length === limit;
    const fates = new Map<string, Fate>();
    const ready: Command[] = [];
    for (const found of open) {
      const read = await this.#read(found, isLong);
      if ('type' in read) fates.set(found.commandId, read);
      else if (!passed.has(read.id) || asked.has(read.id)) ready.push(read);
      if ('type' in read && read.type === 'newer') passed.add(found.commandId);
    }
    const urgent = ready.filter(({ kind }) => isUrgent(kind));
    const batch = [...urgent, ...ready.filter(({ kind }) => !isUrgent(kind))].slice(0, batchSize);
    const outcomes = batch.length === 0 ? [] : await log.appendAll(edition, batch, [...passed]);
    let appended = 0;
    const finished: Promise<void>[] = [];
    const isOwn = (outcome: AppendOutcome) => outcome.type === 'appended' && !outcome.seen;
    const isSeen = (fate: Fate) => fate.type === 'appended';
    if (outcomes.some(isOwn)) this.#isLeader = true;
    else if ([...fates.values(), ...outcomes].some(isSeen)) this.#isLeader = false;
    for (const [at, command] of batch.entries()) {
      const outcome = outcomes[at];
      if (!outcome) continue;
      fates.set(command.id, outcome);
      if (outcome.type === 'failed') passed.add(command.id);
      if (outcome.type === 'appended' || outcome.type === 'refused') appended++;
      const { hasJob = false } = open.find(({ commandId }) => commandId === command.id) ?? {};
      finished.push(this.#finish(command, outcome, hasJob));
    }
    await Promise.all(finished);
    return { fates, appended, isFull: isLong || ready.length > batchSize };
  }

  /** A command that this batch may append, or what is already known to become of it. */
  async #read({ commandId, dueAt, command }: OpenCommand, isLong: boolean): Promise<Command | Fate> {
    const { log, edition, logger } = this.#deps;
    if (command === 'newer') return { type: 'newer' };
    if (command === null || command instanceof ParseError) {
      const problem = command === null ? 'unknown-command' : 'unreadable-command';
      logger.error(
        { edition, commandId, ...(command && { err: command }) },
        command ? 'command unreadable' : 'command unknown',
      );
      return this.#refuse(commandId, problem);
    }
    const { state, seq, problem } = command;
    if (state === 'published' && seq !== null) return { type: 'appended', seq };
    if (state === 'refused') return { type: 'refused', problem: problem ?? 'unknown-command' };
    const waitMs = command.dueAt - log.now(edition);
    if (dueAt === null && waitMs > clockErrorMs) return { type: 'early', waitMs };
    return dueAt === null && isLong && !isUrgent(command.kind) ? { type: 'behind' } : command;
  }

  async #finish(command: Command, outcome: AppendOutcome, hasJob: boolean): Promise<void> {
    const { edition, logger, counters, publisher } = this.#deps;
    const { id: commandId, itemId, kind, dueAt } = command;
    if (outcome.type === 'refused') {
      logger.info({ edition, commandId, itemId, problem: outcome.problem }, 'command refused');
      if (kindOfRefusal(outcome.problem) === 'broken') await this.#refuse(commandId, outcome.problem);
      else counters.refused.overtaken++;
    }
    if (outcome.type !== 'appended') return;
    if (!outcome.seen) counters.appended++;
    // The reconciler repeats what fails here.
    const warn = (done: string) => (error: unknown) => logger.warn({ edition, commandId, err: error }, done);
    if (hasJob) await publisher.revive(edition, { commandId, dueAt, kind }).catch(warn('failed job not retried yet'));
    for (const due of outcome.followUps) await publisher.enqueue(edition, due).catch(warn('follow-up not queued yet'));
  }

  async #refuse(commandId: string, problem: string): Promise<Fate> {
    const { log, edition, counters } = this.#deps;
    await log.refuse(edition, commandId, problem);
    counters.refused.broken++;
    return { type: 'refused', problem };
  }
}
