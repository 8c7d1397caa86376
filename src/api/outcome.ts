import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { AcceptOutcome, CommandStatus, DeskLog } from '../log/commands/desk-log.ts';
import type { Publisher } from '../queue/publisher.ts';
import { type Warning, warningsRefused } from './guards/warnings.ts';
import { ProblemError } from './http-problem.ts';
import { appliedOf, preferencesOf } from './request.ts';

export interface OutcomeDeps {
  /** The first part of every path. */
  readonly base: '/v1' | '/v1/test';
  readonly log: DeskLog;
  readonly publisher: Publisher;
  readonly logger: Logger;
}

/** How long a POST waits for the queue, ms. After that the reconciler of the worker adds the job. */
const enqueueWithinMs = 1_000;

/**
 * Answers an acceptance: a refused command is never executed, an accepted one is executed once. With `Prefer: wait` the response is
 * `okStatus` with `seq`, 409 if the append refused the command, or 202 if the wait ended or the item waits for its time.
 */
export async function answerOutcome(
  { base, log, publisher, logger }: OutcomeDeps,
  request: Request,
  response: Response,
  edition: string,
  outcome: AcceptOutcome,
  okStatus: 200 | 201,
  /** Found after the item is in the queue, so that they delay no line. */
  warnings?: () => readonly Warning[],
): Promise<void> {
  if (outcome.type === 'refused') throw refusal(outcome, warnings?.());
  const { id, version, state, commandId, dueAt, kind } = outcome;
  if (!outcome.replayed && (state === 'queued' || state === 'held' || state === 'scheduled')) {
    await within(enqueueWithinMs, publisher.enqueue(edition, { commandId, dueAt, kind })).catch((error: unknown) =>
      logger.warn({ edition, commandId, err: error }, 'accepted command not queued yet'),
    );
  }
  const found = warnings?.();
  const statusUrl = `${base}/commands/${edition}/${commandId}`;
  response.set('location', statusUrl).set('cache-control', 'no-store');
  const preferences = preferencesOf(request);
  const waitMs = preferences.wait * 1_000;
  const applied = appliedOf(preferences);
  if (applied !== '') response.set('preference-applied', applied);
  const status: CommandStatus = (waitMs > 0 && (await settledOrNot(log, edition, commandId, waitMs))) || {
    id,
    version,
    state,
    ...(outcome.seq !== null && { seq: outcome.seq }),
  };
  if (status.state === 'refused')
    throw new ProblemError(
      'refused-later',
      `The command was accepted, then refused at the append: ${status.problem ?? 'the reason is unknown'}.`,
    );
  const isDone = waitMs > 0 && status.state === 'published';
  response
    .status(isDone ? okStatus : status.state === 'cancelled' ? 200 : 202)
    .json({ ...status, statusUrl, ...(found && { warnings: found }) });
}

export function versionMismatch(newest: number | undefined): ProblemError {
  return new ProblemError(
    'version-mismatch',
    `The newest version is ${newest ?? 'another one'}. Read the item again, then repeat the change.`,
  );
}

/** The command is accepted already: if the log cannot be read now, the response is 202, never an error. */
async function settledOrNot(
  log: DeskLog,
  edition: string,
  commandId: string,
  waitMs: number,
): Promise<CommandStatus | null> {
  return log.settled(edition, commandId, waitMs).catch(() => null);
}

function refusal(
  { problem, version, state, flashes }: Extract<AcceptOutcome, { type: 'refused' }>,
  warnings: readonly Warning[] = [],
): ProblemError {
  switch (problem) {
    case 'past-deadline':
      return new ProblemError('unavailable', 'The log answered too late. Nothing was accepted. Try again.', [], 2);
    case 'item-not-found':
      return new ProblemError('not-found', 'This item does not exist.');
    case 'version-mismatch':
      return versionMismatch(version);
    case 'item-retracted':
      return new ProblemError('item-retracted', 'A retraction is permanent. Publish a new item with `replaces`.');
    case 'wrong-state':
      return new ProblemError(
        'wrong-state',
        `The item is ${state ?? 'in another state'} now. This action is not possible in that state.`,
      );
    case 'warnings-refused':
      return warningsRefused(warnings);
    case 'flash-fuse':
      return new ProblemError(
        'flash-fuse',
        `This edition had ${flashes ?? 'many'} flashes in the last minute. Nothing was accepted. To send this one as well, repeat the request with Prefer: confirm=flash-fuse.`,
        [],
        undefined,
        flashes,
      );
    case 'idempotency-mismatch':
      return new ProblemError(
        'idempotency-mismatch',
        'This Idempotency-Key was used for another request in the last 24 h. Use a new key for a new request.',
      );
    case 'publish-past':
      return pastTime('/publishAt', 'is more than a minute ago');
    case 'expires-past':
      return pastTime('/expiresAt', 'is before the time of publication');
    case 'id-in-use':
      return new ProblemError('unavailable', 'The new id is in use already. Nothing was accepted. Try again.', [], 1);
  }
}

export function pastTime(pointer: string, detail: string): ProblemError {
  return new ProblemError('invalid', 'A time is in the past. Nothing was accepted.', [{ pointer, detail }]);
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const timer = AbortSignal.timeout(ms);
  await Promise.race([
    work,
    new Promise<never>((_, reject) =>
      timer.addEventListener('abort', () => reject(new Error(`took longer than ${ms} ms`))),
    ),
  ]);
}
