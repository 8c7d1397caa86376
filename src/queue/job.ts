import { z } from 'zod';
import { canaryEdition } from '../item/canary.ts';
import { type CommandKind, isUrgent } from '../item/command.ts';
import type { Due } from '../log/commands/worker-log.ts';
import { clockErrorMs } from '../log/redis/redis-clock.ts';
import { type QueueKeys, queueKeys } from '../log/redis/redis-keys.ts';

/** A job names its command and never has a text, so that a retraction has nothing to erase here. */
const version1 = z.strictObject({ v: z.literal(1), edition: z.string().min(1), commandId: z.string().min(1) });

/** Every version that this program reads: the one that it writes, and earlier ones of which jobs may wait. */
const jobSchema = z.discriminatedUnion('v', [version1]);

/** The fields that every version has, so that an earlier program recognises a job that it must leave. */
const newerSchema = z.looseObject({ v: z.int().gt(1), edition: z.string().min(1), commandId: z.string().min(1) });

export type JobData = z.infer<typeof jobSchema>;

export type JobReading =
  | { readonly type: 'job'; readonly data: JobData }
  /** Of a later version: a newer worker reads it. */
  | { readonly type: 'newer'; readonly version: number }
  /** No worker can read it. */
  | { readonly type: 'unreadable'; readonly why: string };

export function readJob(data: unknown): JobReading {
  const known = jobSchema.safeParse(data);
  if (known.success) return { type: 'job', data: known.data };
  const newer = newerSchema.safeParse(data);
  if (newer.success) return { type: 'newer', version: newer.data.v };
  return { type: 'unreadable', why: known.error.issues[0]?.message ?? 'unreadable' };
}

/** Every command of an edition except withholdings and retractions. append.lua decides about their order. */
export const publishQueue = 'publish';
/** Withholdings and retractions of an edition, which wait for no other command. */
export const urgentQueue = 'urgent';

/**
 * Logs and metrics name a queue by its tag: the edition for publications, `<edition>:urgent` for withholdings and retractions. The
 * id of an edition has no colon.
 */
export function urgentTag(edition: string): string {
  return `${edition}:${urgentQueue}`;
}

/**
 * The queue that 0.2 uses for withholdings and retractions of all editions. Workers empty it too, so that an api of that version
 * works beside them while a site is upgraded or rolled back.
 */
export const sharedUrgentTag = urgentTag(urgentQueue);

/** The tag of a command's queue. STOP never holds the canary, so its commands need only one queue. */
export function tagOf(edition: string, kind: CommandKind): string {
  return isUrgent(kind) && edition !== canaryEdition.id ? urgentTag(edition) : edition;
}

/** Every queue that a worker takes from. */
export function tagsOf(editions: readonly string[]): readonly string[] {
  return [...new Set([...editions, ...editions.map((edition) => tagOf(edition, 'retract')), sharedUrgentTag])];
}

/** The edition of a queue, and its name within the edition. */
export function queueOf(tag: string): { readonly edition: string; readonly name: string } {
  const ending = `:${urgentQueue}`;
  return tag.endsWith(ending)
    ? { edition: tag.slice(0, -ending.length), name: urgentQueue }
    : { edition: tag, name: publishQueue };
}

/** BullMQ's keys of the queue with this tag. */
export function keysOfQueue(prefix: string, tag: string): QueueKeys {
  const { edition, name } = queueOf(tag);
  return queueKeys(prefix, edition, name);
}

/** Twenty attempts, 0.2 s to 5 s apart, take about a minute and a half. Then the reconciler takes over. */
const attempts = 20;

/** Attempts of a job whose own command is at fault: about three seconds. Then it is a dead letter, and the desk shows the refusal. */
export const poisonAttempts = 5;

export const maxBackOffMs = 5_000;

/** ms until attempt `made + 1`: 200 ms doubled, at most 5 s, half of it jitter. */
export function backOffMs(made: number, random: () => number = Math.random): number {
  const ceiling = Math.min(200 * 2 ** (made - 1), maxBackOffMs);
  return Math.round(ceiling * (0.5 + random() / 2));
}

/** How many jobs a command may have one after the other: its own, and those from the reconciler. */
export const maxGenerations = 100;

/** Job id of a command's nth job. No ':' and never all digits (BullMQ takes neither): a command id has a letter in it. */
export function jobIdOf(commandId: string, generation: number): string {
  return generation === 0 ? commandId : `${commandId}_${generation}`;
}

/** A job has two short ids, so a larger one is not ours. */
const maxJobBytes = 4_096;

/**
 * The options of a job. A command that is due now gets no delay, because the clock is only an estimate and a job delayed by 1 ms is
 * overtaken by the next one. If the job runs too early, the append sends it back by Redis' own clock.
 */
export function jobOptions(due: Due, now: number, jobId: string) {
  const waitMs = due.dueAt - now;
  return {
    jobId,
    delay: waitMs > clockErrorMs ? waitMs : 0,
    attempts,
    backoff: { type: 'custom' },
    removeOnComplete: { age: 3_600, count: 1_000 },
    removeOnFail: false,
    sizeLimit: maxJobBytes,
  } as const;
}
