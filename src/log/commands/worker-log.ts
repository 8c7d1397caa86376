import type { Command, CommandKind } from '../../item/command.ts';
import type { ParseError } from '../entries/reply.ts';

/** The part of the log that a worker uses. An append is idempotent. */
export interface WorkerLog {
  /** The clock of the Redis that has this edition as estimated here, ms. */
  now(edition: string): number;
  /** The stored command, parsed. Rejects with a ParseError (no retry helps) if its record is not a command. */
  command(edition: string, commandId: string): Promise<Command | null>;
  /** Appends a command that waits for no other. Rejects if its record, or the rules of Redis, do not allow it. */
  append(command: Command): Promise<Exclude<AppendOutcome, { readonly type: 'failed' }>>;
  /**
   * The oldest commands that are due, or almost, in the order of their turns, at most `limit`. Behind them the named commands that
   * are not among these.
   */
  open(edition: string, limit: number, named: readonly string[]): Promise<readonly OpenCommand[]>;
  /**
   * Appends these commands in this order, in one script: what others see of it is all or nothing. No publish or correction is
   * appended while STOP holds the edition, or while an older command is open that is neither among them nor `passed`. Withholdings
   * and retractions wait for nothing. Safe to call again, and in several workers at once.
   */
  appendAll(
    edition: string,
    commands: readonly Command[],
    passed: readonly string[],
  ): Promise<readonly AppendOutcome[]>;
  /**
   * Commands that are past their due time by `olderThanMs`, and neither appended nor refused nor cancelled. Oldest first; from a
   * cursor on, if there is one.
   */
  overdue(edition: string, olderThanMs: number, limit: number, from?: DueCursor): Promise<readonly Due[]>;
  /** The same, newest first. */
  newlyOverdue(edition: string, olderThanMs: number, limit: number): Promise<readonly Due[]>;
  /** Writes the schema version again if Redis lost it, so that processes that only read can start. */
  settleSchema(editions: readonly string[]): Promise<void>;
  /** Gives the edition an epoch if it has none, and a new one if a replica found its history rewritten. */
  settleEpoch(edition: string): Promise<void>;
  /** Gives Redis the script with which fan-outs read, which it loses at a restart or a failover, and which they may not give it. */
  keepReadScript(edition: string): Promise<void>;
  /** Refuses a command that can never be appended, so that the desk shows it. */
  refuse(edition: string, commandId: string, problem: string): Promise<void>;
}

export type AppendOutcome =
  | {
      readonly type: 'appended';
      readonly seq: number;
      /** Whether the command had been appended before. */
      readonly seen: boolean;
      /** The entry's link of the chain, hex; empty if `seen`. */
      readonly hash: string;
      /** Commands that time will cause. */
      readonly followUps: readonly Due[];
    }
  | { readonly type: 'early'; readonly waitMs: number }
  /** A command that was due before is still open. */
  | { readonly type: 'behind' }
  /** STOP holds it. */
  | { readonly type: 'held' }
  | { readonly type: 'refused'; readonly problem: string }
  /** Its own record, or the rules of Redis, do not allow it. A retry finds out what was written. */
  | { readonly type: 'failed'; readonly error: Error };

/** A command of the list of due commands, or one that was named. */
export interface OpenCommand {
  readonly commandId: string;
  /** Redis' clock, ms; null: it is not among the oldest that are due. */
  readonly dueAt: number | null;
  /** Null: there is no such command. `newer`: only a newer worker can read it. */
  readonly command: Command | ParseError | 'newer' | null;
  /** Whether Redis has its job; false for a named command. */
  readonly hasJob: boolean;
}

/** A command that waits for its due time or for a worker. */
export interface Due {
  readonly commandId: string;
  /** Redis' clock, ms. */
  readonly dueAt: number;
  readonly kind: CommandKind;
}

/** Where to continue in the list of due commands: after `skip` of those that are due at `dueAt`. The list changes meanwhile. */
export interface DueCursor {
  readonly dueAt: number;
  readonly skip: number;
}
