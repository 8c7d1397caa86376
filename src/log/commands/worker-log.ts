import type { Command, CommandKind } from '../../item/command.ts';

export type AppendOutcome =
  | {
      readonly type: 'appended';
      readonly seq: number;
      /** Whether the command had been appended before. */
      readonly seen: boolean;
      /** The entry's link of the chain, hex; empty if `seen`. */
      readonly hash: string;
      readonly followUps: readonly Due[];
    }
  | { readonly type: 'early'; readonly waitMs: number }
  /** A command that was due before it still is; only for an append in turn. */
  | { readonly type: 'behind' }
  | { readonly type: 'refused'; readonly problem: string };

/** A command that is waiting for its time or for a worker. */
export interface Due {
  readonly commandId: string;
  readonly dueAt: number;
  readonly kind: CommandKind;
}

/** Where to go on among what is due, which stays where it is while others leave: behind `skip` of those that are due at `dueAt`. */
export interface DueCursor {
  readonly dueAt: number;
  readonly skip: number;
}

/** What the worker needs of the log. */
export interface WorkerLog {
  now(): number;
  /** Parsed again here; rejects with a ParseError (unrecoverable) when the stored record is not a command. */
  command(edition: string, commandId: string): Promise<Command | null>;
  /** `inTurn`: not while a command of the edition that was due before it still is. What takes back has no turn. */
  append(command: Command, how?: { readonly inTurn: boolean }): Promise<AppendOutcome>;
  /** What was due before this command in its edition and still is, the oldest first. */
  dueBefore(command: Command, limit: number): Promise<readonly Due[]>;
  /** Accepted, past its due time by `olderThanMs`, and in neither log nor grave; from a cursor on, the oldest without one. */
  overdue(edition: string, olderThanMs: number, limit: number, from?: DueCursor): Promise<readonly Due[]>;
  /** The same, newest first. */
  newlyOverdue(edition: string, olderThanMs: number, limit: number): Promise<readonly Due[]>;
  /** Says again which form the data has where Redis lost it, so that processes that only read can start. */
  settleSchema(editions: readonly string[]): Promise<void>;
  /** Gives the edition a new epoch where a replica has found its history rewritten, and one where it has none. */
  settleEpoch(edition: string): Promise<void>;
  /** Marks what can never be appended (poison) as refused, so that the desk is told. */
  refuse(edition: string, commandId: string, problem: string): Promise<void>;
}
