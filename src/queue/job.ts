import { z } from 'zod';
import { canaryEdition } from '../item/canary.ts';
import { type CommandKind, isUrgent } from '../item/command.ts';
import type { Due } from '../log/commands/worker-log.ts';
import { type QueueKeys, queueKeys } from '../log/redis/redis-keys.ts';

/** What a job carries: where its command stands, never its text, so that a retraction has nothing to erase here. */
const version1 = z.strictObject({ v: z.literal(1), edition: z.string().min(1), commandId: z.string().min(1) });

/** Every version that this program reads: the one that it writes, and the one before that while jobs of it may wait. */
const jobSchema = z.discriminatedUnion('v', [version1]);

/** What every version keeps, so that a program of the version before knows a job that it must leave alone. */
const newerSchema = z.looseObject({ v: z.int().gt(1), edition: z.string().min(1), commandId: z.string().min(1) });

export type JobData = z.infer<typeof jobSchema>;

export type JobReading =
  | { readonly type: 'job'; readonly data: JobData }
  /** Of a version that came after this program: a newer worker reads it. */
  | { readonly type: 'newer'; readonly version: number }
  /** No worker will ever read it. */
  | { readonly type: 'unreadable'; readonly why: string };

export function readJob(data: unknown): JobReading {
  const known = jobSchema.safeParse(data);
  if (known.success) return { type: 'job', data: known.data };
  const newer = newerSchema.safeParse(data);
  if (newer.success) return { type: 'newer', version: newer.data.v };
  return { type: 'unreadable', why: known.error.issues[0]?.message ?? 'unreadable' };
}

/** What an edition publishes and corrects, in the order acknowledged. */
export const publishQueue = 'publish';
/** What an edition withholds and retracts: nothing stands in front of it. */
export const urgentQueue = 'urgent';

/**
 * Logs and metrics name a queue by its tag: the edition for what it publishes, `<edition>:urgent` for what takes back. No id of an
 * edition has a colon.
 */
export function urgentTag(edition: string): string {
  return `${edition}:${urgentQueue}`;
}

/**
 * The queue that the versions before this one share among all editions for what takes back. Workers empty it too, so that an
 * api of that version works beside them while a site is upgraded or rolled back.
 */
export const sharedUrgentTag = urgentTag(urgentQueue);

/** The queue of a command. The canary is never held, so its commands have one queue. */
export function tagOf(edition: string, kind: CommandKind): string {
  return isUrgent(kind) && edition !== canaryEdition.id ? urgentTag(edition) : edition;
}

/** Every queue that a worker takes from. */
export function tagsOf(editions: readonly string[]): readonly string[] {
  return [...new Set([...editions, ...editions.map((edition) => tagOf(edition, 'retract')), sharedUrgentTag])];
}

/** The edition in whose slot a queue stands, and which of its two it is. */
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

/** Twenty attempts from 0.2 s up to 5 s apart are about a minute and a half; then the reconciler takes over. */
const attempts = 20;

/** Those of a job whose failure lies in what it carries: about three seconds, then it is a dead letter and the desk is told. */
export const poisonAttempts = 5;

export const maxBackOffMs = 5_000;

/** ms until attempt `made + 1`: 200 ms doubled, at most 5 s, half of it jitter. */
export function backOffMs(made: number, random: () => number = Math.random): number {
  const ceiling = Math.min(200 * 2 ** (made - 1), maxBackOffMs);
  return Math.round(ceiling * (0.5 + random() / 2));
}

/** How many jobs a command may have had one after the other: its own, and those the reconciler gave it. */
export const maxGenerations = 100;

/** Job id of a command's nth job. No ':' and never all digits (BullMQ takes neither): a command id has a letter in it. */
export function jobIdOf(commandId: string, generation: number): string {
  return generation === 0 ? commandId : `${commandId}_${generation}`;
}

/** A job carries two ids: what is larger is none of ours. */
const maxJobBytes = 4_096;

/** An estimate of Redis' clock that was made in a busy moment is off by so much at most. */
const clockErrorMs = 250;

/**
 * When a job that has been asked for is next, and for how long it stays in sight. What is due at once must not wait for an
 * estimated clock: a job that is delayed by 1 ms is overtaken by the one behind it. One that comes too early is sent back
 * by the append, which has Redis' own clock.
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
