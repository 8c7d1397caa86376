import type { Command, CommandKind } from '../../item/command.ts';

/** The part of the log that a worker uses. An append is idempotent. */
export interface WorkerLog {
  /** The clock of the Redis that has this edition as estimated here, ms. */
  now(edition: string): number;
  /** The stored command, parsed. Rejects with a ParseError (no retry helps) if its record is not a command. */
  command(edition: string, commandId: string): Promise<Command | null>;
  /** `inTurn`: not while a command of the edition that was due before is open. Withholdings and retractions do not wait. */
  append(command: Command, how?: { readonly inTurn: boolean }): Promise<AppendOutcome>;
  /** Open commands of the edition that were due before this one, oldest first. */
  dueBefore(command: Command, limit: number): Promise<readonly Due[]>;
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
  /** A command that was due before is still open. Only for an append in turn. */
  | { readonly type: 'behind' }
  | { readonly type: 'refused'; readonly problem: string };

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
